using ProdOps.Servers.Secrets;

namespace ProdOps.Servers.Tests.Secrets;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("pass show repo", "pass|show|repo")]
    [InlineData("  a\t b\n", "a|b")]
    [InlineData("a 'b  c' d", "a|b  c|d")]
    [InlineData("a \"b 'c' d\"", "a|b 'c' d")]
    [InlineData("a b\\ c", "a|b c")]
    [InlineData("a 'b\\c' \"d\\\"e\\\\f\\x\"", "a|b\\c|d\"e\\f\\x")]
    [InlineData("a ''", "a|")]
    [InlineData("a--x='1 2'y", "a--x=1 2y")]
    public void Words_are_split_as_a_shell_splits_them(string line, string words) =>
        Assert.Equal(words.Split('|'), CommandLine.Split(line, backslashIsPath: false));

    [Theory]
    [InlineData(@"C:\bin\pass.exe show", @"C:\bin\pass.exe|show")]
    [InlineData(@"""C:\Program Files\pass.exe"" \""x\""", @"C:\Program Files\pass.exe|""x""")]
    public void On_Windows_a_backslash_is_part_of_a_path(string line, string words) =>
        Assert.Equal(words.Split('|'), CommandLine.Split(line, backslashIsPath: true));

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("''")]
    [InlineData("a 'b")]
    [InlineData("a \"b")]
    [InlineData("a \\")]
    public void What_cannot_be_split_is_refused(string line) =>
        Assert.Equal("SecretCommandInvalid", Assert.Throws<ProdOpsException>(() => CommandLine.Split(line, backslashIsPath: false)).ErrorId);
}

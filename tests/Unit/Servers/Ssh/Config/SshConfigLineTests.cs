using ProdOps.Servers.Ssh.Config;

namespace ProdOps.Servers.Tests.Ssh.Config;

public sealed class SshConfigLineTests
{
    [Theory]
    [InlineData("Port 22", "port", "22")]
    [InlineData("Port=22", "port", "22")]
    [InlineData("  port   =\t22 \r", "port", "22")]
    [InlineData("\"Port\" 22", "port", "22")]
    [InlineData("Host a b\tc # comment", "host", "a|b|c")]
    [InlineData("Host a#b", "host", "a#b")]
    [InlineData("IdentityFile \"~/my keys/id\"", "identityfile", "~/my keys/id")]
    [InlineData("IdentityFile '~/my keys/id'", "identityfile", "~/my keys/id")]
    [InlineData(@"IdentityFile ~/my\ keys/id", "identityfile", "~/my keys/id")]
    [InlineData(@"IdentityFile ""a\""b\\c\d""", "identityfile", @"a""b\c\d")]
    [InlineData("IdentityFile a\"b c\"d", "identityfile", "ab cd")]
    [InlineData("User \"\"", "user", "")]
    [InlineData("Port 22\f", "port", "22")]
    public void A_line_is_split_as_OpenSSH_splits_it(string line, string keyword, string arguments)
    {
        var parsed = SshConfigLine.Parse(line, out string? problem);
        Assert.Null(problem);
        Assert.Equal(keyword, parsed!.Keyword);
        Assert.Equal(arguments.Split('|'), parsed.Arguments);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("# Port 22")]
    [InlineData("  # Port 22")]
    [InlineData("\"Port 22")]
    public void A_line_can_say_nothing(string line)
    {
        Assert.Null(SshConfigLine.Parse(line, out string? problem));
        Assert.Null(problem);
    }

    [Theory]
    [InlineData("Port")]
    [InlineData("Port =")]
    [InlineData("User \"ann")]
    [InlineData("User 'ann")]
    public void A_line_can_be_wrong(string line)
    {
        Assert.Null(SshConfigLine.Parse(line, out string? problem));
        Assert.NotNull(problem);
    }

    [Theory]
    [InlineData("web1", "web*", true)]
    [InlineData("web1", "w?b?", true)]
    [InlineData("web1", "*", true)]
    [InlineData("web1", "**1", true)]
    [InlineData("web1", "*e*e*", false)]
    [InlineData("web1", "Web1", false)]
    [InlineData("", "*", true)]
    [InlineData("", "?", false)]
    [InlineData("a.b.c", "*.c", true)]
    [InlineData("aab", "*ab", true)]
    public void Patterns_are_those_of_OpenSSH(string text, string pattern, bool matches) => Assert.Equal(matches, SshPattern.Matches(text, pattern));

    [Theory]
    [InlineData("web1", "web*,db*", true)]
    [InlineData("web1", "!web1,*", false)]
    [InlineData("web1", "*,!web1", false)]
    [InlineData("web1", "!db1", false)]
    [InlineData("web1", "", false)]
    public void In_a_list_one_must_match_and_none_with_an_exclamation_mark(string text, string list, bool matches) =>
        Assert.Equal(matches, SshPattern.MatchesList(text, list));

    [Fact]
    public void A_pattern_of_many_stars_takes_no_time() =>
        Assert.False(SshPattern.Matches(new string('a', 5000), string.Concat(Enumerable.Repeat("*a", 200)) + "*b"));
}

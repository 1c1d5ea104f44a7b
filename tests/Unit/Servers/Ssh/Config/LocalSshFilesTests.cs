using ProdOps.Servers.Ssh.Config;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Ssh.Config;

public sealed class LocalSshFilesTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly LocalSshFiles _files = new();
    private readonly string _home = Directory.CreateTempSubdirectory("prodops-home-").FullName;

    public LocalSshFilesTests() => Directory.CreateDirectory(Path.Combine(_home, ".ssh", "conf.d"));

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [UnixFact]
    public void A_configuration_that_others_may_write_to_is_refused_as_ssh_refuses_it()
    {
        string path = Write("config", "User eve\n");
        Assert.Equal("eve", Resolve().User);
        Tool.SetMode(path, OwnerOnly | UnixFileMode.OtherWrite);
        var failure = Assert.Throws<ProdOpsException>(Resolve);
        Assert.Equal("SshConfigInsecure", failure.ErrorId);
        Assert.Contains($"chmod go-w '{path}'", failure.Recommendation);

        Tool.SetMode(path, OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        Assert.Equal("eve", Resolve().User);
        // A file that was named is the user's business; what it includes is not.
        Tool.SetMode(path, OwnerOnly | UnixFileMode.OtherWrite);
        Assert.Equal("eve", Resolve(path).User);
        string outer = Write("outer", $"Include {path}\n");
        Assert.Equal("SshConfigInsecure", Assert.Throws<ProdOpsException>(() => Resolve(outer)).ErrorId);
        Assert.Contains("Bad owner or permissions", Tool.Run("ssh", "-G", "-F", outer, "x").Error);
    }

    [RootFact("ssh")]
    public void A_group_may_write_to_a_configuration_if_nobody_but_the_owner_is_in_it()
    {
        string path = Write("config", "User eve\n");
        Tool.SetMode(path, OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        Tool.Succeed("chgrp", "0", path);
        Assert.Equal("eve", Resolve().User);
        Tool.Succeed("chgrp", "100", path);
        Assert.Equal("SshConfigInsecure", Assert.Throws<ProdOpsException>(Resolve).ErrorId);
        Assert.Contains("Bad owner or permissions", Tool.Run("ssh", "-G", "-F", Write("outer", $"Include {path}\n"), "x").Error);
    }

    [RootFact]
    public void A_configuration_of_another_user_is_refused()
    {
        string path = Write("config", "User eve\n");
        Tool.Succeed("chown", "1", path);
        Assert.Equal("SshConfigInsecure", Assert.Throws<ProdOpsException>(Resolve).ErrorId);
    }

    [Fact]
    public void Includes_are_found_beside_the_configuration_by_pattern_in_order()
    {
        Write("config", "Include conf.d/[0-9]*.conf ~/.ssh/absent\nInclude conf.d/hidden*\n");
        Write("conf.d/20.conf", "User second\nPort 20\n");
        Write("conf.d/10.conf", "User first\n");
        Write("conf.d/x.conf", "User never\nPort 99\n");
        Write("conf.d/.30.conf", "Port 98\n");
        var settings = Resolve();
        Assert.Equal(("first", 20), (settings.User, settings.Port));
        Assert.Equal($"{_home}/.ssh/conf.d/10.conf:1", settings.OriginOf("user"));
        Assert.Contains($"{_home}/.ssh/config:1: there is no ~/.ssh/absent to include", settings.Notes);
    }

    [UnixFact("/etc/ssh/ssh_config")]
    public void The_systems_own_configuration_is_understood()
    {
        Assert.Equal(22, SshConfigResolver.Resolve(new("prodops-example"), SshConfigEnvironment.Local(new LocalSshFiles()) with { Home = _home }).Port);
    }

    [Fact]
    public void A_file_that_cannot_be_read_or_is_too_large_is_told()
    {
        Directory.CreateDirectory(Path.Combine(_home, ".ssh", "folder"));
        Assert.Equal("SshConfigUnreadable", Assert.Throws<ProdOpsException>(() => Resolve(Path.Combine(_home, ".ssh", "folder"))).ErrorId);
        string large = Write("large", new string('#', SshConfigEnvironment.MaximumFileLength + 1));
        Assert.Contains("larger than 4 MiB", Assert.Throws<ProdOpsException>(() => Resolve(large)).Message);
    }

    [Fact]
    public void A_file_is_read_again_once_it_has_changed_and_not_before()
    {
        string path = Write("config", "Include conf.d/*.conf\nUser first\n");
        var text = _files.Read(path, checkOwner: true);
        Assert.Same(text, _files.Read(path, checkOwner: true));
        Assert.Same(text, _files.Read(path, checkOwner: false));
        Assert.Equal(("first", 22), (Resolve().User, Resolve().Port));

        var before = File.GetLastWriteTimeUtc(path);
        Write("config", "Include conf.d/*.conf\nUser other\n");
        File.SetLastWriteTimeUtc(path, before.AddMilliseconds(4));
        Assert.Equal("other", Resolve().User);
        Write("config", "Include conf.d/*.conf\nUser longer\n");
        File.SetLastWriteTimeUtc(path, before.AddMilliseconds(4));
        Assert.Equal("longer", Resolve().User);
        string included = Write("conf.d/new.conf", "Port 2222\n");
        Assert.Equal(2222, Resolve().Port);
        File.Delete(included);
        File.Delete(path);
        Assert.Equal((Environment.UserName, 22), (Resolve().User, Resolve().Port));
    }

    [UnixFact]
    public void A_file_that_was_read_is_refused_once_others_may_write_to_it()
    {
        string path = Write("config", "User eve\n");
        Assert.Equal("eve", Resolve().User);
        Tool.SetMode(path, OwnerOnly | UnixFileMode.OtherWrite);
        Assert.Equal("SshConfigInsecure", Assert.Throws<ProdOpsException>(Resolve).ErrorId);
    }

    [Theory]
    [InlineData("a*", "abc", true)]
    [InlineData("*", ".hidden", false)]
    [InlineData(".*", ".hidden", true)]
    [InlineData("[abc]x", "bx", true)]
    [InlineData("[!abc]x", "bx", false)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[]x]", "]", true)]
    [InlineData("[x", "[x", true)]
    [InlineData("a?c", "abc", true)]
    [InlineData(@"a\*", "a*", true)]
    [InlineData(@"a\*", "ab", false)]
    [InlineData("*b*d", "abcd", true)]
    public void A_pattern_of_files_is_what_glob_takes(string pattern, string name, bool matches) => Assert.Equal(matches, SshGlob.Matches(name, pattern));

    [Fact]
    public void Damaged_patterns_match_or_do_not()
    {
        var random = new Random(9);
        for (int round = 0; round < 10000; round++) SshGlob.Matches("abc.conf", Mutation.Of("*[a-c]?\\*[!x]", random));
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_home, ".ssh", name);
        File.WriteAllText(path, text);
        Tool.SetMode(path, OwnerOnly);
        return path;
    }

    private SshHostSettings Resolve() => Resolve(null);

    private SshHostSettings Resolve(string? configFile) =>
        SshConfigResolver.Resolve(new("web1") { ConfigFile = configFile }, SshConfigEnvironment.Local(_files) with { Home = _home, SystemFile = Path.Combine(_home, "none") });
}

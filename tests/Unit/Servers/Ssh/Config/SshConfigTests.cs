using System.Net.Sockets;
using ProdOps.Servers.Ssh.Config;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Ssh.Config;

public sealed class SshConfigTests
{
    [Fact]
    public void Without_a_file_OpenSSHs_defaults_hold()
    {
        var settings = SshConfigResolver.Resolve(new("Web1"), MemoryFiles.With(new MemoryFiles()));
        Assert.Equal(("web1", 22, "ann", "/run/agent"), (settings.HostName, settings.Port, settings.User, settings.IdentityAgent));
        Assert.Equal("/home/ann/.ssh/id_rsa", settings.IdentityFiles[0].Path);
        Assert.False(settings.IdentityFiles[0].Given);
        Assert.Equal(["/home/ann/.ssh/known_hosts", "/home/ann/.ssh/known_hosts2"], settings.UserKnownHostsFiles);
        Assert.Equal(["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"], settings.GlobalKnownHostsFiles);
        Assert.Equal(SshHostKeyPolicy.Strict, settings.StrictHostKeyChecking);
        Assert.Equal(AddressFamily.Unspecified, settings.AddressFamily);
        Assert.Empty(settings.ProxyJump);
        Assert.True(settings.Allows("publickey"));
    }

    [Fact]
    public void The_first_value_wins_and_the_place_it_came_from_is_known()
    {
        var files = new MemoryFiles
        {
            ["/home/ann/.ssh/config"] = "Host web*\n  Port 2222\nHost *\n  Port 22\n  User eve\n",
            ["/etc/ssh/ssh_config"] = "User root\nHashKnownHosts yes\n",
        };
        var settings = SshConfigResolver.Resolve(new("web1"), MemoryFiles.With(files));
        Assert.Equal((2222, "eve", true), (settings.Port, settings.User, settings.HashKnownHosts));
        Assert.Equal("/home/ann/.ssh/config:2", settings.OriginOf("port"));
        Assert.Equal("/etc/ssh/ssh_config:2", settings.OriginOf("hashknownhosts"));
        Assert.Equal("default", settings.OriginOf("hostname"));
    }

    [Fact]
    public void What_is_given_goes_before_the_files()
    {
        var settings = MemoryFiles.Resolve("User eve\nPort 1\nIdentityFile ~/two\nProxyJump hop\nUserKnownHostsFile ~/kh\nHostName other", new SshConfigRequest("web1")
        {
            User = "dan",
            Port = 2,
            HostName = "10.0.0.1",
            IdentityFiles = ["~/one"],
            ProxyJump = "none",
            UserKnownHostsFiles = ["/kh"],
            ConnectTimeout = TimeSpan.FromSeconds(3),
        });
        Assert.Equal(("dan", 2, "10.0.0.1"), (settings.User, settings.Port, settings.HostName));
        Assert.Equal(["/home/ann/one", "/home/ann/two"], settings.IdentityFiles.Select(file => file.Path));
        Assert.Empty(settings.ProxyJump);
        Assert.Equal(["/kh"], settings.UserKnownHostsFiles);
        Assert.Equal(TimeSpan.FromSeconds(3), settings.ConnectTimeout);
        Assert.Equal("given", settings.OriginOf("user"));
    }

    [Theory]
    [InlineData("IdentityFile ~/%h-%n-%p-%r-%u-%L-%l-%i-%%", "/home/ann/web.example-web1-22-eve-ann-desk-desk.example.org-1000-%")]
    [InlineData("IdentityFile %d/k", "/home/ann/k")]
    [InlineData("IdentityFile ~bob/k", "/home/bob/k")]
    [InlineData("IdentityFile ${KEYS}/k", "/keys/k")]
    [InlineData("IdentityFile $KEYS/k", "$KEYS/k")]
    public void Tokens_and_variables_are_expanded_in_paths(string line, string path) =>
        Assert.Equal(path, Assert.Single(MemoryFiles.Resolve($"HostName web.example\nUser eve\n{line}").IdentityFiles).Path);

    [Theory]
    [InlineData("IdentityFile %x")]
    [InlineData("IdentityFile a%")]
    [InlineData("IdentityFile ${NOT_SET}/k")]
    [InlineData("IdentityFile ${KEYS")]
    [InlineData("IdentityFile ~nobody-here/k")]
    [InlineData("HostName %p")]
    public void What_cannot_be_expanded_is_an_error_that_names_the_line(string line)
    {
        var failure = Assert.Throws<ProdOpsException>(() => MemoryFiles.Resolve("\n" + line));
        Assert.Equal("SshConfigInvalid", failure.ErrorId);
        Assert.Contains("/home/ann/.ssh/config:2", failure.Message);
    }

    [Theory]
    [InlineData("IdentityAgent none", null)]
    [InlineData("IdentityAgent SSH_AUTH_SOCK", "/run/agent")]
    [InlineData("IdentityAgent $OTHER_SOCK", "/run/other")]
    [InlineData("IdentityAgent ${OTHER_SOCK}", "/run/other")]
    [InlineData("IdentityAgent $NOT_SET", null)]
    [InlineData("IdentityAgent ~/agent", "/home/ann/agent")]
    public void The_agent_is_where_IdentityAgent_says(string line, string? socket) => Assert.Equal(socket, MemoryFiles.Resolve(line).IdentityAgent);

    [Theory]
    [InlineData("ProxyJump a,b@c:2", "a|b@c:2")]
    [InlineData("ProxyJump [fe80::1]:23", "[fe80::1]:23")]
    [InlineData("ProxyJump ssh://b@c:2/", "b@c:2")]
    [InlineData("ProxyJump none\nProxyJump a", "")]
    [InlineData("ProxyCommand none\nProxyJump a", "")]
    [InlineData("ProxyJump a # comment", "a")]
    [InlineData("ProxyJump=%h.gate", "web1.gate")]
    public void ProxyJump_is_a_list_of_hosts(string config, string hops) =>
        Assert.Equal(hops.Split('|', StringSplitOptions.RemoveEmptyEntries), MemoryFiles.Resolve(config).ProxyJump.Select(hop => hop.ToString()));

    [Fact]
    public void A_ProxyCommand_is_told_to_be_unsupported_where_it_stands()
    {
        var settings = MemoryFiles.Resolve("ProxyCommand nc %h %p\nProxyJump a");
        Assert.Empty(settings.ProxyJump);
        var failure = Assert.Throws<ProdOpsException>(settings.ThrowIfUnsupported);
        Assert.Equal("SshProxyCommandUnsupported", failure.ErrorId);
        Assert.Contains(".ssh/config:1", failure.Message);
        MemoryFiles.Resolve("ProxyCommand none").ThrowIfUnsupported();
    }

    [Fact]
    public void A_way_is_the_servers_to_go_through_each_with_its_own_settings()
    {
        var environment = MemoryFiles.With("Host db\n  ProxyJump a,b\nHost b\n  Port 2\n  ProxyJump never\nHost a\n  ProxyJump outer\nHost outer\n  User out");
        var route = SshConfigResolver.ResolveRoute(new("db"), environment);
        Assert.Equal(["outer", "a", "b", "db"], route.Select(host => host.OriginalHost));
        Assert.Equal(("out", 2), (route[0].User, route[2].Port));
    }

    [Theory]
    [InlineData("Host *\n  ProxyJump gate")]
    [InlineData("Host web1\n  ProxyJump a\nHost a\n  ProxyJump web1")]
    [InlineData("Host web1\n  ProxyJump web1")]
    public void A_way_that_leads_through_itself_is_refused(string config) =>
        Assert.Equal("SshJumpLoop", Assert.Throws<ProdOpsException>(() => SshConfigResolver.ResolveRoute(new("web1"), MemoryFiles.With(config))).ErrorId);

    [Fact]
    public void An_unknown_keyword_is_an_error_with_the_nearest_one()
    {
        var failure = Assert.Throws<ProdOpsException>(() => MemoryFiles.Resolve("Host other\n\n  IdentityFiles x\n"));
        Assert.Equal("SshConfigKeywordUnknown", failure.ErrorId);
        Assert.Contains("/home/ann/.ssh/config:3", failure.Message);
        Assert.Contains("'identityfile'", failure.Recommendation);
        Assert.Equal(22, MemoryFiles.Resolve("IgnoreUnknown UseKey*,x\nUseKeychain yes").Port);
    }

    [Theory]
    [InlineData("Port 0")]
    [InlineData("Port 70000")]
    [InlineData("Port 22 23")]
    [InlineData("HashKnownHosts maybe")]
    [InlineData("ConnectTimeout 5x")]
    [InlineData("ServerAliveCountMax many")]
    [InlineData("UserKnownHostsFile none other")]
    [InlineData("ProxyJump a,,b")]
    [InlineData("Match all host x")]
    [InlineData("Match host")]
    [InlineData("Match colour red")]
    [InlineData("Host web1 \"\"")]
    [InlineData("Include \"\"")]
    public void A_wrong_line_is_refused_wherever_it_stands(string line)
    {
        var failure = Assert.Throws<ProdOpsException>(() => MemoryFiles.Resolve($"Host other\n{line}\n"));
        Assert.Equal("SshConfigInvalid", failure.ErrorId);
        Assert.Contains("/home/ann/.ssh/config:2", failure.Message);
    }

    [Theory]
    [InlineData("Match host web*", true)]
    [InlineData("Match host=web1", true)]
    [InlineData("Match host = web1", true)]
    [InlineData("Match !host web1", false)]
    [InlineData("Match originalhost web1 user ann", true)]
    [InlineData("Match user bob", false)]
    [InlineData("Match localuser ann,bob", true)]
    [InlineData("Match all", true)]
    [InlineData("Match !all", false)]
    [InlineData("Match localnetwork 10.0.0.0/8", true)]
    [InlineData("Match localnetwork 192.168.0.0/16", false)]
    [InlineData("Match final", true)]
    [InlineData("Match !final", true)]
    [InlineData("Match canonical", false)]
    [InlineData("Tag blue\nMatch tagged blue", true)]
    [InlineData("Match tagged \"\"", true)]
    [InlineData("Match version OpenSSH_*", false)]
    public void A_Match_block_applies_when_all_its_criteria_hold(string match, bool applies) =>
        Assert.Equal(applies ? 99 : 22, MemoryFiles.Resolve($"{match}\n  Port 99").Port);

    [Theory]
    [InlineData("Match exec \"exit 0\"")]
    [InlineData("Match !exec \"exit 0\"")]
    public void A_command_of_Match_is_not_run_and_that_is_said(string match)
    {
        var settings = MemoryFiles.Resolve($"{match}\n  Port 99");
        Assert.Equal(22, settings.Port);
        Assert.Contains(".ssh/config:1: 'Match exec' is not run", Assert.Single(settings.Warnings));
        Assert.Empty(MemoryFiles.Resolve($"Match host other {match[6..]}\n  Port 99").Warnings);
    }

    [Fact]
    public void Includes_are_read_in_place_and_keep_their_blocks_to_themselves()
    {
        var files = new MemoryFiles
        {
            ["/home/ann/.ssh/config"] = "Include conf.d/*\nUser last\nHost other\n  Include never\n",
            ["/home/ann/.ssh/conf.d/1"] = "Host nobody\n  User wrong\n",
            ["/home/ann/.ssh/conf.d/2"] = "Host web1\n  Port 5\nHost nobody\n",
            ["/home/ann/.ssh/never"] = "Host web1\n  ConnectTimeout 5\nMatch all\n  ConnectTimeout 6\n",
        };
        var settings = SshConfigResolver.Resolve(new("web1"), MemoryFiles.With(files));
        Assert.Equal((5, "last", null), (settings.Port, settings.User, settings.ConnectTimeout));
    }

    [Fact]
    public void A_file_that_includes_itself_ends()
    {
        var failure = Assert.Throws<ProdOpsException>(() => MemoryFiles.Resolve("Include config"));
        Assert.Contains("16 deep", failure.Message);
    }

    [Theory]
    [InlineData("HostKeyAlgorithms +c", "a|b|c")]
    [InlineData("HostKeyAlgorithms -a*", "b")]
    [InlineData("HostKeyAlgorithms ^b,c", "b|c|a")]
    [InlineData("HostKeyAlgorithms c,a,z", "c|a")]
    [InlineData("HostKeyAlgorithms *", "a|b|c")]
    public void Algorithm_lists_replace_or_change_the_defaults(string line, string expected) =>
        Assert.Equal(expected.Split('|'), MemoryFiles.Resolve(line).HostKeyAlgorithms!.Apply(["a", "b"], ["a", "b", "c"]));

    [Fact]
    public void An_explicit_file_stands_alone_and_must_exist()
    {
        var files = new MemoryFiles { ["/etc/ssh/ssh_config"] = "Port 3", ["/x"] = "User x" };
        Assert.Equal(("x", 22), SshConfigResolver.Resolve(new("web1") { ConfigFile = "/x" }, MemoryFiles.With(files)) is var settings ? (settings.User, settings.Port) : default);
        Assert.Equal(22, SshConfigResolver.Resolve(new("web1") { ConfigFile = "none" }, MemoryFiles.With(files)).Port);
        Assert.Equal("SshConfigNotFound", Assert.Throws<ProdOpsException>(() => SshConfigResolver.Resolve(new("web1") { ConfigFile = "/y" }, MemoryFiles.With(files))).ErrorId);
    }

    [Fact]
    public void Mutated_configurations_give_settings_or_a_known_error()
    {
        const string seed = "Host web* !web2\n  HostName %h.example\n  IdentityFile \"~/k %r\"\nMatch host web1 user=ann\n Port 22\nProxyJump a@b:1,[::1]:2\nInclude x*\nCiphers +a,b\nUserKnownHostsFile ~/a ${KEYS}/b\n";
        var random = new Random(7);
        for (int round = 0; round < 3000; round++)
        {
            string text = Mutation.Of(seed, random);
            try
            {
                MemoryFiles.Resolve(text);
            }
            catch (ProdOpsException failure)
            {
                Assert.NotNull(failure.Recommendation);
            }
        }
    }
}

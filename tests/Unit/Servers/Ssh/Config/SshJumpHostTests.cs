using ProdOps.Servers.Ssh.Config;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Ssh.Config;

public sealed class SshJumpHostTests
{
    [Fact]
    public void Damaged_lists_of_jump_hosts_are_read_or_refused_and_what_is_read_can_be_written()
    {
        string[] seeds = ["ssh://ann%40x;p=1@host.example:2222/", "ssh://[2001:db8::1]:22", "ann@b@c:1,[::1]:2,host", "a,ssh://b/,c:65535", "none"];
        var random = new Random(11);
        int read = 0;
        for (int round = 0; round < 20000; round++)
        {
            string text = Mutation.Of(seeds[round % seeds.Length], random);
            if (SshJumpHost.ParseList(text) is not { } hosts) continue;
            foreach (var host in hosts)
            {
                read++;
                Assert.False(host.Host.Length == 0 || host.Host[0] == '-' || host.Host.AsSpan().ContainsAny(" \t\"'`$\\;&<>|(){},/"), text);
                Assert.True(host.Port is null or (> 0 and <= 65535), text);
                Assert.True(host.User is null or not "", text);
                // A user's name with a comma or a slash is one that only a URI can carry.
                if (host.User is null || !host.User.AsSpan().ContainsAny(",/#\r\n \t")) Assert.Equal(host, SshJumpHost.Parse(host.ToString()));
            }
        }

        Assert.InRange(read, 1000, int.MaxValue);
    }

    [Fact]
    public void A_damaged_ProxyJump_ends_in_settings_or_in_an_error_of_the_catalogue()
    {
        var random = new Random(12);
        for (int round = 0; round < 5000; round++)
        {
            string text = Mutation.Of("ssh://ann@hop.example:2222/,b@[::1]:2,%r@%h", random);
            try
            {
                SshConfigResolver.ResolveRoute(new("web1") { ProxyJump = text }, MemoryFiles.With("User eve\n"));
            }
            catch (ProdOpsException failure)
            {
                Assert.Contains(failure.ErrorId, (string[])["SshJumpInvalid", "SshConfigInvalid", "SshJumpLoop"]);
            }
        }
    }
}

using System.Text;
using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Checks.Services;

public sealed class SshCheckTests
{
    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", HealthState.OK, "OpenSSH_9.2p1 Debian-2 greeted in ")]
    [InlineData("Welcome\r\nto us\r\nSSH-1.99-Cisco\n", HealthState.OK, "Cisco greeted in ")]
    [InlineData("SSH-1.5-old\r\n", HealthState.Critical, "it speaks 'SSH-1.5-old', which is not version 2")]
    [InlineData("Exceeded MaxStartups\r\n", HealthState.Critical, "connected, but 'Exceeded MaxStartups' came where an SSH server greets")]
    [InlineData("220 mail", HealthState.Critical, "connected, but '220 mail' came where an SSH server greets")]
    [InlineData("", HealthState.Critical, "connected, but nothing came where an SSH server greets")]
    public async Task A_server_must_greet(string said, HealthState state, string message)
    {
        await using var server = new GreetingServer(said);
        var result = Assert.Single(await new SshCheck(new CheckSubject("web1", "ssh"), "127.0.0.1", server.Port, TimeSpan.FromSeconds(30), TimeProvider.System).RunAsync(CancellationToken.None));
        Assert.Equal((state, "web1", "ssh.time"), (result.State, result.Server, Assert.Single(result.Metrics).Name));
        Assert.StartsWith(message, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_no_end_is_read_to_a_limit()
    {
        Assert.Null(SshGreeting.Parse("SSH-2.0-x"u8, isEnd: false));
        Assert.NotNull(SshGreeting.Parse(Encoding.ASCII.GetBytes(new string('x', SshGreeting.MostRead)), isEnd: true)!.Problem);
    }
}

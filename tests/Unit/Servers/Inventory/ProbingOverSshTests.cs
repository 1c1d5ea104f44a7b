using ProdOps.Servers.Commands;
using ProdOps.Servers.Inventory.Probing;
using ProdOps.Servers.Tests.Connections;

namespace ProdOps.Servers.Tests.Inventory;

public sealed class ProbingOverSshTests
{
    [SshdFact]
    public async Task A_server_is_looked_at_and_checked_over_ssh()
    {
        await using var fixture = await SshShellFixture.StartAsync();
        var shell = await fixture.OpenAsync();
        var facts = HostProbe.Parse((await shell.RunAsync(HostProbe.Command, default)).Text);
        Assert.Contains(fixture.Sshd.Port, await PortsAsync(shell));
        Assert.NotEmpty(facts.System!);
        Assert.NotEmpty(facts.Running);

        var server = fixture.Target.Server with { Services = ["no-such-service"] };
        var checks = new List<EnvironmentCheck>();
        await foreach (var check in new ServerChecks(server, shell, TimeProvider.System).RunAsync(default)) checks.Add(check);
        Assert.Equal(["Connection", "Root", "Service", "Clock"], checks.Select(check => check.Check));
        Assert.Equal(EnvironmentCheckStatus.Passed, checks[0].Status);
        Assert.Equal(EnvironmentCheckStatus.Passed, checks[3].Status);
    }

    [SshdFact]
    public async Task A_host_whose_key_is_not_known_is_a_failed_check()
    {
        await using var fixture = await SshShellFixture.StartAsync();
        string empty = Path.Join(fixture.Sshd.Folder, "empty_known_hosts");
        await File.WriteAllTextAsync(empty, "");
        var server = fixture.Target.Server with { Ssh = fixture.Target.Server.Ssh with { KnownHosts = [empty] } };
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => fixture.OpenAsync(fixture.Target with { Server = server }));
        var check = ServerChecks.NotConnected(server, error);
        Assert.Equal((EnvironmentCheckStatus.Failed, "web1", error.ErrorId), (check.Status, check.Server, check.ErrorId));
        Assert.NotEmpty(check.Recommendation!);
    }

    /// <summary>This sshd listens on loopback alone, which a host's facts leave out.</summary>
    private static async Task<IReadOnlyList<int>> PortsAsync(IServerShell shell)
    {
        var output = await shell.RunAsync(HostProbe.Command with { Text = HostProbe.Command.Text.Replace("cat /proc/net/tcp", "sed s/0100007F/00000000/ /proc/net/tcp", StringComparison.Ordinal) }, default);
        return HostProbe.Parse(output.Text).Ports;
    }
}

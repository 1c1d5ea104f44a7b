using System.Globalization;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Tests.Connections;

/// <summary>Connections that are there and of no use.</summary>
public sealed class UnfitConnectionTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [SshdFact]
    public async Task A_server_that_lets_in_and_runs_nothing_is_an_error_after_the_second_refusal()
    {
        await using var fixture = await SshShellFixture.StartAsync("MaxSessions 0");
        var shell = await fixture.OpenAsync();
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => shell.RunAsync("true", default).WaitAsync(Limit));
        Assert.Equal("SessionRefused", error.ErrorId);
        Assert.Contains("web1", error.Message);
        Assert.Equal(2, fixture.Connector.Made.Count);
    }

    [SshdFact]
    public async Task A_kept_connection_on_which_nobody_answers_any_more_is_replaced_and_what_runs_there_goes_on()
    {
        await using var fixture = await SshShellFixture.StartAsync();
        // So long it waits for an answer of the dead one; on a busy machine connecting takes some seconds, too.
        var target = fixture.Target with { Server = fixture.Target.Server with { Ssh = fixture.Target.Server.Ssh with { ConnectTimeout = TimeSpan.FromSeconds(6) } } };
        var shell = await fixture.OpenAsync(target);
        // The parent of a command's shell is sshd's process for the connection.
        int sshd = int.Parse((await shell.RunAsync("echo $PPID", default)).Text, CultureInfo.InvariantCulture);
        var running = shell.RunAsync("read line; echo \"$line\"", default);
        await SignalAsync("STOP", sshd);
        try
        {
            Assert.Equal(["answered"], (await shell.RunAsync("echo answered", default).WaitAsync(Limit)).Lines);
            Assert.Equal(2, fixture.Connector.Made.Count);
        }
        finally
        {
            await SignalAsync("CONT", sshd);
        }

        Assert.Equal([""], (await running.WaitAsync(Limit)).Lines);
    }

    [SshdFact]
    public async Task A_kept_connection_that_somebody_waited_for_in_vain_is_not_waited_for_again()
    {
        await using var fixture = await SshShellFixture.StartAsync();
        // Nobody here waits as long as connecting may take.
        var target = fixture.Target with { Server = fixture.Target.Server with { Ssh = fixture.Target.Server.Ssh with { ConnectTimeout = TimeSpan.FromMinutes(10) } } };
        var shell = await fixture.OpenAsync(target);
        int sshd = int.Parse((await shell.RunAsync("echo $PPID", default)).Text, CultureInfo.InvariantCulture);
        await SignalAsync("STOP", sshd);
        try
        {
            using var impatient = new CancellationTokenSource(TimeSpan.FromSeconds(4));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => shell.RunAsync("echo answered", impatient.Token));
            using var patient = new CancellationTokenSource(Limit);
            Assert.Equal(["answered"], (await shell.RunAsync("echo answered", patient.Token)).Lines);
        }
        finally
        {
            await SignalAsync("CONT", sshd);
        }
    }

    private static async Task SignalAsync(string signal, int process)
    {
        using var kill = System.Diagnostics.Process.Start("kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }
}

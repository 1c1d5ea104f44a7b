using System.Globalization;

namespace ProdOps.Lab.Tests.Commands;

/// <summary>Ctrl+C and time-outs end what runs on the servers, all of it.</summary>
[Collection(LabCollection.Name)]
public sealed class StopTests(Fleet fleet)
{
    // The children of the command: one in the background, one behind another shell, one that ignores polite signals.
    private const string Family = "sleep 7654 & sh -c \"trap : TERM; sleep 7654; true\" & sh -c \"trap \\\"\\\" TERM; sleep 7654; sleep 7654\" & sleep 7654";
    private const string Running = "[ $(pgrep -fc \"^sleep 7654\") -ge 4 ]";
    private const string Gone = "! pgrep -f \"^sleep 7654\" > /dev/null";

    [LabFact]
    public async Task Stopping_ends_every_process_on_every_server()
    {
        var hosts = await fleet.UpAsync("web1", "web2");
        using var admin = new Admin(hosts);
        var running = admin.Start($"Invoke-ServerCommand '{Family}' -Server web1, web2");
        foreach (var host in hosts) await host.WaitAsync(Running);
        Assert.InRange(await running.StopAsync(), TimeSpan.Zero, TimeSpan.FromSeconds(15));
        foreach (var host in hosts) await host.WaitAsync(Gone, 5);
        // The connections that the commands were ended on are as good as before.
        Assert.Equal(["web1", "web2"], (await admin.RunAsync("Invoke-ServerCommand hostname -Server web1, web2 | ForEach-Object StandardOutput")).Sorted);
    }

    [LabTheory]
    [InlineData("ops", "nopassword", "")]
    [InlineData("ptyops", "nopassword", "Defaults:ptyops use_pty")]
    [InlineData("stopsue", "password", "")]
    public async Task Stopping_ends_what_runs_as_root_too(string user, string sudo, string rule)
    {
        var host = await fleet.UpAsync("web1");
        await host.AccountAsync(user, $"sudo={sudo}", "password=stop-4711");
        await host.RunAsync($"cat > /etc/sudoers.d/{user}-rule", rule + "\n");
        using var admin = new Admin(user, host);
        string credential = sudo == "password" ? $" -Credential ([pscredential]::new('{user}', [Net.NetworkCredential]::new('', 'stop-4711').SecurePassword))" : "";
        var running = admin.Start($"Invoke-ServerCommand '{Family}' -Server web1 -AsRoot{credential}");
        await host.WaitAsync(Running);
        Assert.Equal("0", await host.RunAsync("ps -o uid= -p $(pgrep -fo '^sleep 7654') | tr -d ' '"));
        Assert.InRange(await running.StopAsync(), TimeSpan.Zero, TimeSpan.FromSeconds(15));
        await host.WaitAsync(Gone, 5);
    }

    [LabFact]
    public async Task A_time_out_ends_every_process_and_is_an_error()
    {
        var host = await fleet.UpAsync("web1");
        using var admin = new Admin(host);
        var answer = await admin.RunAsync($"Invoke-ServerCommand '{Family}' -Server web1 -TimeoutSec 2");
        Assert.Equal(("CommandTimedOut", "web1"), (answer.ErrorId, answer.Error.TargetObject.ToString()));
        Assert.InRange(answer.Elapsed, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20));
        Assert.Empty(answer.Output);
        await host.WaitAsync(Gone, 5);
    }

    [LabFact]
    public async Task Ctrl_C_at_the_prodops_command_ends_every_process()
    {
        var host = await fleet.UpAsync("web1");
        using var admin = new Admin(host);
        using var process = HostProcess.Start(["-Command", $"Invoke-ServerCommand '{Family}' -Server web1 -Environment '{admin.Environment}'; 'went on'"]);
        await host.WaitAsync(Running);
        using (var interrupt = System.Diagnostics.Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)])) await interrupt.WaitForExitAsync();
        var result = await Task.Run(() => HostProcess.Wait(process));
        Assert.Equal(130, result.ExitCode);
        Assert.DoesNotContain("went on", result.Output);
        await host.WaitAsync(Gone, 5);
    }

    [LabFact]
    public async Task A_pipeline_that_wants_no_more_ends_the_command()
    {
        var host = await fleet.UpAsync("web1");
        using var admin = new Admin(host);
        var answer = await admin.RunAsync($"do {{ Invoke-ServerCommand '{Family} & while echo more; do :; done' -Server web1 -Stream | ForEach-Object {{ $_.Text; break }} }} while ($false)");
        Assert.Equal("more", answer.Text);
        await host.WaitAsync(Gone, 5);
    }

    [LabFact]
    public async Task Connecting_to_a_host_that_says_nothing_is_stopped_at_once()
    {
        var host = await fleet.UpAsync("victim1");
        await host.RunAsync("systemctl kill --kill-who=main --signal=STOP ssh");
        try
        {
            using var admin = new Admin(host);
            var running = admin.Start("Invoke-ServerCommand hostname -Server victim1");
            await host.WaitAsync("grep -q \":0016 .* 08 \\|:0016 .* 01 \" /proc/net/tcp");
            Assert.InRange(await running.StopAsync(), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        }
        finally
        {
            await host.RunAsync("systemctl kill --kill-who=main --signal=CONT ssh");
        }
    }
}

namespace ProdOps.Lab.Tests.Schedules;

/// <summary>A log receiver as a service of a real systemd, run by the real command.</summary>
[Collection(LabCollection.Name)]
public sealed class LogReceiverServiceTests(Fleet fleet)
{
    [LabFact]
    public async Task It_receives_at_once_comes_back_when_it_is_killed_and_goes_when_it_is_unregistered()
    {
        var setup = await ScheduleHostSetup.UpAsync(fleet, "receiver");
        // The host's own pwsh only keeps its arguments.
        await setup.Host.RunAsync("rm -f /usr/local/bin/pwsh");
        var made = await setup.ObjectAsync("Register-ProdOpsSchedule -LogReceiver @{ Tcp = 514; Store = \"/srv/logs\" }");
        Assert.Equal(("log-receiver", "Running", "True", "Create"), (Text(made, "Name"), Text(made, "LastResult"), Text(made, "Enabled"), Text(made, "Change")));
        await SendAsync("one");

        await setup.Host.RunAsync("systemctl kill -s KILL prodops-log-receiver.service");
        await setup.WaitAsync("[ \"$(systemctl show -P NRestarts prodops-log-receiver.service)\" = 1 ] && systemctl is-active --quiet prodops-log-receiver.service", 60);
        await SendAsync("two");
        Assert.Equal("Running", Text(await setup.ObjectAsync("Get-ProdOpsSchedule log-receiver"), "LastResult"));
        Assert.Equal("2", await setup.Host.RunAsync("prodops -Command '(Search-Log \"number\" -Store /srv/logs -Raw).Count'"));

        // A port that is taken: what the receiver says of it is told, and the service that was there is there still.
        string refused = await setup.CmdletAsync("try { Register-ProdOpsSchedule other -LogReceiver @{ Tcp = 514 } -ErrorAction Stop } catch { $_.FullyQualifiedErrorId }");
        Assert.Contains("ScheduleRefused", refused, StringComparison.Ordinal);
        await setup.CmdletAsync("Unregister-ProdOpsSchedule log-receiver -Confirm:$false");
        Assert.Equal("", await setup.Host.RunAsync("ls /etc/systemd/system | grep prodops- || true; systemctl list-units --all --plain --no-legend 'prodops-*'"));

        Task<string> SendAsync(string what) => setup.Host.RunAsync(
            $"before=$(stat -c %s /srv/logs/*/*/*.zst 2>/dev/null || echo 0); logger --server 127.0.0.1 --tcp --port 514 'number {what}'; for i in $(seq 100); do [ \"$(stat -c %s /srv/logs/*/*/*.zst 2>/dev/null || echo 0)\" != \"$before\" ] && exit 0; sleep 0.1; done; exit 1");
    }

    private static string Text(System.Text.Json.JsonElement value, string property) => value.GetProperty(property).ToString();
}

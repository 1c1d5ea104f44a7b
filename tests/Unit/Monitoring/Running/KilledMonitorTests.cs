using System.Diagnostics;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Tests.Running;

/// <summary>A monitor at work, killed at random moments while servers go and come.</summary>
public sealed class KilledMonitorTests : IDisposable
{
    private static readonly int Kills = Effort.Of(full: 40, usual: 5);

    private readonly TemporaryFolder _folder = new();

    [UnixFact]
    public async Task Whenever_it_is_killed_nobody_is_told_twice_and_everybody_is_told_of_the_end()
    {
        var random = new Random(11);
        for (int kill = 0; kill < Kills; kill++)
        {
            using var monitor = Start();
            // From the first event on: how long starting takes differs from machine to machine.
            Assert.NotNull(await monitor.StandardOutput.ReadLineAsync());
            foreach (string server in (string[])["web1", "db1"])
            {
                if (random.Next(2) == 0) await File.WriteAllTextAsync(_folder[server], "");
                else File.Delete(_folder[server]);
            }

            await Task.Delay(random.Next(400));
            monitor.Kill();
            await monitor.WaitForExitAsync();
        }

        File.Delete(_folder["web1"]);
        File.Delete(_folder["db1"]);
        using (var last = Start())
        {
            // The first line may be of the state that was left; it is quiet when a round has been seen in which it stays so.
            string? line;
            while ((line = await last.StandardOutput.ReadLineAsync()) is not (null or "quiet"))
            {
            }

            Assert.Equal("quiet", line);
            last.Kill();
            await last.WaitForExitAsync();
        }

        Judge();
    }

    [UnixTheory]
    [InlineData("downtime")]
    [InlineData("dropped")]
    public async Task What_was_asked_of_a_monitor_that_is_killed_before_it_answers_is_carried_out_once(string kind)
    {
        await File.WriteAllTextAsync(_folder["mortal"], "");
        var folder = new MonitoringFolder(_folder["store"]);
        var now = TimeProvider.System.GetUtcNow();
        MonitorRequest request = kind == "dropped" ? new ForgetRequest(CheckKey.ReachabilityOf("web1"), "ann", null, Force: true) : new DowntimeRequest(new Downtime { Server = "web1", From = now, Until = now.AddHours(1), By = "ann" });
        using (var monitor = Start())
        {
            await AwaitAsync(folder, monitor, CheckKey.ReachabilityOf("web1"));
            // The monitor is killed over it; whoever asked finds nobody at the store then, and would do it for the monitor.
            long number = await new RequestDesk(folder, TimeProvider.System, SilentActivity.Instance).AskAsync(request, default);
            await monitor.WaitForExitAsync();
            Assert.NotEqual(0, monitor.ExitCode);
            Assert.Equal([number], Numbers(folder, kind));
        }

        // The next one answers what is left before anything else.
        File.Delete(_folder["mortal"]);
        using (var next = Start())
        {
            Assert.NotNull(await next.StandardOutput.ReadLineAsync());
            await new RequestDesk(folder, TimeProvider.System, SilentActivity.Instance).AskAsync(new DowntimeRequest(new Downtime { Server = "db1", From = now, Until = now.AddHours(1), By = "ann" }), default);
            next.Kill();
            await next.WaitForExitAsync();
        }

        Assert.Equal(kind == "downtime" ? 2 : 1, Numbers(folder, "downtime").Count);
        Assert.Equal(kind == "dropped" ? 1 : 0, Numbers(folder, "dropped").Count);
    }

    public void Dispose() => _folder.Dispose();

    private static List<long> Numbers(MonitoringFolder folder, string kind)
    {
        using var store = folder.Open(TimeProvider.System, SilentActivity.Instance, readOnly: true);
        return [.. store.Events.Query(new EventQuery { Kind = kind }, default).Select(one => one.Number)];
    }

    /// <summary>Waits until the monitor knows of a check: it says something whenever anything happens.</summary>
    private static async Task AwaitAsync(MonitoringFolder folder, Process monitor, CheckKey key)
    {
        do Assert.NotNull(await monitor.StandardOutput.ReadLineAsync());
        while (!IsKnown());

        bool IsKnown()
        {
            using var store = folder.Open(TimeProvider.System, SilentActivity.Instance, readOnly: true);
            return store.Monitor.Load(default).Checks.ContainsKey(key);
        }
    }

    private void Judge()
    {
        using var store = new MonitoringFolder(_folder["store"]).Open(TimeProvider.System, SilentActivity.Instance, readOnly: true);
        var events = store.Events.Replay(0, default).Select(stored => (stored.Number, Event: EventJson.Read(stored.Json))).ToList();
        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(one => one.Number));
        Assert.All(events, one => Assert.Equal(one.Number, one.Event.Number));
        var state = MonitorState.Rebuild(events.Select(one => one.Event));
        Assert.Equal(state.ToJson(), store.Monitor.Load(default).ToJson());
        Assert.Empty(state.Outbox);
        var decided = events.Select(one => one.Event).OfType<NotificationDecided>().ToDictionary(one => one.Number);

        // A message may arrive twice if the monitor died before it could write down that it had arrived; its number tells.
        var arrived = File.Exists(_folder["messages"]) ? File.ReadAllLines(_folder["messages"]).Select(line => line.Split('\t')).ToList() : [];
        Assert.Equal(decided.Keys.Order(), arrived.Select(line => long.Parse(line[0], System.Globalization.CultureInfo.InvariantCulture)).Distinct().Order());
        Assert.All(arrived, line => Assert.Equal(decided[long.Parse(line[0], System.Globalization.CultureInfo.InvariantCulture)].Kind.ToString(), line[1]));
        foreach (var incident in decided.Values.SelectMany(one => one.Incidents).GroupBy(notice => notice.Incident))
        {
            Assert.Contains(incident, notice => notice.Kind is NotificationKind.Problem or NotificationKind.Flapping);
            Assert.InRange(incident.Count(notice => notice.Kind == NotificationKind.Problem), 0, 1);
            Assert.Single(incident, notice => notice.Kind == NotificationKind.Recovery);
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet") { RedirectStandardOutput = true };
        foreach (string argument in new[] { "exec", typeof(KilledMonitor).Assembly.Location, "monitor", _folder.Path }) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}

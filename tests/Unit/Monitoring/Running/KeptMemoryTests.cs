using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Tests.Probing;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Running;

/// <summary>What a monitor keeps in memory of each server.</summary>
public sealed class KeptMemoryTests
{
    private const int Servers = 3;

    [Fact]
    public async Task Of_each_server_less_than_100_KiB_are_kept_and_after_hours_no_more()
    {
        // 34 KiB soon, 93 with full windows. Every 10 seconds, so that windows are as full as they get; the longest of the default rules is of six hours.
        var setup = new MonitorSetup { Servers = [.. Enumerable.Range(1, Servers).Select(static number => new Server { Name = $"web{number}", Services = ["ssh"] })], Pace = new MonitorPace(TimeSpan.FromSeconds(10)) };
        using var monitor = new CoreCase(setup);
        using var turn = new SemaphoreSlim(1);
        var answer = ProbeFixture.Read("debian12", "ssh");
        double uptime = answer.Uptime!.Value;
        ServerWatch[] watches =
        [
            .. setup.Servers.Select(server => new ServerWatch(server, (_, _) =>
                Task.FromResult(new ProbeAnswer(answer with { Uptime = uptime + (monitor.Now - Store.StoreCase.Start).TotalSeconds }, new ProbeTiming(monitor.Now, TimeSpan.Zero))), setup.Pace, turn, monitor.Store.Time)),
        ];
        await RunAsync(TimeSpan.FromMinutes(5));
        long early = Kept();
        await RunAsync(TimeSpan.FromHours(6.2));
        long full = Kept();
        await RunAsync(TimeSpan.FromHours(1));
        long later = Kept();
        Assert.InRange(full / Servers, early / Servers, 100 * 1024);
        Assert.InRange(later, 0, full + (full / 100));

        async Task RunAsync(TimeSpan time)
        {
            for (var end = monitor.Now + time; monitor.Now < end;)
            {
                monitor.Store.Time.Advance(setup.Pace.Interval);
                var round = new List<Observation>();
                foreach (var watch in watches) round.Add(await watch.LookAsync(default));
                monitor.Core.Observe(monitor.Core.MakeRound(round));
            }
        }

        // Without what is on disk, and what is the test's.
        long Kept() => ObjectGraph.Bytes([monitor.Core, .. watches], one => one is MetricStore or TimeProvider or Store.StoreCase);
    }
}

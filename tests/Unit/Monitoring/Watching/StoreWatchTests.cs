using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.Tests.Running;
using ProdOps.Monitoring.Watching;

namespace ProdOps.Monitoring.Tests.Watching;

/// <summary>What a monitor's store says to who watches beside it.</summary>
public sealed class StoreWatchTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly CoreCase _monitor = new(new MonitorSetup
    {
        Servers = [new Server { Name = "web1" }, new Server { Name = "db1" }],
        Rules = [.. DefaultRules.All.Select(rule => rule with { For = TimeSpan.Zero, Attempts = 1, RecoverFor = TimeSpan.Zero, RecoverAttempts = 1 })],
        Pace = new MonitorPace(Interval),
    });

    private readonly ProdOpsEnvironment _environment = new() { Name = "shop", Path = "", Servers = [new Server { Name = "web1", Roles = ["App"] }, new Server { Name = "db1" }], Monitoring = new MonitoringOptions { Interval = Interval } };

    public void Dispose() => _monitor.Dispose();

    [Fact]
    public void States_are_those_of_which_the_monitor_is_certain_and_values_the_newest()
    {
        var watch = Watch();
        Run(60, 50, cpu: 10);
        Assert.True(watch.IsAlive);
        Assert.Empty(watch.Unknown(["web1", "db1"], default));
        Assert.Equal(["other"], watch.Unknown(["web1", "other"], default));
        var picture = watch.Look(null, default);
        Assert.Equal([HealthState.OK, HealthState.OK], Of(picture, "web1", "db1").Select(one => one.Health.State));
        Assert.Equal(("shop", TimeSpan.Zero, false, 0), (picture.Environment, picture.Age, picture.IsStale, picture.Incidents));
        Assert.Equal(6, Of(picture, "web1")[0].Trend.Cpu.Count);

        Run(30, 97, cpu: 20);
        Run(10, 98.5, cpu: 30);
        picture = watch.Look(null, default);
        var web = Of(picture, "web1")[0];
        Assert.Equal((HealthState.Critical, 98.5, 30.0), (web.Health.State, web.Health.DiskUsed, web.Health.CpuBusy));
        // The state was decided by an older value.
        Assert.Equal((98.5, "98.5 %"), (web.Health.Problems[0].Value, web.Health.Problems[0].Message));
        Assert.Equal([10, 10, 10, 10, 10, 10, 20, 20, 20, 30], web.Trend.Cpu);
        Assert.Equal(1, picture.Incidents);
        Assert.Equal(["App"], web.Health.Roles);
    }

    [Fact]
    public void A_monitor_that_is_gone_is_said_to_be()
    {
        var watch = Watch();
        Run(20, 50, cpu: 10);
        _monitor.Store.Time.Advance(TimeSpan.FromMinutes(20));
        Assert.False(watch.IsAlive);
        var picture = watch.Look([new Server { Name = "web1" }, new Server { Name = "unheard-of" }], default);
        Assert.Equal((TimeSpan.FromMinutes(20), true), (picture.Age, picture.IsStale));
        Assert.Equal([true, false], picture.Servers.Select(server => server.IsKnown));
        // Values of twenty minutes ago are none.
        Assert.Null(picture.Servers[0].Health.CpuBusy);
    }

    [Fact]
    public void Nothing_is_written_and_what_is_asked_again_says_the_same()
    {
        Run(60, 97, cpu: 10);
        long events = _monitor.Store.Store.Facts().Events;
        using var store = _monitor.Store.Open(readOnly: true);
        var watch = new StoreWatch(store, null, static _ => "%", _monitor.Store.Time, _monitor.Store);
        var first = watch.Look(null, default);
        var second = watch.Look(null, default);
        Assert.Equal(first.Servers.Select(server => (server.Health.Server, server.Health.State, server.Trend.Cpu.Count)), second.Servers.Select(server => (server.Health.Server, server.Health.State, server.Trend.Cpu.Count)));
        Assert.Equal(events, _monitor.Store.Store.Facts().Events);
    }

    private StoreWatch Watch() => new(_monitor.Store.Store, _environment, static _ => "%", _monitor.Store.Time, _monitor.Store);

    private void Run(int seconds, double disk, double cpu) => _monitor.Run(TimeSpan.FromSeconds(seconds), CoreCase.Says("web1", CoreCase.Disk(disk), new("cpu.busy", null, cpu)), CoreCase.Says("db1", CoreCase.Disk(10)));

    private static WatchedHealth[] Of(HealthPicture picture, params string[] names) => [.. names.Select(name => picture.Servers.Single(server => server.Health.Server == name))];
}

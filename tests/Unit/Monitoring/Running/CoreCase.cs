using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Tests.Store;

namespace ProdOps.Monitoring.Tests.Running;

/// <summary>Rules, state machine and store together, at simulated speed.</summary>
internal sealed class CoreCase : IDisposable
{
    private readonly MonitorSetup _setup;

    public CoreCase(MonitorSetup setup)
    {
        _setup = setup;
        Start();
    }

    public StoreCase Store { get; } = new();

    public MonitorCore Core { get; private set; } = null!;

    /// <summary>All that happened, in order, whoever was the monitor then.</summary>
    public List<MonitorEvent> Events { get; } = [];

    public IEnumerable<NotificationDecided> Sent => Events.OfType<NotificationDecided>();

    public DateTimeOffset Now => Store.Time.GetUtcNow();

    /// <summary>A monitor goes on where the one before left off: nothing but the store is handed over.</summary>
    public void Start()
    {
        var rules = _setup.MakeRules();
        Core = new MonitorCore(_setup.MakePlan(rules), rules, Store.Store, Store.Time, Store);
        Events.AddRange(Core.Start(default).Events);
    }

    /// <summary>Rounds of an interval each, of what a server says then.</summary>
    public CoreCase Run(TimeSpan time, params Func<DateTimeOffset, Observation>[] observations)
    {
        for (var end = Now + time; Now < end;)
        {
            Store.Time.Advance(_setup.Pace.Interval);
            var said = observations.Select(observe => observe(Now)).ToList();
            Events.AddRange(Core.Observe(Core.MakeRound(said)).Events);
            Core.Record(said);
            Core.Beat();
        }

        return this;
    }

    public static Func<DateTimeOffset, Observation> Says(string server, params Measurement[] measured) => time => new Observation(server, time) { Reachability = HealthState.OK, Measurements = measured };

    public static Measurement Disk(double used) => new("disk.used", "/", used);

    public void Dispose() => Store.Dispose();
}

using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.States;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Monitoring.Tests.States;

/// <summary>Monitored servers at simulated speed: what is broken is said, time goes by, and what was decided is there to look at.</summary>
internal sealed class Simulation
{
    private readonly MonitorPlan _plan;
    private readonly Dictionary<CheckKey, HealthState> _world = [];

    public Simulation(IReadOnlyList<MonitoredServer> servers, IReadOnlyList<NotificationRoute>? routes = null, IReadOnlyList<HealthRule>? rules = null, MonitorSettings? settings = null,
        IReadOnlyList<HealthAction>? actions = null)
    {
        _plan = new MonitorPlan(servers, new RuleSet(rules ?? Rules), routes ?? [new NotificationRoute { Name = "admins" }], settings) { Actions = actions ?? [] };
        Monitor = new HealthMonitor(_plan, new MonitorState());
        Keep(Monitor.Start(Now));
        foreach (var server in servers) _world[CheckKey.ReachabilityOf(server.Name)] = HealthState.OK;
    }

    /// <summary>Reachability, a check of what the server works for, and a metric.</summary>
    public static IReadOnlyList<HealthRule> Rules { get; } =
    [
        DefaultRules.All[0],
        new HealthRule { Name = "http", Check = "http", For = TimeSpan.FromSeconds(20) },
        new HealthRule { Name = "service", Check = "service", For = TimeSpan.FromSeconds(20) },
        new HealthRule { Name = "disk.used", Metric = "disk.used", Warning = ThresholdText.Parse("> 85%"), Critical = ThresholdText.Parse("> 95%") },
    ];

    public MonitorPlan Plan => _plan;

    public HealthMonitor Monitor { get; private set; }

    public MonitorState State => Monitor.State;

    public DateTimeOffset Now { get; set; } = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    public TimeSpan Step { get; set; } = TimeSpan.FromSeconds(10);

    public bool? AnchorsAnswer { get; set; }

    public List<MonitorEvent> Events { get; } = [];

    /// <summary>What servers that are not reached say instead.</summary>
    public Dictionary<string, string> Why { get; } = [];

    public IEnumerable<NotificationDecided> Sent => Events.OfType<NotificationDecided>();

    public string[] SentKinds => [.. Sent.Select(sent => sent.Kind.ToString())];

    /// <summary>A state that was kept as text.</summary>
    public static MonitorState? ReadState(string json, bool withChecks = true)
    {
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json));
        return MonitorState.TryRead(stream, withChecks);
    }

    public static CheckKey Key(string text)
    {
        string[] words = text.Split(' ');
        return new CheckKey(words[0], words[1], words.Length > 2 ? words[2] : null);
    }

    public CheckState Check(string key) => State.Checks[Key(key)];

    /// <summary>From now on a check says this; null: it is not heard of.</summary>
    public Simulation Set(string key, HealthState? state)
    {
        if (state is { } said) _world[Key(key)] = said;
        else _world.Remove(Key(key));
        return this;
    }

    public Simulation Down(string server) => Set($"{server} reachability", HealthState.Critical);

    public Simulation Up(string server) => Set($"{server} reachability", HealthState.OK);

    /// <summary>Rounds, until the time is over. Of a server that is down nothing else is heard.</summary>
    public Simulation Run(TimeSpan time)
    {
        for (var end = Now + time; Now < end;)
        {
            Now += Step;
            Once();
        }

        return this;
    }

    public Simulation Minutes(double minutes) => Run(TimeSpan.FromMinutes(minutes));

    public void Once()
    {
        var readings = new List<Reading>();
        foreach (var (key, state) in _world)
        {
            // What is asked of the server itself is not heard of when it is down; http is asked from outside.
            bool down = _world.GetValueOrDefault(CheckKey.ReachabilityOf(key.Server)) != HealthState.OK;
            if (!down || key.IsReachability) readings.Add(new Reading(key, state, Message: down ? Why.GetValueOrDefault(key.Server) : null));
            else if (key.Rule == "http") readings.Add(new Reading(key, HealthState.Critical));
        }

        Keep(Monitor.Observe(new Round(Now, readings) { AnchorsAnswer = AnchorsAnswer }));
    }

    public Simulation Advance(TimeSpan time)
    {
        Now += time;
        Keep(Monitor.Advance(Now));
        return this;
    }

    /// <summary>The monitor is killed and another begins, from the events alone, as they are on disk.</summary>
    public Simulation Restart(TimeSpan dead)
    {
        var alive = Now;
        Now += dead;
        var state = MonitorState.Rebuild(Events.Select(happened => EventJson.Read(EventJson.Write(happened))));
        Assert.Equal(State.ToJson(), state.ToJson());
        Monitor = new HealthMonitor(_plan, state);
        Keep(Monitor.Start(Now, alive));
        return this;
    }

    /// <summary>A monitor goes on with what another process left.</summary>
    public void Resume(MonitorState state)
    {
        Monitor = new HealthMonitor(_plan, state);
        Keep(Monitor.Start(Now));
    }

    public void Keep(IReadOnlyList<MonitorEvent> events) => Events.AddRange(events);

    public static MonitoredServer Server(string name, params string[] dependsOn) => new(name) { DependsOn = dependsOn };
}

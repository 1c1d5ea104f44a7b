using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Running;

/// <summary>A check and the server that its results are of.</summary>
internal sealed record WatchedCheck(HealthCheckDefinition Definition, string Server, IHealthCheck Check);

/// <summary>What a monitor does: an environment's configuration, put together.</summary>
internal sealed record MonitorSetup
{
    /// <summary>What stands for the monitor itself where servers stand: a channel that is dead and a store that cannot be written to are its problems.</summary>
    public const string Itself = "(monitor)";

    public const string ChannelRule = "channel", StoreRule = "store", MetricsRule = "metrics", PaceRule = "pace";

    // What an engine misses for a moment it gets later.
    private static readonly TimeSpan OutletPatience = TimeSpan.FromMinutes(1);

    /// <summary>The environment's name; empty without one.</summary>
    public string Environment { get; init; } = "";

    /// <summary>The servers that are asked.</summary>
    public required IReadOnlyList<Server> Servers { get; init; }

    /// <summary>The rules of servers and of checks: what has none of its own goes by the one for any check.</summary>
    public IReadOnlyList<HealthRule> Rules { get; init; } = DefaultRules.All;

    public IReadOnlyList<WatchedCheck> Checks { get; init; } = [];

    public IReadOnlyList<NotificationRoute> Routes { get; init; } = [];

    /// <summary>Routes that lead to an Alertmanager, which has its own silences.</summary>
    public IReadOnlyCollection<string> RoutesPastSilences { get; init; } = [];

    public IReadOnlyList<HealthAction> Actions { get; init; } = [];

    /// <summary>Asked when most servers are gone, to know whether it is this machine that is cut off.</summary>
    public IReadOnlyList<IHealthCheck> Anchors { get; init; } = [];

    public MonitorPace Pace { get; init; } = new(TimeSpan.FromSeconds(30));

    public RetentionSpans Retention { get; init; } = new();

    /// <summary>How many servers and checks are looked at at the same time.</summary>
    public int ThrottleLimit { get; init; } = 128;

    /// <summary>The rules at this pace, and those about the monitor itself.</summary>
    /// <exception cref="ProdOpsException">A rule cannot be used.</exception>
    public RuleSet MakeRules()
    {
        return new RuleSet(
        [
            .. Rules.Select(Pace.Adjust),
            Own(ChannelRule, "See what it answers: Test-Notification sends a message by it."),
            Own(MetricsRule, "See whether the engine runs and takes the login, the port is free, or the file's folder can be written to. What an engine misses waits in the store, and is sent later.") with { For = OutletPatience, Attempts = 2 },
            Own(PaceRule, "Give the machine more processors, ask more seldom (Monitoring.Interval), or share the servers among several monitors."),
            Own(StoreRule, "Give the disk room, or the store another place. Events are kept in memory until they can be written."),
        ]);

        HealthRule Own(string name, string advice) => new()
        {
            Name = name, Check = name, Servers = [Itself], For = TimeSpan.Zero, RecoverFor = TimeSpan.Zero, Attempts = 1, RecoverAttempts = 1, Interval = Pace.Interval, Advice = advice,
        };
    }

    public MonitorPlan MakePlan(RuleSet rules)
    {
        var servers = Servers.Select(static server => new MonitoredServer(server.Name) { Roles = server.Roles, DependsOn = server.DependsOn }).ToList();
        var known = servers.Select(static server => server.Name).Append(Itself).ToHashSet(StringComparer.Ordinal);
        servers.AddRange(Checks.Select(static check => check.Server).Distinct(StringComparer.Ordinal).Where(name => !known.Contains(name)).Select(static name => new MonitoredServer(name)));
        servers.Add(new MonitoredServer(Itself));
        return new MonitorPlan(servers, rules, Routes, new MonitorSettings
        {
            Interval = Pace.Interval < MostUsual ? MostUsual : Pace.Interval,
            GroupWait = Pace.Interval / 2 < LongestWait ? Pace.Interval / 2 : LongestWait,
        }) { Actions = Actions, RoutesPastSilences = RoutesPastSilences };
    }

    // Time goes by in the monitor once a second; only after this long without it, nobody looked.
    private static readonly TimeSpan MostUsual = TimeSpan.FromSeconds(10);

    // What has the same cause is mostly found in the same round; whoever looks every second wants to know soon.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);
}

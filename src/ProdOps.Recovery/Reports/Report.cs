using ProdOps.Recovery.Readiness;

namespace ProdOps.Recovery.Reports;

/// <summary>All that a report shows of an environment at one moment. Each part was gathered by itself: what could not be says why, and takes nothing else with it.</summary>
internal sealed record Report
{
    public required ProdOpsEnvironment Environment { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Where charts, events and logs begin; availability is of 30 days.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The zone that times are told in.</summary>
    public required TimeZoneInfo Zone { get; init; }

    /// <summary>The program's version.</summary>
    public string Version { get; init; } = "";

    public Fact<HealthReport> Health { get; init; } = Fact<HealthReport>.Unknown("monitoring was not looked at");

    /// <summary>Balancers as they were when they were asked.</summary>
    public IReadOnlyList<LoadBalancer> Balancers { get; init; } = [];

    public Fact<LogReport> Logs { get; init; } = Fact<LogReport>.Unknown("the log store was not looked at");

    /// <summary>What readiness was judged by.</summary>
    public required ReadinessFacts Facts { get; init; }

    public IReadOnlyList<ReadinessItem> Items { get; init; } = [];

    public required ReadinessSummary Summary { get; init; }
}

/// <summary>How the servers are and were.</summary>
internal sealed record HealthReport
{
    /// <summary>The worst first.</summary>
    public IReadOnlyList<ServerReport> Servers { get; init; } = [];

    /// <summary>How old the oldest of it is; <see langword="null"/> where there is nothing yet.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>Whether that is older than it should be: then nobody knows how it is now.</summary>
    public bool IsStale { get; init; }

    /// <summary>Where it is known from, in words.</summary>
    public string Source { get; init; } = "";

    /// <summary>Incidents that are open, the worst first.</summary>
    public IReadOnlyList<HealthEvent> Open { get; init; } = [];

    /// <summary>Work that is announced and not over, the oldest first.</summary>
    public IReadOnlyList<HealthDowntime> Announced { get; init; } = [];

    /// <summary>What happened since <see cref="Report.From"/>, the newest first.</summary>
    public IReadOnlyList<HealthEvent> Events { get; init; } = [];

    /// <summary>Whether there were more.</summary>
    public bool HasMoreEvents { get; init; }

    /// <summary>Over all days: of each server, and last of all together.</summary>
    public IReadOnlyList<HealthAvailability> Availability { get; init; } = [];

    /// <summary>Of each day, the oldest first, in the order of <see cref="Availability"/>.</summary>
    public IReadOnlyList<IReadOnlyList<HealthAvailability>> Days { get; init; } = [];
}

/// <summary>A server.</summary>
/// <param name="Health">How it is.</param>
/// <param name="Series">How it was.</param>
internal sealed record ServerReport(ServerHealth Health, IReadOnlyList<MetricSeries> Series);

/// <summary>What the logs hold.</summary>
internal sealed record LogReport
{
    /// <summary>How long an interval of the counts is.</summary>
    public TimeSpan Interval { get; init; }

    /// <summary>How many lines of each severity in each interval.</summary>
    public IReadOnlyList<LogMeasure> Counts { get; init; } = [];

    /// <summary>The newest lines, the newest last.</summary>
    public IReadOnlyList<LogEntry> Entries { get; init; } = [];

    /// <summary>Whether only those that are a warning or worse are among them.</summary>
    public bool OnlySevere { get; init; }

    /// <summary>What of the store cannot be read.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];
}

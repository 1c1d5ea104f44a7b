using ProdOps.Recovery.Readiness.Gathering;

namespace ProdOps.Recovery.Reports;

/// <summary>Where a report is made from.</summary>
internal sealed record ReportSources
{
    /// <summary>Stores, journals and evidence.</summary>
    public required ReadinessSources Readiness { get; init; }

    /// <summary>How far charts, events and logs go back.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>How many lines of logs at most.</summary>
    public int LogLines { get; init; }

    /// <summary>The unit of what a rule compares, by the rule's name.</summary>
    public Func<string, string> UnitOf { get; init; } = static _ => "";

    /// <summary>Servers as they are just now; none: as the monitor has written down.</summary>
    public IReadOnlyList<ServerHealth> Servers { get; init; } = [];

    /// <summary>Balancers as they are just now.</summary>
    public IReadOnlyList<LoadBalancer> Balancers { get; init; } = [];

    public string Version { get; init; } = "";

    /// <summary>The zone that times are told in.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;
}

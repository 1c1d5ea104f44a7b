using ProdOps.Logging.Conditions;
using ProdOps.Logging.Searching;
using ProdOps.Recovery.Consoles.Actions;
using ProdOps.Recovery.Reports;

namespace ProdOps.Recovery.Consoles;

/// <summary>What a console shows, and how.</summary>
internal sealed record ConsoleSources
{
    /// <summary>Gathers the report.</summary>
    public required Func<CancellationToken, Task<Report>> Report { get; init; }

    /// <summary>How old the report may be that is shown.</summary>
    public required TimeSpan Interval { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>The zone that times are told in.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>Opens what answers searches of logs.</summary>
    public required Func<IActivity, Task<OpenSearch>> Logs { get; init; }

    /// <summary>Makes a condition of what was typed; it runs nothing.</summary>
    public required Func<string, LogCondition> Condition { get; init; }

    /// <summary>Opens what has the history of metrics.</summary>
    public required Func<Task<OpenMetrics>> Metrics { get; init; }

    /// <summary>The names of the environment's servers.</summary>
    public required Func<Task<IReadOnlyList<string>>> ServerNames { get; init; }

    /// <summary>Names of servers of what was typed: roles and groups become theirs.</summary>
    public required Func<IReadOnlyList<string>, Task<IReadOnlyList<string>>> ServersOf { get; init; }

    /// <summary>How things are done; <see langword="null"/>: it only shows.</summary>
    public ActionSources? Actions { get; init; }
}

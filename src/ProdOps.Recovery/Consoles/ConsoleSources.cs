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
}

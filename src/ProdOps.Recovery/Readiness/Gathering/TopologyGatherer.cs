using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Running;
using ProdOps.Recovery.Topology;

namespace ProdOps.Recovery.Readiness.Gathering;

/// <summary>Looks for single points of failure, by what is written down and what was proved.</summary>
internal static class TopologyGatherer
{
    /// <summary>Get-SinglePointOfFailure looks at 30 days; here nobody waits for that.</summary>
    private static readonly TimeSpan LookedAt = TimeSpan.FromDays(7);

    /// <summary>What was measured of late: how busy pools were, and how far replicas were behind. Nothing where there is no store.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="monitoring">The monitor's store; <see langword="null"/> if there is none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<TopologyMeasurements> MeasureAsync(ProdOpsEnvironment environment, MonitoringFolder? monitoring, TimeProvider time, CancellationToken cancellationToken)
    {
        var measured = new TopologyMeasurements { Now = time.GetUtcNow() };
        if (monitoring is null || !File.Exists(monitoring.StorePath)) return measured;
        using var store = monitoring.Open(time, SilentActivity.Instance, readOnly: true);
        var reader = new LoadReader(new StoreSource(store), measured.Now - LookedAt, measured.Now);
        return measured with { Peaks = await reader.PeaksAsync(environment, cancellationToken).ConfigureAwait(false), Lags = await reader.LagsAsync(cancellationToken).ConfigureAwait(false) };
    }

    /// <param name="facts">What was proved.</param>
    /// <param name="measured">What was measured.</param>
    public static IReadOnlyList<SinglePointFact> Find(ReadinessFacts facts, TopologyMeasurements measured)
    {
        measured = measured with { LoadTests = facts.LoadTests.Value ?? [], FailoverTests = facts.Failovers.Value ?? [], BackupTests = facts.BackupTests.Value ?? [] };
        return [.. new SinglePoints(TopologyBuilder.Build(facts.Environment), measured).Find().Select(static point =>
            new SinglePointFact(point.Component, point.Kind == SinglePointKind.Secret, point.Kind is SinglePointKind.Service or SinglePointKind.Data or SinglePointKind.Secret ? 1 : 0.5, point.Message, point.Advice, point))];
    }
}

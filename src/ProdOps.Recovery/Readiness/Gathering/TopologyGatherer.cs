using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Running;
using ProdOps.Recovery.Topology;

namespace ProdOps.Recovery.Readiness.Gathering;

/// <summary>Looks for single points of failure, by what is written down and what was proved.</summary>
internal static class TopologyGatherer
{
    /// <summary>Get-SinglePointOfFailure looks at 30 days; here nobody waits for that.</summary>
    private static readonly TimeSpan LookedAt = TimeSpan.FromDays(7);

    /// <param name="facts">What was proved.</param>
    /// <param name="monitoring">The monitor's store; <see langword="null"/> if there is none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<IReadOnlyList<SinglePointFact>> FindAsync(ReadinessFacts facts, MonitoringFolder? monitoring, TimeProvider time, CancellationToken cancellationToken)
    {
        var measured = new TopologyMeasurements { Now = time.GetUtcNow(), LoadTests = facts.LoadTests.Value ?? [], FailoverTests = facts.Failovers.Value ?? [], BackupTests = facts.BackupTests.Value ?? [] };
        if (monitoring is not null && File.Exists(monitoring.StorePath))
        {
            using var store = monitoring.Open(time, SilentActivity.Instance, readOnly: true);
            var reader = new LoadReader(new StoreSource(store), measured.Now - LookedAt, measured.Now);
            measured = measured with { Peaks = await reader.PeaksAsync(facts.Environment, cancellationToken).ConfigureAwait(false), Lags = await reader.LagsAsync(cancellationToken).ConfigureAwait(false) };
        }

        return [.. new SinglePoints(TopologyBuilder.Build(facts.Environment), measured).Find().Select(static point =>
            new SinglePointFact(point.Component, point.Kind == SinglePointKind.Secret, point.Kind is SinglePointKind.Service or SinglePointKind.Data or SinglePointKind.Secret ? 1 : 0.5, point.Message, point.Advice, point))];
    }
}

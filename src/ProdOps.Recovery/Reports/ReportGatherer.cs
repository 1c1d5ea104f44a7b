using ProdOps.Recovery.Readiness;
using ProdOps.Recovery.Readiness.Gathering;

namespace ProdOps.Recovery.Reports;

/// <summary>Gathers what a report shows, each part by itself: on the worst day not everything is there.</summary>
internal sealed class ReportGatherer(ReportSources sources)
{
    public async Task<Report> GatherAsync(CancellationToken cancellationToken)
    {
        var readiness = sources.Readiness;
        var now = readiness.Time.GetUtcNow();
        var from = now - sources.Window;
        var health = Guard.TryAsync(() => new HealthGatherer(sources, from, now).GatherAsync(cancellationToken), cancellationToken);
        var logs = readiness.Logs is { } open
            ? Guard.TryAsync(() => LogGatherer.GatherAsync(open, from, now, sources.LogLines, cancellationToken), cancellationToken)
            : Task.FromResult(Fact<LogReport>.Unknown(readiness.Missing));
        var facts = await new ReadinessGatherer(readiness).GatherAsync(cancellationToken).ConfigureAwait(false);
        var judge = new ReadinessJudge(readiness.Time);
        var items = judge.Judge(facts);
        return new Report
        {
            Environment = readiness.Environment,
            Time = now,
            From = from,
            Zone = sources.Zone,
            Version = sources.Version,
            Health = await health.ConfigureAwait(false),
            Balancers = sources.Balancers,
            Logs = await logs.ConfigureAwait(false),
            Facts = facts,
            Items = items,
            Summary = judge.Sum(readiness.Environment, items),
        };
    }
}

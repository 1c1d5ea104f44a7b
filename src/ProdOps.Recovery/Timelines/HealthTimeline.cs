using ProdOps.Monitoring.History;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;

namespace ProdOps.Recovery.Timelines;

/// <summary>What monitoring decided and measured.</summary>
/// <param name="window">From when until when.</param>
internal sealed class HealthTimeline(TimelineWindow window)
{
    /// <summary>At most so many changes of levels are told, the clearest.</summary>
    private const int MostChanges = 200;

    // Whether these differ from before depends on what is wrong, and not the other way round; or they go up by themselves.
    private static readonly string[] Counting = ["uptime", "backup.age", "restore.test.age", "certificate.days", "updates.age", "system.support", "oom.kills", "clock.offset", "http.status"];

    /// <summary>Of more series, those of a hundred servers or so, only servers with incidents are looked at.</summary>
    public int MostSeries { get; init; } = 8192;

    /// <summary>Changes of state, incidents, downtimes and what was done, in the order of time.</summary>
    public IEnumerable<TimelineEvent> Events(EventHistory history, IReadOnlyList<string> servers, CancellationToken cancellationToken)
    {
        HealthEventKind[] kinds = [HealthEventKind.Check, HealthEventKind.Server, HealthEventKind.Incident, HealthEventKind.Resolved, HealthEventKind.Acknowledgement, HealthEventKind.Downtime, HealthEventKind.Action, HealthEventKind.Monitor];
        return history.Read(new EventFilter { Servers = servers, Kinds = kinds }, window.From, window.To, cancellationToken).Select(Tell);
    }

    /// <summary>Servers at which an incident began in that time, or in the one that it is compared with.</summary>
    public IReadOnlyCollection<string> Troubled(EventStore events, IActivity activity, CancellationToken cancellationToken)
    {
        string opened = EventJson.KindOf<IncidentOpened>(), rooted = EventJson.KindOf<IncidentRooted>();
        var query = new EventQuery { From = window.From - window.Baseline, To = window.To };
        return new EventReader(events, activity).Read(query, stored => stored.Kind == opened || stored.Kind == rooted, cancellationToken)
            .Select(static happened => happened switch { IncidentOpened e => e.Root.Server, IncidentRooted e => e.Root.Server, _ => "" }).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Metrics that have another level than before, in the order of time. Of a whole fleet only those of servers in trouble: of a hundred thousand series hundreds change by chance.</summary>
    public async Task<IReadOnlyList<TimelineEvent>> ChangesAsync(IMetricSource source, IReadOnlyList<string> servers, Func<IReadOnlyCollection<string>> troubled, CancellationToken cancellationToken)
    {
        var from = window.From - window.Baseline;
        var series = (await source.SeriesAsync(servers, [], [], from, window.To, cancellationToken).ConfigureAwait(false)).Where(one => !Counting.Contains(one.Metric, StringComparer.OrdinalIgnoreCase)).ToList();
        if (servers.Count == 0 && series.Count > MostSeries)
        {
            var some = troubled();
            series = [.. series.Where(one => some.Contains(one.Server)).Take(MostSeries)];
        }

        var finder = new ChangePoints(series.Count);
        var found = new List<(ChangePoint Change, TimelineEvent Told)>();
        await foreach (var (one, points) in PointReader.ReadAsync(source, series, new MetricQuery { From = from, To = window.To }, cancellationToken).ConfigureAwait(false))
        {
            foreach (var change in finder.Find([.. points.Select(static point => point.Value)]))
            {
                var sample = MetricReader.Sample(one, points[change.Index].Time, points[change.Index].Value);
                if (!window.Covers(sample.Time)) continue;
                string instance = one.Instance is null ? "" : $" {one.Instance}";
                var told = new TimelineEvent
                {
                    Time = sample.Time,
                    // It happened after the sample before.
                    Uncertainty = TimeSpan.FromMilliseconds(points[change.Index].Time - points[change.Index - 1].Time),
                    Server = one.Server,
                    Kind = TimelineKind.Metric,
                    Severity = TimelineSeverity.Info,
                    Text = FormattableString.Invariant($"{one.Metric}{instance} {(change.After > change.Before ? "rises" : "falls")} from {change.Before:0.###} to {change.After:0.###} {one.Unit}").TrimEnd(),
                    Source = sample,
                };
                found.Add((change, told));
            }
        }

        return [.. found.OrderByDescending(one => one.Change.Clarity).Take(MostChanges).Select(one => one.Told).OrderBy(told => told.Time)];
    }

    private static TimelineEvent Tell(HealthEvent told) => new()
    {
        Time = told.Time,
        Server = told.Server,
        Kind = told.Kind switch
        {
            HealthEventKind.Incident or HealthEventKind.Resolved => TimelineKind.Incident,
            HealthEventKind.Downtime => TimelineKind.Downtime,
            HealthEventKind.Action or HealthEventKind.Acknowledgement => TimelineKind.Action,
            _ => TimelineKind.Health,
        },
        Severity = told.State switch
        {
            HealthState.Critical or HealthState.Unreachable => TimelineSeverity.Critical,
            null or HealthState.OK or HealthState.Maintenance => TimelineSeverity.Info,
            _ => TimelineSeverity.Warning,
        },
        Text = told.Message,
        Source = told,
    };
}

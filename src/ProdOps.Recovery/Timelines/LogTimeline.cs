using ProdOps.Logging.Patterns;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Store;

namespace ProdOps.Recovery.Timelines;

/// <summary>Kinds of lines that were not there before, and times at which a log had many more lines than before.</summary>
/// <param name="window">From when until when.</param>
/// <param name="activity">Is told what is passed over.</param>
internal sealed class LogTimeline(TimelineWindow window, IActivity activity)
{
    private const int MostPatterns = 200;
    private const long LeastLines = 20;
    private const double Times = 4;

    public async Task<IReadOnlyList<TimelineEvent>> EventsAsync(LogStore store, IReadOnlyList<string> servers, CancellationToken cancellationToken)
    {
        var query = new LogQuery { Servers = servers, After = window.From, Before = window.To, CorrectClock = true };
        var patterns = await new PatternSearch(store, activity).FindAsync(query, window.Baseline, window.To, cancellationToken).ConfigureAwait(false);
        var bursts = await BurstsAsync(new StoreSearch(store, activity), query, cancellationToken).ConfigureAwait(false);
        return [.. patterns.Where(pattern => pattern.IsNew == true).OrderBy(pattern => pattern.Level ?? LogLevel.Debug).Take(MostPatterns).Select(Tell).Concat(bursts).OrderBy(told => told.Time)];
    }

    /// <summary>Counts by intervals: a burst begins where there are four times as many lines as in the busiest interval before.</summary>
    private async Task<IEnumerable<TimelineEvent>> BurstsAsync(StoreSearch search, LogQuery query, CancellationToken cancellationToken)
    {
        var interval = TimeSpan.FromSeconds(Math.Clamp(Math.Round((window.To - window.From).TotalSeconds / 60), 5, 600));
        var counts = await search.MeasureAsync(query with { After = window.From - window.Baseline }, new MeasureOptions { By = ["Server", "Source"], Interval = interval }, cancellationToken).ConfigureAwait(false);
        var found = new List<TimelineEvent>();
        foreach (var log in counts.Where(count => count.Time is not null).GroupBy(count => (Server: $"{count.Group.GetValueOrDefault("Server")}", Source: $"{count.Group.GetValueOrDefault("Source")}")))
        {
            long usual = log.Where(count => count.Time < window.From).Select(count => count.Count).DefaultIfEmpty(0).Max();
            // A log of which nothing was collected before bursts all the time.
            if (usual == 0) continue;
            bool within = false;
            foreach (var count in log.OrderBy(count => count.Time))
            {
                bool isBurst = count.Count >= LeastLines && count.Count >= Times * usual;
                if (isBurst && !within && count.Time >= window.From)
                {
                    found.Add(new TimelineEvent
                    {
                        Time = count.Time!.Value, Uncertainty = interval, Server = log.Key.Server, Kind = TimelineKind.LogBurst, Severity = TimelineSeverity.Warning, Source = count,
                        Text = FormattableString.Invariant($"{log.Key.Source}: {count.Count} lines in {interval.TotalSeconds:0} s, {usual} at most before"),
                    });
                }

                within = isBurst;
            }
        }

        return found;
    }

    private static TimelineEvent Tell(LogPattern pattern) => new()
    {
        Time = pattern.FirstTime,
        Server = pattern.Servers is [var one, ..] ? one : "",
        Kind = TimelineKind.LogPattern,
        Severity = pattern.Level switch { <= LogLevel.Critical => TimelineSeverity.Critical, <= LogLevel.Warning => TimelineSeverity.Warning, _ => TimelineSeverity.Info },
        Text = FormattableString.Invariant($"new in {string.Join(", ", pattern.Sources.Take(3))}, {pattern.Count} times: {pattern.Pattern}"),
        Source = pattern,
    };
}

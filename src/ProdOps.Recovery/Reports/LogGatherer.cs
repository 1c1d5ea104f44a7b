using ProdOps.Logging.Searching;
using ProdOps.Logging.Store;
using ProdOps.Recovery.Readiness.Gathering;

namespace ProdOps.Recovery.Reports;

/// <summary>Gathers how many lines the logs hold of each severity, and the newest of them.</summary>
internal static class LogGatherer
{
    private const int Intervals = 96;

    private static readonly TimeSpan Least = TimeSpan.FromMinutes(1);

    /// <param name="open">Opens the store.</param>
    /// <param name="from">When it begins.</param>
    /// <param name="now">When it ends.</param>
    /// <param name="lines">How many lines at most. Those that are a warning or worse, where there are any; else all.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<LogReport> GatherAsync(Func<IActivity, LogStore> open, DateTimeOffset from, DateTimeOffset now, int lines, CancellationToken cancellationToken)
    {
        var problems = new ProblemActivity();
        using var store = open(problems);
        var search = new StoreSearch(store, problems);
        var interval = (now - from) / Intervals is var even && even > Least ? TimeSpan.FromMinutes(Math.Ceiling(even.TotalMinutes)) : Least;
        var query = new LogQuery { After = from, Before = now.AddMilliseconds(1) };
        var counts = await search.MeasureAsync(query, new MeasureOptions { By = ["Level"], Interval = interval }, cancellationToken).ConfigureAwait(false);
        var severe = await NewestAsync(query with { Level = LogLevel.Warning }).ConfigureAwait(false);
        bool onlySevere = severe.Count > 0;
        return new LogReport { Interval = interval, Counts = counts, Entries = onlySevere ? severe : await NewestAsync(query).ConfigureAwait(false), OnlySevere = onlySevere, Problems = problems.Found };

        async Task<List<LogEntry>> NewestAsync(LogQuery wanted)
        {
            var found = new List<LogEntry>();
            if (lines == 0) return found;
            await foreach (var batch in search.SearchAsync(wanted with { Newest = lines }, cancellationToken).ConfigureAwait(false)) found.AddRange(batch);
            return found;
        }
    }
}

using System.Globalization;
using System.Runtime.CompilerServices;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Searching;

namespace ProdOps.Logging.Engines.VictoriaLogs;

/// <summary>
/// Follows what comes to VictoriaLogs. Its own tail shows only lines that are a few seconds old by their own time, and lines that are collected come later than that: so it is asked again and
/// again for those that were received since.
/// </summary>
internal sealed class VictoriaLogsWatch(VictoriaLogsSearch search, LogQuery query, EngineOptions options)
{
    private const int MostAtOnce = 50_000;

    // In microseconds. Several machines may send, whose clocks differ; and what the engine took first it does not always show first.
    private const long Margin = 15_000_000;

    private static readonly string Received = LogsQlText.Quote(LogsQlFields.Received);

    // Up to where each source was when it began: what is received of it later has a larger number.
    private readonly Dictionary<LogStream, long> _before = [];
    private readonly Dictionary<EngineLine, long> _shown = new(LineIdentity.Instance);

    public async IAsyncEnumerable<IReadOnlyList<LogEntry>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var filter = LogsQlFilter.Of(query).Possible;
        var maker = new EntryMaker(query, new LineTest(query), options.Formats);
        long began = Now();
        await search.AskAsync($"{Recent()} | stats by (server, source) max({Received}) newest", TakeBefore, cancellationToken).ConfigureAwait(false);
        long newest = _before.Values.DefaultIfEmpty(began).Max();
        using var timer = new PeriodicTimer(options.PollPause, options.Time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            var found = new List<LogEntry>();
            var lines = await FetchAsync(filter, newest, began, cancellationToken).ConfigureAwait(false);
            foreach (var line in lines.Where(IsNew))
            {
                newest = Math.Max(newest, line.Received);
                if (maker.IsMatch(line)) found.Add(maker.Make(line));
            }

            foreach (var old in _shown.Where(pair => pair.Value < (pair.Key.Received == 0 ? Now() : newest) - (2 * Margin)).Select(static pair => pair.Key).ToList()) _shown.Remove(old);
            if (found.Count > 0) yield return found;
        }
    }

    private bool IsNew(EngineLine line) => line.Received == 0 ? _shown.TryAdd(line, Now()) : line.Received > _before.GetValueOrDefault(line.Stream) && _shown.TryAdd(line, line.Received);

    private void TakeBefore(Dictionary<string, string> row)
    {
        if (long.TryParse(row.GetValueOrDefault("newest"), NumberStyles.None, CultureInfo.InvariantCulture, out long newest) && newest > 0)
            _before[new LogStream(row.GetValueOrDefault(LogsQlFields.Server, ""), row.GetValueOrDefault(LogsQlFields.Source, ""))] = newest;
    }

    private async Task<List<EngineLine>> FetchAsync(LogsQl filter, long newest, long began, CancellationToken cancellationToken)
    {
        // What others send says nothing of when it came, but usually comes at once.
        LogsQl ours = string.Create(CultureInfo.InvariantCulture, $"{Received}:>{newest - Margin}");
        LogsQl others = $"({LogsQlFields.Foreign} and {LogsQlFilter.Window(Math.Max(Ticks(began), Ticks(Now() - Margin)), null)})";
        string pipes = string.Create(CultureInfo.InvariantCulture, $" | sort by ({Received} desc) limit {MostAtOnce}");
        var lines = await search.FetchAsync($"{Recent()} {ours.Or(others).And(filter)}", pipes, MostAtOnce, cancellationToken).ConfigureAwait(false);
        lines.Sort(EngineLine.Compare);
        return lines;
    }

    // Whatever comes now and is older is brought in from old files: nobody waits for that.
    private LogsQl Recent() => LogsQlFilter.Window(options.Time.GetUtcNow().AddDays(-2).UtcTicks, null);

    private long Now() => (options.Time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private static long Ticks(long microseconds) => (microseconds * TimeSpan.TicksPerMicrosecond) + DateTime.UnixEpoch.Ticks;
}

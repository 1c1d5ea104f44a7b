using System.Globalization;
using System.Runtime.CompilerServices;
using ProdOps.Logging.Searching;

namespace ProdOps.Logging.Engines.VictoriaLogs;

/// <summary>
/// Searches VictoriaLogs with LogsQL. It gives lines in no order, so what is found is first counted by time and then fetched a window after the other, each small enough to be put in
/// order here: results stream, and neither side keeps more than a window.
/// </summary>
internal sealed class VictoriaLogsSearch(EngineHttp http, EngineOptions options, IActivity activity) : EngineSearch(options, activity)
{
    private const string Fields = $"_time, _msg, {LogsQlFields.Server}, {LogsQlFields.Source}, \"{LogsQlFields.Format}\", \"{LogsQlFields.Zone}\", \"{LogsQlFields.Received}\", \"{LogsQlFields.Blank}\"";

    // How many lines a window should have, how many windows are counted at once, and how many rows any answer may have.
    private const int WindowLines = 8192, MostBuckets = 400, MostGroups = 1_000_000;

    public override async Task<long> CountAsync(LogQuery query, CancellationToken cancellationToken)
    {
        Check(query);
        var filter = LogsQlFilter.Of(query);
        var window = LogsQlFilter.Window(query.After?.UtcTicks, query.Before?.UtcTicks);
        long count = await CountAsync(window.And(filter.Certain), cancellationToken).ConfigureAwait(false);
        if (filter.IsExact) return count;
        var maker = new EntryMaker(query, new LineTest(query), Options.Formats);
        await foreach (var lines in ReadAsync(query, filter.Doubtful, backwards: false, cancellationToken).ConfigureAwait(false)) count += lines.Count(maker.IsMatch);
        return count;
    }

    public override async Task<IReadOnlyList<LogMeasure>> MeasureAsync(LogQuery query, MeasureOptions measure, CancellationToken cancellationToken)
    {
        Check(query);
        var filter = LogsQlFilter.Of(query);
        var table = new MeasureTable(measure);
        if (!VictoriaLogsGroups.CanCount(measure))
        {
            await MeasureHereAsync(query, table, cancellationToken).ConfigureAwait(false);
            return table.ToMeasures();
        }

        // The engine counts what is certain of both the conditions and the groups' values; the rest is looked at here.
        filter = filter.And(VictoriaLogsGroups.Doubt(measure));
        var window = LogsQlFilter.Window(query.After?.UtcTicks, query.Before?.UtcTicks);
        var groups = new VictoriaLogsGroups(measure, table);
        await AskAsync($"{window.And(filter.Certain)} | {groups.Pipe()}", groups.Take, MostGroups, cancellationToken).ConfigureAwait(false);
        var maker = new EntryMaker(query, new LineTest(query), Options.Formats);
        if (!filter.IsExact)
        {
            await foreach (var lines in ReadAsync(query, filter.Doubtful, backwards: false, cancellationToken).ConfigureAwait(false))
            {
                foreach (var line in lines.Where(maker.IsMatch)) table.Add(line.Text, maker.FactsOf(line));
            }
        }

        return table.ToMeasures();
    }

    public override IAsyncEnumerable<IReadOnlyList<LogEntry>> WatchAsync(LogQuery query, CancellationToken cancellationToken)
    {
        Check(query);
        return new VictoriaLogsWatch(this, query, Options).WatchAsync(cancellationToken);
    }

    /// <summary>Lines that a filter finds, at most so many, in no order.</summary>
    public async Task<List<EngineLine>> FetchAsync(LogsQl filter, string pipes, int most, CancellationToken cancellationToken)
    {
        List<EngineLine> lines = [];
        await AskAsync($"{filter}{pipes} | fields {Fields}", row => lines.Add(VictoriaLogsRows.ToLine(row)), most, cancellationToken, lines.Clear).ConfigureAwait(false);
        return lines;
    }

    /// <summary>Hands the rows of a query to a taker.</summary>
    public Task AskAsync(string query, Action<Dictionary<string, string>> take, CancellationToken cancellationToken) => AskAsync(query, take, MostGroups, cancellationToken);

    private async Task<Dictionary<string, string>> AskOneAsync(string query, CancellationToken cancellationToken)
    {
        Dictionary<string, string>? only = null;
        await AskAsync(query, row => only ??= row, 1, cancellationToken).ConfigureAwait(false);
        return only ?? [];
    }

    protected override IAsyncEnumerable<IReadOnlyList<EngineLine>> ReadAsync(LogQuery query, bool backwards, CancellationToken cancellationToken) =>
        ReadAsync(query, LogsQlFilter.Of(query).Possible, backwards, cancellationToken);

    protected override async Task<IReadOnlyList<EngineLine>> ReadNearAsync(EngineLine line, int count, bool backwards, CancellationToken cancellationToken)
    {
        var window = backwards ? LogsQlFilter.Window(null, line.Ticks + 1) : LogsQlFilter.Window(line.Ticks, null);
        string order = backwards ? " desc" : "";
        // Others of the same moment are no neighbours on this side, and are not counted.
        int most = count + 1000;
        string pipes = string.Create(CultureInfo.InvariantCulture, $" | sort by (_time{order}, \"{LogsQlFields.Received}\"{order}) limit {most}");
        var lines = await FetchAsync($"{LogsQlFilter.Stream(line.Stream)} {window}", pipes, most, cancellationToken).ConfigureAwait(false);
        lines.Sort(EngineLine.Compare);
        if (backwards) lines.Reverse();
        return lines;
    }

    private async IAsyncEnumerable<IReadOnlyList<EngineLine>> ReadAsync(LogQuery query, LogsQl filter, bool backwards, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var windows = new Stack<TimeWindow>();
        if (await ExtentAsync(query, filter, cancellationToken).ConfigureAwait(false) is { } all) windows.Push(all);
        while (windows.TryPop(out var window))
        {
            if (window.Count > WindowLines && window.End - window.Start > 1)
            {
                var parts = await SplitAsync(filter, window, cancellationToken).ConfigureAwait(false);
                if (!backwards) parts.Reverse();
                foreach (var part in parts) windows.Push(part);
                continue;
            }

            // Lines that came since they were counted are welcome too, but not without end.
            int most = (int)Math.Min(int.MaxValue, Math.Max(window.Count, WindowLines) * 4);
            var lines = await FetchAsync(LogsQlFilter.Window(window.Start, window.End).And(filter), "", most, cancellationToken).ConfigureAwait(false);
            lines.Sort(EngineLine.Compare);
            if (backwards) lines.Reverse();
            if (lines.Count > 0) yield return lines;
        }
    }

    private async Task<TimeWindow?> ExtentAsync(LogQuery query, LogsQl filter, CancellationToken cancellationToken)
    {
        var window = LogsQlFilter.Window(query.After?.UtcTicks, query.Before?.UtcTicks);
        var row = await AskOneAsync($"{window.And(filter)} | stats min(_time) first, max(_time) last, count() n", cancellationToken).ConfigureAwait(false);
        long count = NumberOf(row, "n");
        if (count == 0) return null;
        if (!VictoriaLogsRows.TryTicks(row.GetValueOrDefault("first", ""), out long first) || !VictoriaLogsRows.TryTicks(row.GetValueOrDefault("last", ""), out long last))
            throw LoggingErrors.EngineMisbehaves(http.Location, "it counts lines and does not say when they begin and end");
        return new TimeWindow(first, last + 1, count);
    }

    /// <summary>Cuts a window into several with fewer lines each, in the order of time.</summary>
    private async Task<List<TimeWindow>> SplitAsync(LogsQl filter, TimeWindow window, CancellationToken cancellationToken)
    {
        long length = window.End - window.Start;
        long buckets = Math.Clamp(window.Count / (WindowLines / 4), 2, MostBuckets), step = Math.Max(1, length / buckets);
        var counts = new SortedDictionary<long, long>();
        string pipe = string.Create(CultureInfo.InvariantCulture, $"stats by (_time:{step * 100}ns) count() n");
        await AskAsync($"{LogsQlFilter.Window(window.Start, window.End).And(filter)} | {pipe}", row =>
        {
            if (!VictoriaLogsRows.TryTicks(row.GetValueOrDefault("_time", ""), out long start)) throw new FormatException();
            counts[start] = NumberOf(row, "n");
        }, MostBuckets * 4, cancellationToken, counts.Clear).ConfigureAwait(false);
        var parts = new List<TimeWindow>();
        foreach (var (bucket, count) in counts)
        {
            long start = Math.Max(bucket, window.Start), end = Math.Min(bucket + step, window.End);
            if (start >= end) continue;
            if (parts is [.., var last] && last.Count + count <= WindowLines) parts[^1] = last with { End = end, Count = last.Count + count };
            else parts.Add(new TimeWindow(start, end, count));
        }

        return parts;
    }

    private async Task<long> CountAsync(LogsQl filter, CancellationToken cancellationToken) =>
        NumberOf(await AskOneAsync($"{filter} | stats count() n", cancellationToken).ConfigureAwait(false), "n");

    private async Task AskAsync(string query, Action<Dictionary<string, string>> take, int mostRows, CancellationToken cancellationToken, Action? again = null)
    {
        Activity.Verbose($"Asking {http.Location}: {query}");
        await http.RunAsync("search", async token =>
        {
            again?.Invoke();
            var request = new HttpRequestMessage(HttpMethod.Post, http.Location + "/select/logsql/query") { Content = new FormUrlEncodedContent([new("query", query)]) };
            return await http.AskAsync(request, async (body, watch) =>
            {
                await VictoriaLogsRows.ReadAsync(body, watch, take, http.Location, mostRows).ConfigureAwait(false);
                return true;
            }, token).ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);
    }

    private long NumberOf(Dictionary<string, string> row, string name) =>
        long.TryParse(row.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number
            : throw LoggingErrors.EngineMisbehaves(http.Location, "it gives no number where it should count");

    /// <summary>A span of time and how many lines are in it, as far as is known.</summary>
    private readonly record struct TimeWindow(long Start, long End, long Count);
}

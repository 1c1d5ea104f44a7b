using System.Runtime.CompilerServices;
using ProdOps.Monitoring.Exporting;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Store.Chunks;
using ProdOps.Servers.Inventory;

namespace ProdOps.Monitoring.Engines;

/// <summary>
/// The history of our metrics as an engine keeps it: Prometheus, VictoriaMetrics, and what else has their HTTP API. Samples are asked for as they came, by range selectors; what stands for 5 minutes
/// or an hour is computed there, over the very times that the store's roll-ups have.
/// </summary>
internal sealed class EngineSource(EngineQueries queries, TimeProvider time) : IMetricSource
{
    // What is asked for at once, so that an answer stays far below what is read of one: values of all series together.
    private const long MostValues = 250_000;

    private const long Second = 1000, Minute = 60 * Second, Hour = 60 * Minute, Day = 24 * Hour;

    // More names of servers than this make a longer question than a shorter answer.
    private const int MostNamed = 50;

    /// <summary>How many seconds apart samples are taken to be at the closest; where they are closer, answers become too long, and are asked for in parts.</summary>
    private const long ShortestInterval = 5 * Second;

    private static readonly (MetricFunction Function, string Name)[] All =
    [
        (MetricFunction.Count, "count_over_time"), (MetricFunction.Minimum, "min_over_time"), (MetricFunction.Maximum, "max_over_time"), (MetricFunction.Sum, "sum_over_time"), (MetricFunction.Last, "last_over_time"),
    ];

    public async Task<IReadOnlyList<SeriesRow>> SeriesAsync(
        IReadOnlyList<string> servers, IReadOnlyList<string> metrics, IReadOnlyList<string> instances, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        string selector = $"{{__name__=~{PromQl.Quote(ExportNames.Prefix + ".+")}{(servers.Count is 0 or > MostNamed ? "" : $",server=~{PromQl.Quote(string.Join('|', servers.Select(PromQl.Pattern)))}")}}}";
        var found = new Dictionary<SeriesKey, SeriesRow>();
        foreach (var series in await queries.SeriesAsync(selector, from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds(), cancellationToken).ConfigureAwait(false))
        {
            if (ExportNames.SeriesOf(series.Label("__name__") ?? "", series.Label) is { } row && Fits(servers, row.Server) && Fits(metrics, row.Metric) && Fits(instances, row.Instance ?? "")) found.TryAdd(new SeriesKey(row), row);
        }

        return [.. found.Values.OrderBy(static row => row.Server, StringComparer.Ordinal).ThenBy(static row => row.Metric, StringComparer.Ordinal).ThenBy(static row => row.Instance, StringComparer.Ordinal)];
    }

    public async IAsyncEnumerable<MetricSample> QueryAsync(IReadOnlyList<SeriesRow> series, MetricQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (index, rollup) in ReadAsync(series, query, query.Function, cancellationToken).ConfigureAwait(false)) yield return MetricReader.Sample(series[index], rollup.Start, rollup.Value(query.Function));
    }

    public IAsyncEnumerable<(int Series, Rollup Rollup)> RollupsAsync(IReadOnlyList<SeriesRow> series, MetricQuery query, CancellationToken cancellationToken) => ReadAsync(series, query, null, cancellationToken);

    public async Task<IReadOnlyList<MetricSample>> LatestAsync(IReadOnlyList<SeriesRow> series, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var newest = new MetricSample?[series.Count];
        long first = from.ToUnixTimeMilliseconds(), last = Math.Min(to.ToUnixTimeMilliseconds(), time.GetUtcNow().ToUnixTimeMilliseconds() + (5 * Minute)), recent = Math.Max(first, last - (15 * Minute));
        await TakeAsync([.. Enumerable.Range(0, series.Count)], recent, last).ConfigureAwait(false);
        if (recent == first || !newest.Contains(null)) return [.. newest.OfType<MetricSample>()];
        // In which hour the others had their last value; that hour is then looked at.
        int[] missing = [.. Enumerable.Range(0, series.Count).Where(index => newest[index] is null)];
        var hours = new Dictionary<int, long>();
        var query = new MetricQuery { From = from, To = DateTimeOffset.FromUnixTimeMilliseconds(last), Resolution = MetricResolution.Hour, Function = MetricFunction.Count };
        await foreach (var (index, rollup) in ReadAsync([.. missing.Select(index => series[index])], query, MetricFunction.Count, cancellationToken).ConfigureAwait(false)) hours[missing[index]] = rollup.Start;
        foreach (var hour in hours.GroupBy(static one => one.Value)) await TakeAsync([.. hour.Select(static one => one.Key)], Math.Max(first, hour.Key), Math.Min(last, hour.Key + Hour)).ConfigureAwait(false);
        return [.. newest.OfType<MetricSample>()];

        async Task TakeAsync(int[] wanted, long start, long end)
        {
            var rows = wanted.Select(index => series[index]).ToArray();
            var raw = new MetricQuery { From = DateTimeOffset.FromUnixTimeMilliseconds(start), To = DateTimeOffset.FromUnixTimeMilliseconds(end), Resolution = MetricResolution.Raw };
            await foreach (var (index, rollup) in ReadAsync(rows, raw, MetricFunction.Last, cancellationToken).ConfigureAwait(false)) newest[wanted[index]] = MetricReader.Sample(rows[index], rollup.Start, rollup.Last);
        }
    }

    public ProdOpsException NotFound(string what, DateTimeOffset from, DateTimeOffset to) => MonitoringErrors.EngineHasNone(what, queries.Location, from, to);

    /// <summary>Reads a while after the other, so that what is asked for at once is bounded.</summary>
    /// <param name="series">The series.</param>
    /// <param name="query">The time and how fine.</param>
    /// <param name="only">The function that is wanted; <see langword="null"/> for all that a roll-up holds.</param>
    /// <param name="cancellationToken">Ends it.</param>
    private async IAsyncEnumerable<(int Series, Rollup Rollup)> ReadAsync(IReadOnlyList<SeriesRow> series, MetricQuery query, MetricFunction? only, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (series.Count == 0) yield break;
        long width = WidthOf(query), from = Math.Max(0, query.From.ToUnixTimeMilliseconds()), to = Math.Min(query.To.ToUnixTimeMilliseconds(), time.GetUtcNow().ToUnixTimeMilliseconds() + Day);
        // A roll-up begins at a whole multiple of its width.
        if (width > 0) from -= from % width;
        var families = Families(series);
        long values = Math.Clamp(MostValues / series.Count, 1, EngineQueries.MostPoints), most = width > 0 ? width * values : Math.Clamp(values * ShortestInterval, 5 * Minute, Day);
        while (from < to)
        {
            long end = Math.Min(to, from + most);
            var entries = new Dictionary<(long Start, int Series), Rollup>();
            try
            {
                foreach (var family in families) await ReadAsync(family, (from, end), width, only, entries, cancellationToken).ConfigureAwait(false);
            }
            catch (ProdOpsException error) when (error.ErrorId == MonitoringErrors.EngineAnswerTooLongId && most > Math.Max(width, Second))
            {
                most = Math.Max(Math.Max(width, Second), (width > 0 ? most / width / 2 * width : most / 2));
                continue;
            }

            foreach (var (key, rollup) in entries.OrderBy(static entry => entry.Key))
            {
                // What came while the functions were asked for, one after the other, is whole the next time.
                if (only is not null || rollup.Count > 0) yield return (key.Series, rollup);
            }

            from = end;
        }
    }

    private async Task ReadAsync(Family family, (long From, long To) span, long width, MetricFunction? only, Dictionary<(long, int), Rollup> entries, CancellationToken cancellationToken)
    {
        if (width == 0)
        {
            string range = $"{family.Selector}[{PromQl.Duration(TimeSpan.FromMilliseconds(span.To - span.From))}]";
            foreach (var (index, points) in family.Sort(await queries.AtAsync(range, span.To - 1, cancellationToken).ConfigureAwait(false)))
            {
                // Whether a sample at the very beginning is part of a range differs from version to version.
                foreach (var point in points) if (point.Time >= span.From && point.Time < span.To) entries[(point.Time, index)] = family.Sample(index, point);
            }

            return;
        }

        foreach (var (function, name) in only is { } one ? [(one, Function(one))] : All)
        {
            // The last moment of each while, and all of it: the samples that the store rolls up.
            string expression = $"{name}({family.Selector}[{PromQl.Duration(TimeSpan.FromMilliseconds(width))}])";
            long last = span.From + width - 1 + ((span.To - 1 - span.From) / width * width);
            foreach (var (index, points) in family.Sort(await queries.RangeAsync(expression, span.From + width - 1, last, width, cancellationToken).ConfigureAwait(false)))
            {
                foreach (var point in points)
                {
                    var key = (point.Time - width + 1, index);
                    entries[key] = family.With(index, entries.GetValueOrDefault(key), key.Item1, function, point.Value);
                }
            }
        }
    }

    private static long WidthOf(MetricQuery query) => query.Resolution switch
    {
        MetricResolution.Raw => 0,
        MetricResolution.FiveMinutes => 5 * Minute,
        MetricResolution.Hour => Hour,
        _ => (query.To - query.From) switch { var length when length <= TimeSpan.FromHours(24) => 0, var length when length <= TimeSpan.FromDays(14) => 5 * Minute, _ => Hour },
    };

    private static string Function(MetricFunction function) => function == MetricFunction.Average ? "avg_over_time" : All.First(one => one.Function == function).Name;

    private static bool Fits(IReadOnlyList<string> patterns, string name) => patterns.Count == 0 || patterns.Any(pattern => NamePattern.IsMatch(pattern, name));

    private static List<Family> Families(IReadOnlyList<SeriesRow> series) =>
        [.. Enumerable.Range(0, series.Count).GroupBy(index => ExportNames.Family(series[index].Metric, series[index].Unit), StringComparer.Ordinal).Select(group => new Family(group.Key, series, [.. group]))];

    /// <summary>A series as the store tells series apart: servers and metrics without regard to case.</summary>
    private readonly record struct SeriesKey(string Server, string Metric, string Instance)
    {
        public SeriesKey(SeriesRow row) : this(row.Server.ToUpperInvariant(), row.Metric.ToUpperInvariant(), row.Instance ?? "")
        {
        }
    }

    /// <summary>The series that have one name there.</summary>
    private sealed class Family
    {
        private readonly string _name;
        private readonly IReadOnlyList<SeriesRow> _series;
        private readonly Dictionary<SeriesKey, int> _indexes;

        public Family(string name, IReadOnlyList<SeriesRow> series, int[] indexes)
        {
            (_name, _series) = (name, series);
            _indexes = indexes.ToDictionary(index => new SeriesKey(series[index]));
            string[] servers = [.. indexes.Select(index => series[index].Server).Distinct(StringComparer.Ordinal)];
            var matchers = new List<string>();
            if (servers.Length <= MostNamed) matchers.Add(PromQl.AnyOf("server", servers));
            if (indexes is [var only]) matchers.AddRange(ExportNames.Labels(series[only]).Skip(1).Select(static label => PromQl.AnyOf(label.Name, [label.Value])));
            Selector = $"{name}{{{string.Join(',', matchers)}}}";
        }

        public string Selector { get; }

        /// <summary>The series that were asked for. Of two that are one here, such as from two monitors that watch the same, both are given.</summary>
        public IEnumerable<(int Index, IReadOnlyList<Point> Points)> Sort(IReadOnlyList<EngineSeries> found)
        {
            foreach (var one in found)
            {
                if (ExportNames.SeriesOf(_name, one.Label) is { } row && _indexes.TryGetValue(new SeriesKey(row), out int index)) yield return (index, one.Points);
            }
        }

        public Rollup Sample(int index, Point point)
        {
            double value = Value(index, point.Value);
            return new Rollup(point.Time, 1, value, value, value, value);
        }

        public Rollup With(int index, Rollup before, long start, MetricFunction function, double value) => function switch
        {
            MetricFunction.Count => before with { Start = start, Count = Math.Max(1, (long)Math.Min(value, long.MaxValue / 2)) },
            MetricFunction.Minimum => before with { Start = start, Min = Value(index, value) },
            MetricFunction.Maximum => before with { Start = start, Max = Value(index, value) },
            MetricFunction.Last => before with { Start = start, Last = Value(index, value) },
            MetricFunction.Sum => before with { Start = start, Sum = value / ExportNames.Factor(_series[index]) },
            // The mean alone: a sum of one.
            _ => new Rollup(start, 1, 0, 0, value / ExportNames.Factor(_series[index]), 0),
        };

        // As exact as values are kept: what was made of them on the way there and back is not seen.
        private double Value(int index, double value) => MetricPrecision.Round(value / ExportNames.Factor(_series[index]), _series[index].Unit);
    }
}

using System.Runtime.InteropServices;
using ProdOps.Monitoring.Store.Chunks;

namespace ProdOps.Monitoring.Store;

/// <summary>
/// Reads samples and roll-ups in the order of time, a period after the other: each is read at one moment, so that sealing meanwhile shows nothing twice and hides
/// nothing, and a slow reader does not keep the log from being emptied.
/// </summary>
internal sealed class MetricReader(StoreFile file, IActivity activity)
{
    // From so many series on all chunks of a period are walked through instead of being looked up one by one.
    private const int WalkFrom = 256;

    public IEnumerable<MetricSample> Read(MetricQuery query, ChunkTable table, CancellationToken cancellationToken)
    {
        var series = file.Read(connection => SeriesTable.Match(connection, query.Server, query.Metric, query.Instance));
        if (series.Count == 0) yield break;
        var wanted = new Dictionary<long, int>(series.Count);
        for (int i = 0; i < series.Count; i++) wanted.Add(series[i].Id, i);
        long from = Math.Max(0, query.From.ToUnixTimeMilliseconds()), to = query.To.ToUnixTimeMilliseconds();
        var entries = new List<Entry>();
        for (long? period = from / table.Span; period is not null; period++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            entries.Clear();
            long start = period.Value;
            period = file.Read(connection => ReadNext(connection, new Request(table, query.Function, from, to, series, wanted), start, entries));
            entries.Sort(static (a, b) => a.Time != b.Time ? a.Time.CompareTo(b.Time) : a.Series.CompareTo(b.Series));
            foreach (var (time, index, value) in entries)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return Sample(series[index], time, value);
            }
        }
    }

    public static MetricSample Sample(SeriesRow series, long time, double value) => new()
    {
        Server = series.Server, Name = series.Metric, Instance = series.Instance, Unit = series.Unit, Value = value, Time = DateTimeOffset.FromUnixTimeMilliseconds(time),
    };

    /// <summary>The last sample of a series in a sealed hour.</summary>
    public MetricSample? LastOf(StoreConnection connection, SeriesRow series, long hour)
    {
        if (connection.Bytes(ChunkTable.Raw.Select, ChunkTable.Id(hour, series.Id)) is not { } chunk) return null;
        var points = Points(series, hour, chunk);
        return points.Count == 0 ? null : Sample(series, points[^1].Time, points[^1].Value);
    }

    /// <summary>Reads the first period from one on that has anything, and gives which it was.</summary>
    private long? ReadNext(StoreConnection connection, Request request, long start, List<Entry> entries)
    {
        long? sealedOne = request.Table.FirstPeriod(connection, start), hotOne = HotSamples.FirstFrom(connection, start * request.Table.Span) / request.Table.Span;
        long? period = sealedOne is null || hotOne < sealedOne ? hotOne : sealedOne;
        if (period is not { } found || found * request.Table.Span >= request.To) return null;
        long from = found * request.Table.Span;
        var hot = HotSamples.Read(connection, (from, from + request.Table.Span), request.Wanted.ContainsKey);
        if (request.Table.Width == 0) ReadPoints(connection, request, found, hot, entries);
        else ReadRollups(connection, request, found, hot, entries);
        return found;
    }

    private void ReadPoints(StoreConnection connection, Request request, long hour, Dictionary<long, List<Point>> hot, List<Entry> entries)
    {
        foreach (var (id, chunk) in Chunks(connection, request, hour))
        {
            var points = Points(request[id], hour, chunk);
            if (hot.Remove(id, out var newer)) points = ChunkMerge.Points(points, newer);
            Add(id, points);
        }

        foreach (var (id, points) in hot) Add(id, points);

        void Add(long id, List<Point> points)
        {
            int index = request.Wanted[id];
            foreach (var (time, value) in points)
            {
                if (time >= request.From && time < request.To) entries.Add(new Entry(time, index, value));
            }
        }
    }

    private void ReadRollups(StoreConnection connection, Request request, long period, Dictionary<long, List<Point>> hot, List<Entry> entries)
    {
        foreach (var (id, chunk) in Chunks(connection, request, period))
        {
            var rollups = new List<Rollup>();
            Try(request[id], period * request.Table.Span, () => RollupCodec.Decode(chunk, rollups));
            if (hot.Remove(id, out var newer)) RollUp(connection, request, id, newer, rollups);
            Add(id, rollups);
        }

        foreach (var (id, points) in hot)
        {
            var rollups = new List<Rollup>();
            RollUp(connection, request, id, points, rollups);
            Add(id, rollups);
        }

        void Add(long id, List<Rollup> rollups)
        {
            int index = request.Wanted[id];
            foreach (var rollup in rollups)
            {
                if (rollup.Start + request.Table.Width > request.From && rollup.Start < request.To) entries.Add(new Entry(rollup.Start, index, Value(rollup, request.Function)));
            }
        }
    }

    /// <summary>The hours that have samples outside of chunks are rolled up anew, from all their samples.</summary>
    private void RollUp(StoreConnection connection, Request request, long id, List<Point> hot, List<Rollup> rollups)
    {
        foreach (var hour in hot.GroupBy(static point => point.Time / ChunkTable.Hour))
        {
            var points = hour.ToList();
            if (connection.Bytes(ChunkTable.Raw.Select, ChunkTable.Id(hour.Key, id)) is { } chunk) points = ChunkMerge.Points(Points(request[id], hour.Key, chunk), points);
            var added = new List<Rollup>();
            Rollup.Add(CollectionsMarshal.AsSpan(points), request.Table.Width, added);
            ChunkMerge.Replace(rollups, hour.Key * ChunkTable.Hour, (hour.Key + 1) * ChunkTable.Hour, added);
        }
    }

    private static IEnumerable<(long Series, byte[] Chunk)> Chunks(StoreConnection connection, Request request, long period)
    {
        if (request.Series.Count < WalkFrom)
        {
            foreach (var row in request.Series)
            {
                if (connection.Bytes(request.Table.Select, ChunkTable.Id(period, row.Id)) is { } chunk) yield return (row.Id, chunk);
            }

            yield break;
        }

        using var reader = connection.Query(request.Table.SelectPeriod, ChunkTable.Id(period, 0), ChunkTable.Id(period, ChunkTable.LastSeries));
        while (reader.Read())
        {
            long id = ChunkTable.SeriesOf(reader.GetInt64(0));
            if (request.Wanted.ContainsKey(id)) yield return (id, reader.GetFieldValue<byte[]>(1));
        }
    }

    private List<Point> Points(SeriesRow series, long hour, byte[] chunk)
    {
        var points = new List<Point>();
        Try(series, hour * ChunkTable.Hour, () => SampleCodec.Decode(chunk, points));
        return points;
    }

    // A damaged chunk is told, and the others are shown.
    private void Try(SeriesRow series, long start, Action decode)
    {
        try
        {
            decode();
        }
        catch (ProdOpsException damaged) when (damaged.ErrorId == MonitoringErrors.ChunkInvalidId)
        {
            activity.Error(MonitoringErrors.ChunkLost(file.Path, series.ToString(), DateTimeOffset.FromUnixTimeMilliseconds(start), damaged));
        }
    }

    private static double Value(in Rollup rollup, MetricFunction function) => function switch
    {
        MetricFunction.Minimum => rollup.Min,
        MetricFunction.Maximum => rollup.Max,
        MetricFunction.Last => rollup.Last,
        MetricFunction.Sum => rollup.Sum,
        MetricFunction.Count => rollup.Count,
        _ => rollup.Mean,
    };

    private readonly record struct Entry(long Time, int Series, double Value);

    private sealed record Request(ChunkTable Table, MetricFunction Function, long From, long To, List<SeriesRow> Series, Dictionary<long, int> Wanted)
    {
        public SeriesRow this[long id] => Series[Wanted[id]];
    }
}

using System.Runtime.InteropServices;
using ProdOps.Monitoring.Store.Chunks;

namespace ProdOps.Monitoring.Store;

/// <summary>
/// Reads samples and roll-ups, a period after the other: each is read at one moment, so that sealing meanwhile shows nothing twice and hides nothing, and a slow reader does not keep
/// the log from being emptied.
/// </summary>
internal sealed class MetricReader(StoreFile file, IActivity activity)
{
    // Where a larger part of all series is wanted, the chunks of a period are walked through instead of being looked up one by one.
    private const int WalkFromPart = 16;

    private const string MostSeries = "SELECT max(id) FROM series";

    private static readonly ChunkTable[] RolledUp = [ChunkTable.FiveMinutes, ChunkTable.Hours];

    /// <summary>Samples, or what a function makes of roll-ups, in the order of time.</summary>
    public IEnumerable<MetricSample> Read(IReadOnlyList<SeriesRow> series, MetricQuery query, ChunkTable table, CancellationToken cancellationToken) =>
        Read(series, query, table, static point => point.Value, rollup => rollup.Value(query.Function), inOrder: true, cancellationToken).Select(entry => Sample(series[entry.Series], entry.Time, entry.Value));

    /// <summary>Roll-ups with all that they hold, of each series in the order of time; a sample is one of one.</summary>
    public IEnumerable<(int Series, Rollup Rollup)> ReadRollups(IReadOnlyList<SeriesRow> series, MetricQuery query, ChunkTable table, CancellationToken cancellationToken) =>
        Read(series, query, table, static point => new Rollup(point.Time, 1, point.Value, point.Value, point.Value, point.Value), static rollup => rollup, inOrder: false, cancellationToken)
            .Select(static entry => (entry.Series, entry.Value));

    public static MetricSample Sample(SeriesRow series, long time, double value) => new()
    {
        Server = series.Server, Name = series.Metric, Instance = series.Instance, Unit = series.Unit, Value = value, Time = DateTimeOffset.FromUnixTimeMilliseconds(time),
    };

    /// <summary>The last sample of a series in a sealed hour; where samples are not kept any more, the last that a roll-up knows, at the beginning of the roll-up.</summary>
    public MetricSample? LastOf(StoreConnection connection, SeriesRow series, long hour)
    {
        if (connection.Bytes(ChunkTable.Raw.Select, ChunkTable.Id(hour, series.Id)) is { } chunk && Points(series, hour, chunk) is { Count: > 0 } points)
        {
            return Sample(series, points[^1].Time, points[^1].Value);
        }

        foreach (var table in RolledUp)
        {
            long period = hour * ChunkTable.Hour / table.Span;
            if (connection.Bytes(table.Select, ChunkTable.Id(period, series.Id)) is not { } rolledUp) continue;
            var rollups = new List<Rollup>();
            Try(series, period * table.Span, () => RollupCodec.Decode(rolledUp, rollups));
            if (rollups.Count > 0) return Sample(series, rollups[^1].Start, rollups[^1].Last);
        }

        return null;
    }

    private IEnumerable<Entry<T>> Read<T>(
        IReadOnlyList<SeriesRow> series, MetricQuery query, ChunkTable table, Func<Point, T> ofPoint, Func<Rollup, T> ofRollup, bool inOrder, CancellationToken cancellationToken)
    {
        if (series.Count == 0) yield break;
        var wanted = new Dictionary<long, int>(series.Count);
        for (int i = 0; i < series.Count; i++) wanted.Add(series[i].Id, i);
        long from = Math.Max(0, query.From.ToUnixTimeMilliseconds()), to = query.To.ToUnixTimeMilliseconds();
        var request = new Request<T>(table, from, to, series, wanted, ofPoint, ofRollup);
        for (long? period = from / table.Span; period is not null; period++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            request.Entries.Clear();
            long start = period.Value;
            period = file.Read(connection => ReadNext(connection, request, start));
            if (inOrder) request.Entries.Sort(static (a, b) => a.Time != b.Time ? a.Time.CompareTo(b.Time) : a.Series.CompareTo(b.Series));
            foreach (var entry in request.Entries)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return entry;
            }
        }
    }

    /// <summary>Reads the first period from one on that has anything, and gives which it was.</summary>
    private long? ReadNext<T>(StoreConnection connection, Request<T> request, long start)
    {
        long? sealedOne = request.Table.FirstPeriod(connection, start), hotOne = HotSamples.FirstFrom(connection, start * request.Table.Span) / request.Table.Span;
        long? period = sealedOne is null || hotOne < sealedOne ? hotOne : sealedOne;
        if (period is not { } found || found * request.Table.Span >= request.To) return null;
        long from = found * request.Table.Span;
        var hot = HotSamples.Read(connection, (from, from + request.Table.Span), request.Wanted.ContainsKey);
        if (request.Table.Width == 0) ReadPoints(connection, request, found, hot);
        else ReadRollups(connection, request, found, hot);
        return found;
    }

    private void ReadPoints<T>(StoreConnection connection, Request<T> request, long hour, Dictionary<long, List<Point>> hot)
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
            foreach (var point in points)
            {
                if (point.Time >= request.From && point.Time < request.To) request.Entries.Add(new Entry<T>(point.Time, index, request.OfPoint(point)));
            }
        }
    }

    private void ReadRollups<T>(StoreConnection connection, Request<T> request, long period, Dictionary<long, List<Point>> hot)
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
                if (rollup.Start + request.Table.Width > request.From && rollup.Start < request.To) request.Entries.Add(new Entry<T>(rollup.Start, index, request.OfRollup(rollup)));
            }
        }
    }

    /// <summary>The hours that have samples outside of chunks are rolled up anew, from all their samples.</summary>
    private void RollUp<T>(StoreConnection connection, Request<T> request, long id, List<Point> hot, List<Rollup> rollups)
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

    private static IEnumerable<(long Series, byte[] Chunk)> Chunks<T>(StoreConnection connection, Request<T> request, long period)
    {
        if (request.Series.Count < connection.Number(MostSeries) / WalkFromPart)
        {
            foreach (long id in request.InOrder)
            {
                if (connection.Bytes(request.Table.Select, ChunkTable.Id(period, id)) is { } chunk) yield return (id, chunk);
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

    private readonly record struct Entry<T>(long Time, int Series, T Value);

    private sealed record Request<T>(
        ChunkTable Table, long From, long To, IReadOnlyList<SeriesRow> Series, Dictionary<long, int> Wanted, Func<Point, T> OfPoint, Func<Rollup, T> OfRollup)
    {
        /// <summary>What the period has.</summary>
        public List<Entry<T>> Entries { get; } = [];

        /// <summary>The numbers of the series in the order that their chunks lie in.</summary>
        public IReadOnlyList<long> InOrder { get; } = [.. Series.Select(static row => row.Id).Order()];

        public SeriesRow this[long id] => Series[Wanted[id]];
    }
}

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
        Read(new PeriodEntries<double>(table, query, series, static point => point.Value, rollup => rollup.Value(query.Function), inOrder: true), cancellationToken).Select(entry => Sample(series[entry.Series], entry.Time, entry.Value));

    /// <summary>Roll-ups with all that they hold, of each series in the order of time; a sample is one of one.</summary>
    public IEnumerable<(int Series, Rollup Rollup)> ReadRollups(IReadOnlyList<SeriesRow> series, MetricQuery query, ChunkTable table, CancellationToken cancellationToken) =>
        Read(new PeriodEntries<Rollup>(table, query, series, static point => new Rollup(point.Time, 1, point.Value, point.Value, point.Value, point.Value), static rollup => rollup, inOrder: false), cancellationToken)
            .Select(static entry => (entry.Series, entry.Value));

    /// <summary>Samples, or what a function makes of roll-ups, of each series in pieces that follow each other.</summary>
    public IEnumerable<(int Series, List<Point> Points)> ReadPoints(IReadOnlyList<SeriesRow> series, MetricQuery query, ChunkTable table, CancellationToken cancellationToken) =>
        Read(new PeriodPoints(table, query, series), cancellationToken);

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

    private IEnumerable<T> Read<T>(PeriodContents<T> contents, CancellationToken cancellationToken)
    {
        if (contents.Series.Count == 0) yield break;
        for (long? period = contents.From / contents.Table.Span; period is not null; period++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            contents.Begin();
            long start = period.Value;
            period = file.Read(connection => ReadNext(connection, contents, start));
            foreach (var entry in contents.End())
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return entry;
            }
        }
    }

    /// <summary>Reads the first period from one on that has anything, and gives which it was.</summary>
    private long? ReadNext(StoreConnection connection, PeriodContents contents, long start)
    {
        var table = contents.Table;
        long? sealedOne = table.FirstPeriod(connection, start), hotOne = HotSamples.FirstFrom(connection, start * table.Span) / table.Span;
        long? period = sealedOne is null || hotOne < sealedOne ? hotOne : sealedOne;
        if (period is not { } found || found * table.Span >= contents.To) return null;
        long from = found * table.Span;
        var hot = HotSamples.Read(connection, (from, from + table.Span), contents.IsWanted);
        if (table.Width == 0) ReadPoints(connection, contents, found, hot);
        else ReadRollups(connection, contents, found, hot);
        return found;
    }

    private void ReadPoints(StoreConnection connection, PeriodContents contents, long hour, Dictionary<long, List<Point>> hot)
    {
        foreach (var (id, chunk) in Chunks(connection, contents, hour))
        {
            var points = Points(contents[id], hour, chunk);
            if (hot.Remove(id, out var newer)) points = ChunkMerge.Points(points, newer);
            contents.Take(id, points);
        }

        foreach (var (id, points) in hot) contents.Take(id, points);
    }

    private void ReadRollups(StoreConnection connection, PeriodContents contents, long period, Dictionary<long, List<Point>> hot)
    {
        var rollups = new List<Rollup>();
        foreach (var (id, chunk) in Chunks(connection, contents, period))
        {
            rollups.Clear();
            Try(contents[id], period * contents.Table.Span, () => RollupCodec.Decode(chunk, rollups));
            if (hot.Remove(id, out var newer)) RollUp(connection, contents, id, newer, rollups);
            contents.Take(id, rollups);
        }

        foreach (var (id, points) in hot)
        {
            rollups.Clear();
            RollUp(connection, contents, id, points, rollups);
            contents.Take(id, rollups);
        }
    }

    /// <summary>The hours that have samples outside of chunks are rolled up anew, from all their samples.</summary>
    private void RollUp(StoreConnection connection, PeriodContents contents, long id, List<Point> hot, List<Rollup> rollups)
    {
        foreach (var hour in hot.GroupBy(static point => point.Time / ChunkTable.Hour))
        {
            var points = hour.ToList();
            if (connection.Bytes(ChunkTable.Raw.Select, ChunkTable.Id(hour.Key, id)) is { } chunk) points = ChunkMerge.Points(Points(contents[id], hour.Key, chunk), points);
            var added = new List<Rollup>();
            Rollup.Add(CollectionsMarshal.AsSpan(points), contents.Table.Width, added);
            ChunkMerge.Replace(rollups, hour.Key * ChunkTable.Hour, (hour.Key + 1) * ChunkTable.Hour, added);
        }
    }

    private static IEnumerable<(long Series, byte[] Chunk)> Chunks(StoreConnection connection, PeriodContents contents, long period)
    {
        if (contents.Series.Count < connection.Number(MostSeries) / WalkFromPart)
        {
            foreach (long id in contents.InOrder)
            {
                if (connection.Bytes(contents.Table.Select, ChunkTable.Id(period, id)) is { } chunk) yield return (id, chunk);
            }

            yield break;
        }

        using var reader = connection.Query(contents.Table.SelectPeriod, ChunkTable.Id(period, 0), ChunkTable.Id(period, ChunkTable.LastSeries));
        while (reader.Read())
        {
            long id = ChunkTable.SeriesOf(reader.GetInt64(0));
            if (contents.IsWanted(id)) yield return (id, reader.GetFieldValue<byte[]>(1));
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
}

using System.Runtime.InteropServices;
using ProdOps.Monitoring.Store.Chunks;

namespace ProdOps.Monitoring.Store;

/// <summary>
/// Moves samples of an hour into a chunk a series, and rolls them up: of each series in one transaction. A chunk that is there already is opened and takes the new ones in, so
/// late samples find their place.
/// </summary>
internal sealed class Sealer(string path, IActivity activity)
{
    private const string SetAside = "INSERT INTO damaged_chunk (kind, id, data) VALUES ($1, $2, $3)";
    private const string LastHour = "UPDATE series SET last_hour = max(ifnull(last_hour, 0), $2) WHERE id = $1";
    private const string Summary = """
        INSERT OR REPLACE INTO sealed_hour (hour, series, samples, bytes)
        SELECT $1, count(*), sum(entries), sum(length(data)) FROM chunk WHERE id BETWEEN $2 AND $3
        """;

    private readonly ChunkWriter _writer = new();

    /// <summary>Seals samples of an hour, counted from 1970 on; gives how many that were.</summary>
    public long Seal(StoreConnection connection, long hour, List<HotRun> runs)
    {
        long count = 0;
        foreach (var (series, points) in HotSamples.Take(connection, runs))
        {
            count += points.Count;
            Seal(connection, hour, series, points);
        }

        return count;
    }

    /// <summary>Notes what the chunks of an hour come to. It belongs to the transaction that seals its last samples.</summary>
    public static void Sum(StoreConnection connection, long hour) => connection.Execute(Summary, hour, ChunkTable.Id(hour, 0), ChunkTable.Id(hour, ChunkTable.LastSeries));

    private void Seal(StoreConnection connection, long hour, long series, List<Point> newer)
    {
        long id = ChunkTable.Id(hour, series);
        var old = new List<Point>();
        TryDecode(connection, ChunkTable.Raw, id, chunk => SampleCodec.Decode(chunk, old));
        var points = ChunkMerge.Points(old, newer);
        connection.Execute(ChunkTable.Raw.Replace, id, points.Count, SampleCodec.Encode(CollectionsMarshal.AsSpan(points), _writer).ToArray());
        RollUp(connection, ChunkTable.FiveMinutes, hour, series, points);
        RollUp(connection, ChunkTable.Hours, hour, series, points);
        connection.Execute(LastHour, series, hour);
    }

    private void RollUp(StoreConnection connection, ChunkTable table, long hour, long series, List<Point> points)
    {
        long start = hour * ChunkTable.Hour, id = ChunkTable.Id(start / table.Span, series);
        List<Rollup> rollups = [], added = [];
        TryDecode(connection, table, id, chunk => RollupCodec.Decode(chunk, rollups));
        Rollup.Add(CollectionsMarshal.AsSpan(points), table.Width, added);
        ChunkMerge.Replace(rollups, start, start + ChunkTable.Hour, added);
        connection.Execute(table.Replace, id, rollups.Count, RollupCodec.Encode(rollups, _writer).ToArray());
    }

    // What cannot be read must not hold up all that comes after it: it is set aside, told once, and a new chunk is begun.
    private void TryDecode(StoreConnection connection, ChunkTable table, long id, Action<byte[]> decode)
    {
        if (connection.Bytes(table.Select, id) is not { } chunk) return;
        try
        {
            decode(chunk);
        }
        catch (ProdOpsException damaged) when (damaged.ErrorId == MonitoringErrors.ChunkInvalidId)
        {
            var start = DateTimeOffset.FromUnixTimeMilliseconds(ChunkTable.PeriodOf(id) * table.Span);
            connection.Execute(SetAside, table.Name, id, chunk);
            activity.Error(MonitoringErrors.ChunkLost(path, $"series {ChunkTable.SeriesOf(id)}", start, damaged));
        }
    }
}

using ProdOps.Monitoring.Store.Chunks;

namespace ProdOps.Monitoring.Store;

/// <summary>Finds out what a store holds, without reading all of it.</summary>
internal static class StoreSurvey
{
    public static StoreFacts Of(StoreFile file) => file.Read(connection =>
    {
        long sealedSamples = connection.Number("SELECT ifnull(sum(samples), 0) FROM sealed_hour") ?? 0, bytes = connection.Number("SELECT ifnull(sum(bytes), 0) FROM sealed_hour") ?? 0;
        long? hot = HotSamples.FirstFrom(connection, 0);
        long? raw = Earlier(ChunkTable.Raw.FirstPeriod(connection, 0) * ChunkTable.Hour, hot);
        return new StoreFacts
        {
            Path = file.Path,
            Size = file.Size,
            Series = connection.Number("SELECT count(*) FROM series") ?? 0,
            Samples = sealedSamples + (connection.Number(HotSamples.Count) ?? 0),
            BytesPerSample = sealedSamples == 0 ? 0 : (double)bytes / sealedSamples,
            Oldest = Moment(Earlier(Earlier(Start(connection, ChunkTable.Hours), Start(connection, ChunkTable.FiveMinutes)), raw)),
            OldestSample = Moment(raw),
            Newest = Moment(connection.Number(HotSamples.Newest) ?? End(connection)),
            Events = connection.Number("SELECT count(*) FROM event") ?? 0,
            DamagedChunks = connection.Number("SELECT count(*) FROM damaged_chunk") ?? 0,
        };
    });

    private static DateTimeOffset? Moment(long? milliseconds) => milliseconds is { } time ? DateTimeOffset.FromUnixTimeMilliseconds(time) : null;

    private static long? Earlier(long? a, long? b) => a is null || b < a ? b : a;

    private static long? Start(StoreConnection connection, ChunkTable table)
    {
        if (table.FirstPeriod(connection, 0) is not { } period) return null;
        long? start = null;
        using var reader = connection.Query(table.SelectPeriod, ChunkTable.Id(period, 0), ChunkTable.Id(period, ChunkTable.LastSeries));
        while (reader.Read())
        {
            var rollups = new List<Rollup>();
            Skim(() => RollupCodec.Decode(reader.GetFieldValue<byte[]>(1), rollups));
            if (rollups.Count > 0) start = Earlier(start, rollups[0].Start);
        }

        return start;
    }

    private static long? End(StoreConnection connection)
    {
        if (connection.Number(ChunkTable.Raw.Newest) is not { } newest) return null;
        long? end = null;
        long period = ChunkTable.PeriodOf(newest);
        using var reader = connection.Query(ChunkTable.Raw.SelectPeriod, ChunkTable.Id(period, 0), ChunkTable.Id(period, ChunkTable.LastSeries));
        while (reader.Read())
        {
            var points = new List<Point>();
            Skim(() => SampleCodec.Decode(reader.GetFieldValue<byte[]>(1), points));
            if (points.Count > 0 && !(points[^1].Time <= end)) end = points[^1].Time;
        }

        return end;
    }

    // Who reads the samples is told of a damaged chunk; here it is not counted.
    private static void Skim(Action decode)
    {
        try
        {
            decode();
        }
        catch (ProdOpsException damaged) when (damaged.ErrorId == MonitoringErrors.ChunkInvalidId)
        {
        }
    }
}

namespace ProdOps.Monitoring.Store;

/// <summary>Which table answers a query.</summary>
internal static class ResolutionChoice
{
    /// <summary>Of no longer a time samples are shown, and 5 minutes.</summary>
    public static readonly TimeSpan MostRaw = TimeSpan.FromHours(24), MostFine = TimeSpan.FromDays(14);

    private static readonly ChunkTable[] Finest = [ChunkTable.Raw, ChunkTable.FiveMinutes, ChunkTable.Hours];

    public static ChunkTable Of(StoreConnection connection, MetricQuery query)
    {
        if (query.Resolution != MetricResolution.Auto) return Finest[(int)query.Resolution - (int)MetricResolution.Raw];
        var length = query.To - query.From;
        int choice = length <= MostRaw ? 0 : length <= MostFine ? 1 : 2;
        long from = query.From.ToUnixTimeMilliseconds();
        // What is deleted already may be left in a coarser form.
        while (choice < 2 && Start(connection, Finest[choice]) is var start && !(start <= from) && Start(connection, Finest[choice + 1]) is { } coarser
               && coarser < (start ?? long.MaxValue) - (start ?? 0) % Finest[choice + 1].Span) choice++;
        return Finest[choice];
    }

    /// <summary>The first period that the table has anything of, or the first sample that is in no chunk yet.</summary>
    public static long? Start(StoreConnection connection, ChunkTable table)
    {
        long? chunks = table.FirstPeriod(connection, 0) * table.Span, hot = HotSamples.FirstFrom(connection, 0);
        return chunks is null || hot < chunks ? hot : chunks;
    }
}

namespace ProdOps.Monitoring.Store;

/// <summary>How long what is kept.</summary>
internal sealed record RetentionSpans
{
    /// <summary>Samples one by one; 2 hours at least.</summary>
    public TimeSpan Raw { get; init; } = TimeSpan.FromDays(14);

    /// <summary>Roll-ups of 5 minutes; never shorter than samples.</summary>
    public TimeSpan FiveMinutes { get; init; } = TimeSpan.FromDays(180);

    /// <summary>Roll-ups of an hour; never shorter than those of 5 minutes.</summary>
    public TimeSpan Hours { get; init; } = TimeSpan.FromDays(3 * 365);

    /// <summary>If the file holds more bytes than this, more is deleted: samples down to the last day, then roll-ups of 5 minutes, then of an hour. Events stay.</summary>
    public long? MaxSize { get; init; }
}

/// <summary>What was deleted, and what the file takes now.</summary>
/// <param name="Samples">How many samples went.</param>
/// <param name="Chunks">How many chunks, of samples and of roll-ups.</param>
/// <param name="Series">How many series, of which nothing was left.</param>
/// <param name="Freed">How many bytes the disk has back.</param>
/// <param name="Size">What the file takes now, in bytes.</param>
/// <param name="OverSize">True if the file is larger than it may be, and nothing else can go.</param>
internal readonly record struct RetentionResult(long Samples, long Chunks, int Series, long Freed, long Size, bool OverSize);

/// <summary>Deletes whole chunks by their age, a period a transaction, and gives the room back to the disk.</summary>
internal sealed class MetricRetention(StoreFile file, SeriesTable series, TimeProvider time)
{
    // How many recorded hours it takes to believe the clock.
    private const int Believed = 12;

    private const string BelievedHour = "SELECT hour FROM (SELECT hour FROM sealed_hour ORDER BY hour DESC LIMIT $1) ORDER BY hour LIMIT 1";
    private const string SamplesOf = "SELECT samples FROM sealed_hour WHERE hour = $1";
    private const string DeleteHour = "DELETE FROM sealed_hour WHERE hour = $1";
    private const string NoneBefore = "INSERT INTO setting VALUES ('raw_from', $1) ON CONFLICT DO UPDATE SET value = max(value, excluded.value)";

    private static readonly TimeSpan LeastRaw = TimeSpan.FromHours(2);

    private long _samples, _chunks;

    public RetentionResult Apply(RetentionSpans spans, CancellationToken cancellationToken)
    {
        long before = file.Size;
        if (file.Read(Now) is not { } now) return new RetentionResult(0, 0, 0, 0, before, before > spans.MaxSize);
        var raw = Longer(spans.Raw, LeastRaw);
        var fine = Longer(spans.FiveMinutes, raw);
        DeleteBefore(ChunkTable.Raw, now - raw, cancellationToken);
        DeleteBefore(ChunkTable.FiveMinutes, now - fine, cancellationToken);
        DeleteBefore(ChunkTable.Hours, now - Longer(spans.Hours, fine), cancellationToken);
        bool fits = spans.MaxSize is not { } most || Fit(most, cancellationToken);
        int unused = file.Write(connection =>
        {
            long? week = ChunkTable.Hours.FirstPeriod(connection, 0);
            int removed = week is null ? 0 : series.RemoveUnused(connection, week.Value * (ChunkTable.Hours.Span / ChunkTable.Hour));
            if (removed > 0) series.Forget();
            return removed;
        });
        file.Shrink();
        long after = file.Size;
        return new RetentionResult(_samples, _chunks, unused, Math.Max(0, before - after), after, !fits);
    }

    /// <summary>
    /// This moment, but not long after what was recorded: a clock that is years ahead for an hour must not delete years. One that is behind deletes nothing too much by itself.
    /// </summary>
    private DateTimeOffset? Now(StoreConnection connection)
    {
        if (connection.Number(BelievedHour, Believed) is not { } hour) return null;
        var recorded = DateTimeOffset.FromUnixTimeMilliseconds((hour + Believed) * ChunkTable.Hour);
        var now = time.GetUtcNow();
        return now < recorded ? now : recorded;
    }

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private void DeleteBefore(ChunkTable table, DateTimeOffset limit, CancellationToken cancellationToken)
    {
        long end = Math.Max(0, limit.ToUnixTimeMilliseconds()) / table.Span;
        // From now on a late sample of such an hour is refused: what it would be rolled up with is gone.
        if (table == ChunkTable.Raw) file.Write(connection => connection.Execute(NoneBefore, end));
        while (file.Read(connection => table.FirstPeriod(connection, 0)) is { } first && first < end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Delete(table, first);
        }
    }

    private void Delete(ChunkTable table, long period) => _chunks += file.Write(connection =>
    {
        if (table == ChunkTable.Raw)
        {
            connection.Execute(NoneBefore, period + 1);
            _samples += connection.Number(SamplesOf, period) ?? 0;
            connection.Execute(DeleteHour, period);
        }

        return table.DeletePeriod(connection, period);
    });

    private bool Fit(long most, CancellationToken cancellationToken)
    {
        foreach (var (table, kept) in new[] { (ChunkTable.Raw, 24), (ChunkTable.FiveMinutes, 1), (ChunkTable.Hours, 1) })
        {
            while (file.Read(Used) > most)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (first, newest) = file.Read(connection => (table.FirstPeriod(connection, 0), connection.Number(table.Newest)));
                if (first is null || newest is null || ChunkTable.PeriodOf(newest.Value) - first.Value < kept) break;
                Delete(table, first.Value);
            }
        }

        return file.Read(Used) <= most;
    }

    private static long Used(StoreConnection connection) =>
        (connection.Number("PRAGMA page_count")!.Value - connection.Number("PRAGMA freelist_count")!.Value) * connection.Number("PRAGMA page_size")!.Value;
}

namespace ProdOps.Backup.Restoring;

/// <summary>What a restore has done so far; every field is changed with <see cref="Interlocked"/> by the workers.</summary>
internal sealed class RestoreCounters(long totalBytes, long totalFiles)
{
    public long Files, Bytes, Errors;

    /// <summary>Tells how far the restore is until the token is cancelled.</summary>
    public async Task ReportAsync(IActivity activity, string title, TimeProvider time, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250), time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken)) activity.Progress(Describe(title, time.GetElapsedTime(start)));
        }
        catch (OperationCanceledException)
        {
            activity.Progress(new ActivityProgress(title, "", 1, null, Completed: true));
        }
    }

    private ActivityProgress Describe(string title, TimeSpan elapsed)
    {
        long bytes = Interlocked.Read(ref Bytes), files = Interlocked.Read(ref Files);
        // Small files cost time by their number, large ones by their bytes: both count.
        double done = totalBytes + totalFiles == 0 ? 1 : Math.Min(1, (bytes + files * FileWeight) / (double)(totalBytes + totalFiles * FileWeight));
        TimeSpan? remaining = done is > 0.02 and < 1 ? elapsed * ((1 - done) / done) : null;
        double rate = bytes / Math.Max(0.001, elapsed.TotalSeconds);
        return new ActivityProgress(title, $"{files:N0} of {totalFiles:N0} files, {ByteSize.Format(bytes)}, {ByteSize.Format((long)rate)}/s", done, remaining);
    }

    /// <summary>Making a file takes about as long as writing this many bytes.</summary>
    private const long FileWeight = 32 * 1024;
}

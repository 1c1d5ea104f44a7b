namespace ProdOps.Backup.Archiving;

/// <summary>What a run has done so far; every field is changed with <see cref="Interlocked"/> by the workers.</summary>
internal sealed class BackupCounters
{
    public long FilesNew, FilesChanged, FilesUnmodified;
    public long DirectoriesNew, DirectoriesChanged, DirectoriesUnmodified;
    public long BytesProcessed, Errors;

    public long FilesProcessed => Interlocked.Read(ref FilesNew) + Interlocked.Read(ref FilesChanged) + Interlocked.Read(ref FilesUnmodified);

    /// <summary>
    /// Tells how far the run is until the token is cancelled. The end is not known before everything was seen, so the
    /// parent's total stands in for it where there is one.
    /// </summary>
    public async Task ReportAsync(IActivity activity, string title, long expectedBytes, TimeProvider time, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250), time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                long bytes = Interlocked.Read(ref BytesProcessed);
                var elapsed = time.GetElapsedTime(start);
                double? fraction = expectedBytes > 0 ? Math.Min(1, (double)bytes / expectedBytes) : null;
                TimeSpan? remaining = fraction is > 0.02 and < 1 ? elapsed * ((1 - fraction.Value) / fraction.Value) : null;
                double rate = bytes / Math.Max(0.001, elapsed.TotalSeconds);
                activity.Progress(new ActivityProgress(
                    title, $"{FilesProcessed:N0} files, {ByteSize.Format(bytes)}, {ByteSize.Format((long)rate)}/s", fraction, remaining));
            }
        }
        catch (OperationCanceledException)
        {
            activity.Progress(new ActivityProgress(title, "", 1, null, Completed: true));
        }
    }
}

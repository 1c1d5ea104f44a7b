namespace ProdOps.Backup.Storage;

/// <summary>Spreads bytes over time, for all transfers of a place together.</summary>
/// <param name="bytesPerSecond">How many bytes a second.</param>
/// <param name="time">The clock.</param>
internal sealed class RateLimit(long bytesPerSecond, TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _freeAt = time.GetTimestamp();

    /// <summary>So many bytes are moved between two looks at the clock: a tenth of a second's worth, which no progress bar shows as a jump.</summary>
    public int Slice { get; } = (int)Math.Clamp(bytesPerSecond / 10, 1024, TransferOptions.SliceSize);

    /// <summary>Waits until these bytes may pass.</summary>
    public async ValueTask TakeAsync(int bytes, CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_gate)
        {
            long now = time.GetTimestamp();
            // What was not used is not saved up.
            if (_freeAt < now) _freeAt = now;
            wait = time.GetElapsedTime(now, _freeAt);
            _freeAt += (long)(bytes / (double)bytesPerSecond * time.TimestampFrequency);
        }

        if (wait > TimeSpan.Zero) await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
    }
}

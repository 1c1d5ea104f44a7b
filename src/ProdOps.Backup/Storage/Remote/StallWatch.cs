namespace ProdOps.Backup.Storage;

/// <summary>Ends an operation on which nothing moves any more.</summary>
internal sealed class StallWatch : IDisposable
{
    private readonly TransferOptions _options;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _limit;
    private readonly CancellationTokenSource _both;

    public StallWatch(TransferOptions options, CancellationToken cancellationToken)
    {
        _options = options;
        _caller = cancellationToken;
        _limit = new CancellationTokenSource(options.MaximumSilence, options.Time);
        _both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _limit.Token);
    }

    /// <summary>Cancelled by the caller, or because of silence.</summary>
    public CancellationToken Token => _both.Token;

    /// <summary>Whether it was silence.</summary>
    public bool HasStalled => _limit.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>Something moved.</summary>
    public void Alive() => _limit.CancelAfter(_options.MaximumSilence);

    /// <summary>Waits until bytes may pass: that is our own doing, and no silence of the place.</summary>
    public async ValueTask PaceAsync(RateLimit? limit, int bytes, CancellationToken cancellationToken)
    {
        if (limit is null || bytes <= 0) return;
        _limit.CancelAfter(Timeout.InfiniteTimeSpan);
        await limit.TakeAsync(bytes, cancellationToken).ConfigureAwait(false);
        Alive();
    }

    public void Dispose()
    {
        _both.Dispose();
        _limit.Dispose();
    }
}

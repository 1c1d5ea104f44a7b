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

    public void Dispose()
    {
        _both.Dispose();
        _limit.Dispose();
    }
}

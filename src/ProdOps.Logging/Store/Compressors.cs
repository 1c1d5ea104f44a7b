namespace ProdOps.Logging.Store;

/// <summary>What a store compresses with. One batch at a time has it, for it uses all cores.</summary>
internal sealed class Compressors(LogStoreOptions options) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private FrameEncoder? _encoder;

    /// <summary>Runs what compresses and writes, which blocks for long, beside the caller.</summary>
    public async Task UseAsync(Action<FrameEncoder> work, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var encoder = _encoder ??= new FrameEncoder(options.Level, options.Degree);
            await Task.Run(() => work(encoder), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _encoder?.Dispose();
        _gate.Dispose();
    }
}

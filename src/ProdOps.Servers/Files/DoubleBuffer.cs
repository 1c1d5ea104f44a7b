using System.Buffers;

namespace ProdOps.Servers.Files;

/// <summary>
/// Collects what goes to a slow stream in two large buffers: while one is on its way, the other is filled. So reading a file and
/// sending the last one happen at the same time.
/// </summary>
internal sealed class DoubleBuffer(Stream sink) : IBufferWriter<byte>, IAsyncDisposable
{
    public const int Size = 512 * 1024;

    /// <summary>What may be asked for in one piece before the next flush.</summary>
    public const int Margin = 64 * 1024;

    private byte[] _filling = ArrayPool<byte>.Shared.Rent(Size + Margin);
    private byte[] _sending = ArrayPool<byte>.Shared.Rent(Size + Margin);
    private Task _sent = Task.CompletedTask;
    private int _length;

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0) => _filling.AsMemory(_length);

    public Span<byte> GetSpan(int sizeHint = 0) => sizeHint <= _filling.Length - _length
        ? _filling.AsSpan(_length)
        : throw new ArgumentOutOfRangeException(nameof(sizeHint), "Flush before so much.");

    /// <summary>Sends what there is, if there is enough of it.</summary>
    public ValueTask FlushIfFullAsync(CancellationToken cancellationToken) => _length < Size ? default : new ValueTask(FlushAsync(cancellationToken));

    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _sent.ConfigureAwait(false);
        (_filling, _sending) = (_sending, _filling);
        var piece = _sending.AsMemory(0, _length);
        _length = 0;
        // On a thread of its own: a stream may encrypt before its write returns.
        _sent = Task.Run(async () => await sink.WriteAsync(piece, cancellationToken).ConfigureAwait(false), cancellationToken);
    }

    /// <summary>Sends the rest, and returns when all is gone.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        if (_length > 0) await FlushAsync(cancellationToken).ConfigureAwait(false);
        await _sent.ConfigureAwait(false);
        await sink.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        // A buffer goes back only when nobody reads it any more.
        await _sent.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ArrayPool<byte>.Shared.Return(_filling);
        ArrayPool<byte>.Shared.Return(_sending);
    }
}

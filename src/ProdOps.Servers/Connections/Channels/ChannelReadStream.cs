using System.Buffers;
using ProdOps.Servers.Files;

namespace ProdOps.Servers.Connections.Channels;

/// <summary>
/// What a channel received and nobody has read yet. It holds at most the channel's window, because the window grows only by what was read.
/// </summary>
/// <param name="onRead">Told how many bytes were read or thrown away.</param>
internal sealed class ChannelReadStream(Action<int> onRead) : ReadOnlyStream
{
    private readonly Lock _lock = new();
    private readonly Queue<(byte[] Buffer, int Length)> _chunks = new();
    private TaskCompletionSource? _change;
    private Exception? _failure;
    private int _offset;
    private bool _ended;
    private bool _abandoned;

    /// <summary>Takes a copy of what arrived. Never blocks: it is called by the thread that receives for all channels.</summary>
    public void Add(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty) return;
        bool unwanted;
        lock (_lock)
        {
            unwanted = _abandoned || _ended;
            if (!unwanted)
            {
                byte[] buffer = ArrayPool<byte>.Shared.Rent(data.Length);
                data.CopyTo(buffer);
                _chunks.Enqueue((buffer, data.Length));
                Signal();
            }
        }

        if (unwanted) onRead(data.Length);
    }

    /// <summary>Nothing more comes; with a failure, because the connection broke.</summary>
    public void End(Exception? failure)
    {
        lock (_lock)
        {
            if (_ended) return;
            _ended = true;
            _failure = failure;
            Signal();
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int length;
            TaskCompletionSource change;
            lock (_lock)
            {
                length = Take(buffer.Span);
                if (length == 0 && _ended) return _failure is null ? 0 : throw _failure;
                change = _change ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            if (length > 0)
            {
                onRead(length);
                return length;
            }

            await change.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // For readers that only know blocking calls. What wakes it runs on other threads, so it cannot wait for itself.
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <summary>Whoever read does not want the rest: it is thrown away as it comes, so that the command does not wait for ever.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            int left = 0;
            lock (_lock)
            {
                _abandoned = true;
                while (_chunks.TryDequeue(out var chunk))
                {
                    left += chunk.Length;
                    ArrayPool<byte>.Shared.Return(chunk.Buffer);
                }

                left -= _offset;
                _offset = 0;
                Signal();
            }

            if (left > 0) onRead(left);
        }

        base.Dispose(disposing);
    }

    private int Take(Span<byte> target)
    {
        int taken = 0;
        while (taken < target.Length && _chunks.TryPeek(out var chunk))
        {
            int length = Math.Min(chunk.Length - _offset, target.Length - taken);
            chunk.Buffer.AsSpan(_offset, length).CopyTo(target[taken..]);
            taken += length;
            _offset += length;
            if (_offset < chunk.Length) break;
            _chunks.Dequeue();
            ArrayPool<byte>.Shared.Return(chunk.Buffer);
            _offset = 0;
        }

        return taken;
    }

    private void Signal()
    {
        _change?.TrySetResult();
        _change = null;
    }
}

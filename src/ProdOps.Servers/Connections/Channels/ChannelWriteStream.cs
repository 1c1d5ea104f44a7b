using System.Runtime.InteropServices;

namespace ProdOps.Servers.Connections.Channels;

/// <summary>What a channel sends. A write returns when the server has said that it takes the bytes and they are on their way: nothing is buffered.</summary>
internal sealed class ChannelWriteStream(SshChannel channel) : Stream
{
    private int _disposed;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        if (!MemoryMarshal.TryGetArray(buffer, out var segment)) segment = buffer.ToArray();
        while (segment.Count > 0)
        {
            int length = await channel.ReserveAsync(segment.Count, cancellationToken).ConfigureAwait(false);
            channel.SendData(segment.Array!, segment.Offset, length);
            segment = segment[length..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _disposed, 1) == 0) channel.SendEnd();
        base.Dispose(disposing);
    }
}

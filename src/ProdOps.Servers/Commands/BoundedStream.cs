namespace ProdOps.Servers.Commands;

/// <summary>A command's output of which little is expected: more than the limit is an error, so that no server can fill this machine's memory.</summary>
internal sealed class BoundedStream(Stream inner, int limit, Func<ProdOpsException> failure) : Stream
{
    private long _left = limit;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>The beginning of a text. What does not fit is read all the same, or the command would wait for ever.</summary>
    public static async Task<string> ReadStartAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[16 * 1024];
        int length = 0, count;
        while ((count = await stream.ReadAsync(buffer.AsMemory(Math.Min(length, buffer.Length - 512)), cancellationToken).ConfigureAwait(false)) > 0) length = Math.Min(length + count, buffer.Length - 512);
        return System.Text.Encoding.UTF8.GetString(buffer.AsSpan(0, length));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return (_left -= count) >= 0 ? count : throw failure();
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

using ProdOps.Servers.Files;

namespace ProdOps.Backup.Storage;

/// <summary>What is sent, at the pace that is allowed. It can be read again from the start.</summary>
internal sealed class UploadStream(UploadContent content, RateLimit? limit, StallWatch watch) : ReadOnlyStream
{
    private long _position;

    public override bool CanSeek => true;

    public override long Length => content.Length;

    public override long Position
    {
        get => _position;
        set => _position = value;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int length = (int)Math.Min(Math.Min(buffer.Length, limit?.Slice ?? TransferOptions.SliceSize), content.Length - _position);
        if (length <= 0) return 0;
        await watch.PaceAsync(limit, length, cancellationToken).ConfigureAwait(false);
        content.Read(_position, buffer.Span[..length]);
        _position += length;
        watch.Alive();
        return length;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // For packages that hash a stream before they send it: nothing is sent then, so nothing is held up.
    public override int Read(byte[] buffer, int offset, int count)
    {
        int length = (int)Math.Min(count, content.Length - _position);
        if (length <= 0) return 0;
        content.Read(_position, buffer.AsSpan(offset, length));
        _position += length;
        return length;
    }

    public override long Seek(long offset, SeekOrigin origin) => _position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => Length + offset,
    };
}

namespace ProdOps.Backup.Storage;

/// <summary>The bytes of a file that is sent to a remote place: from where they are, and as often as it takes.</summary>
internal abstract class UploadContent
{
    public abstract long Length { get; }

    /// <summary>Fills a buffer from an offset; there are as many bytes.</summary>
    public abstract void Read(long offset, Span<byte> buffer);
}

/// <summary>A small file, in memory.</summary>
internal sealed class MemoryContent(ReadOnlyMemory<byte> bytes) : UploadContent
{
    public override long Length => bytes.Length;

    public override void Read(long offset, Span<byte> buffer) => bytes.Span.Slice((int)offset, buffer.Length).CopyTo(buffer);
}

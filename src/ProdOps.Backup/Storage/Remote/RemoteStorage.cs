using System.Buffers;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Storage;

/// <summary>
/// The base of places elsewhere: files are made on this machine and sent whole. What may be different in a moment fails with a
/// <see cref="StorageTroubleException"/>; a commit that failed so may be asked for again.
/// </summary>
internal abstract class RemoteStorage(TransferOptions options) : IStorage
{
    /// <summary>An index of 50,000 blobs has 8 MiB; no file that is read whole comes near this.</summary>
    protected const int MaximumWhole = 1 << 30;

    private const int PieceSize = 1 << 20;

    public abstract string Location { get; }

    public abstract int Connections { get; }

    protected TransferOptions Options => options;

    public abstract ValueTask<bool> ExistsAsync(CancellationToken cancellationToken);

    public abstract ValueTask CreateAsync(CancellationToken cancellationToken);

    public abstract IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, CancellationToken cancellationToken);

    public abstract ValueTask<long?> FindAsync(FileHandle file, CancellationToken cancellationToken);

    public abstract ValueTask ReadAsync(FileHandle file, long offset, Memory<byte> buffer, CancellationToken cancellationToken);

    public abstract ValueTask<byte[]> ReadAllAsync(FileHandle file, CancellationToken cancellationToken);

    public async ValueTask WriteAsync(FileHandle file, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        await SendAsync(file, new MemoryContent(content), cancellationToken);

    public IPendingFile BeginFile(FileKind kind) => new PendingFile(this, kind);

    public abstract ValueTask DeleteAsync(FileHandle file, CancellationToken cancellationToken);

    public virtual ValueTask<long?> GetFreeSpaceAsync(CancellationToken cancellationToken) => ValueTask.FromResult<long?>(null);

    public abstract ValueTask DisposeAsync();

    /// <summary>Makes a file durable. One of the same name has the same content, except for the config, which is never replaced.</summary>
    protected abstract ValueTask SendAsync(FileHandle file, UploadContent content, CancellationToken cancellationToken);

    /// <summary>A file, for messages.</summary>
    protected string Describe(FileHandle file) => $"{Location.TrimEnd('/')}/{RepositoryLayout.PathOf(file)}";

    /// <summary>Fills a buffer from a body; the answer is how much there was.</summary>
    protected async ValueTask<int> FillAsync(Stream body, Memory<byte> buffer, StallWatch watch)
    {
        int done = 0;
        while (done < buffer.Length)
        {
            int wanted = Math.Min(buffer.Length - done, options.Download?.Slice ?? int.MaxValue);
            await watch.PaceAsync(options.Download, wanted, watch.Token);
            int read = await body.ReadAsync(buffer.Slice(done, wanted), watch.Token);
            watch.Alive();
            if (read == 0) break;
            done += read;
        }

        return done;
    }

    /// <summary>Reads a body whose length is not known for certain: memory is taken only for what came.</summary>
    protected async ValueTask<byte[]> DrainAsync(FileHandle file, Stream body, long? claimed, StallWatch watch)
    {
        byte[] content = GC.AllocateUninitializedArray<byte>((int)Math.Clamp(claimed ?? 0, 4 << 10, 1 << 20));
        int length = 0;
        while (true)
        {
            int read = await FillAsync(body, content.AsMemory(length), watch);
            length += read;
            if (length < content.Length) return content[..length];
            if (length >= MaximumWhole) throw BackupErrors.FileDamaged(file, Location, "it is too large");
            Array.Resize(ref content, (int)Math.Min(MaximumWhole, content.Length * 2L));
        }
    }

    /// <summary>Whether a place holds just this content already: what an earlier attempt stored before its answer was lost.</summary>
    protected async ValueTask<bool> HoldsAsync(FileHandle file, UploadContent content, CancellationToken cancellationToken)
    {
        if (await FindAsync(file, cancellationToken) != content.Length) return false;
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceSize), expected = ArrayPool<byte>.Shared.Rent(PieceSize);
        try
        {
            for (long offset = 0; offset < content.Length;)
            {
                var part = piece.AsMemory(0, (int)Math.Min(PieceSize, content.Length - offset));
                await ReadAsync(file, offset, part, cancellationToken);
                content.Read(offset, expected.AsSpan(0, part.Length));
                if (!part.Span.SequenceEqual(expected.AsSpan(0, part.Length))) return false;
                offset += part.Length;
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
            ArrayPool<byte>.Shared.Return(expected);
        }
    }

    private sealed class PendingFile(RemoteStorage storage, FileKind kind) : IPendingFile
    {
        private readonly SpoolFile _content = new(storage.Options.TemporaryFolder);

        public void Append(ReadOnlySpan<byte> bytes) => _content.Append(bytes);

        public ValueTask CommitAsync(ObjectId id, CancellationToken cancellationToken) => storage.SendAsync(new FileHandle(kind, id), _content, cancellationToken);

        public void Dispose() => _content.Dispose();
    }
}

using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Storage;

/// <summary>Reads from a repository and counts what would be written to it, for trial runs. Nothing there changes.</summary>
internal sealed class DryRunStorage(IStorage inner) : IStorage
{
    private long _bytesWritten;
    private long _filesWritten;
    private long _filesDeleted;

    public long BytesWritten => Interlocked.Read(ref _bytesWritten);

    public long FilesWritten => Interlocked.Read(ref _filesWritten);

    public long FilesDeleted => Interlocked.Read(ref _filesDeleted);

    public string Location => inner.Location;

    public int Connections => inner.Connections;

    public CachedStorage? Cache => inner.Cache;

    public ValueTask<bool> ExistsAsync(CancellationToken cancellationToken) => inner.ExistsAsync(cancellationToken);

    public ValueTask CreateAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, CancellationToken cancellationToken) => inner.ListAsync(kind, cancellationToken);

    public ValueTask<long?> FindAsync(FileHandle file, CancellationToken cancellationToken) => inner.FindAsync(file, cancellationToken);

    public ValueTask ReadAsync(FileHandle file, long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        inner.ReadAsync(file, offset, buffer, cancellationToken);

    public ValueTask<byte[]> ReadAllAsync(FileHandle file, CancellationToken cancellationToken) => inner.ReadAllAsync(file, cancellationToken);

    public ValueTask WriteAsync(FileHandle file, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Count(content.Length);
        return ValueTask.CompletedTask;
    }

    public IPendingFile BeginFile(FileKind kind) => new PendingFile(this);

    public ValueTask DeleteAsync(FileHandle file, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _filesDeleted);
        return ValueTask.CompletedTask;
    }

    public ValueTask<long?> GetFreeSpaceAsync(CancellationToken cancellationToken) => inner.GetFreeSpaceAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private void Count(long bytes)
    {
        Interlocked.Add(ref _bytesWritten, bytes);
        Interlocked.Increment(ref _filesWritten);
    }

    private sealed class PendingFile(DryRunStorage storage) : IPendingFile
    {
        private long _length;

        public void Append(ReadOnlySpan<byte> bytes) => _length += bytes.Length;

        public ValueTask CommitAsync(ObjectId id, CancellationToken cancellationToken)
        {
            storage.Count(_length);
            return ValueTask.CompletedTask;
        }

        public void Dispose() { }
    }
}

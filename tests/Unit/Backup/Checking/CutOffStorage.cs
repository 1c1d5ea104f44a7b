using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Tests.Checking;

/// <summary>A storage whose connection is cut after so many changes.</summary>
internal sealed class CutOffStorage(IStorage inner) : IStorage
{
    public int ChangesLeft { get; set; } = int.MaxValue;

    public string Location => inner.Location;

    public int Connections => inner.Connections;

    public ValueTask<bool> ExistsAsync(CancellationToken cancellationToken) => inner.ExistsAsync(cancellationToken);

    public ValueTask CreateAsync(CancellationToken cancellationToken) => inner.CreateAsync(cancellationToken);

    public IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, CancellationToken cancellationToken) => inner.ListAsync(kind, cancellationToken);

    public ValueTask<long?> FindAsync(FileHandle file, CancellationToken cancellationToken) => inner.FindAsync(file, cancellationToken);

    public ValueTask ReadAsync(FileHandle file, long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        inner.ReadAsync(file, offset, buffer, cancellationToken);

    public ValueTask<byte[]> ReadAllAsync(FileHandle file, CancellationToken cancellationToken) => inner.ReadAllAsync(file, cancellationToken);

    public ValueTask WriteAsync(FileHandle file, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Count();
        return inner.WriteAsync(file, content, cancellationToken);
    }

    public IPendingFile BeginFile(FileKind kind) => new PendingFile(this, inner.BeginFile(kind));

    public ValueTask DeleteAsync(FileHandle file, CancellationToken cancellationToken)
    {
        Count();
        return inner.DeleteAsync(file, cancellationToken);
    }

    public ValueTask<long?> GetFreeSpaceAsync(CancellationToken cancellationToken) => inner.GetFreeSpaceAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private void Count()
    {
        if (ChangesLeft-- <= 0) throw BackupErrors.StorageWriteFailed(Location, "the connection was cut");
    }

    private sealed class PendingFile(CutOffStorage storage, IPendingFile inner) : IPendingFile
    {
        public void Append(ReadOnlySpan<byte> bytes) => inner.Append(bytes);

        public ValueTask CommitAsync(ObjectId id, CancellationToken cancellationToken)
        {
            storage.Count();
            return inner.CommitAsync(id, cancellationToken);
        }

        public void Dispose() => inner.Dispose();
    }
}

using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Tests.TestTools;

/// <summary>A storage that hands everything on to another one: the base of those that make trouble in one place.</summary>
internal abstract class DelegatingStorage(IStorage inner) : IStorage
{
    public string Location => inner.Location;

    public int Connections => inner.Connections;

    public ValueTask<bool> ExistsAsync(CancellationToken cancellationToken) => inner.ExistsAsync(cancellationToken);

    public ValueTask CreateAsync(CancellationToken cancellationToken) => inner.CreateAsync(cancellationToken);

    public virtual IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, CancellationToken cancellationToken) => inner.ListAsync(kind, cancellationToken);

    public ValueTask<long?> FindAsync(FileHandle file, CancellationToken cancellationToken) => inner.FindAsync(file, cancellationToken);

    public virtual ValueTask ReadAsync(FileHandle file, long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        inner.ReadAsync(file, offset, buffer, cancellationToken);

    public virtual ValueTask<byte[]> ReadAllAsync(FileHandle file, CancellationToken cancellationToken) => inner.ReadAllAsync(file, cancellationToken);

    public virtual ValueTask WriteAsync(FileHandle file, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        inner.WriteAsync(file, content, cancellationToken);

    public virtual IPendingFile BeginFile(FileKind kind) => inner.BeginFile(kind);

    public virtual ValueTask DeleteAsync(FileHandle file, CancellationToken cancellationToken) => inner.DeleteAsync(file, cancellationToken);

    public virtual ValueTask<long?> GetFreeSpaceAsync(CancellationToken cancellationToken) => inner.GetFreeSpaceAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}

using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Tests.TestTools;

/// <summary>A storage on which the first lock takes its time to appear, as on a disk whose fsync is slow; meanwhile something happens.</summary>
internal sealed class SlowLockStorage(IStorage inner, Action meanwhile) : IStorage
{
    private readonly TaskCompletionSource _indexRead = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool Interfered { get; private set; }

    public string Location => inner.Location;

    public int Connections => inner.Connections;

    public ValueTask<bool> ExistsAsync(CancellationToken cancellationToken) => inner.ExistsAsync(cancellationToken);

    public ValueTask CreateAsync(CancellationToken cancellationToken) => inner.CreateAsync(cancellationToken);

    public IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, CancellationToken cancellationToken) => inner.ListAsync(kind, cancellationToken);

    public ValueTask<long?> FindAsync(FileHandle file, CancellationToken cancellationToken) => inner.FindAsync(file, cancellationToken);

    public ValueTask ReadAsync(FileHandle file, long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        inner.ReadAsync(file, offset, buffer, cancellationToken);

    public async ValueTask<byte[]> ReadAllAsync(FileHandle file, CancellationToken cancellationToken)
    {
        byte[] content = await inner.ReadAllAsync(file, cancellationToken);
        if (file.Kind == FileKind.Index) _indexRead.TrySetResult();
        return content;
    }

    public async ValueTask WriteAsync(FileHandle file, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (file.Kind == FileKind.Lock && !Interfered)
        {
            // Whoever waits for the lock before the index is read is safe: the index is then the one after the interference.
            await Task.WhenAny(_indexRead.Task, Task.Delay(TimeSpan.FromSeconds(2), CancellationToken.None));
            // Enough for packs to be stored meanwhile, if they do not wait for the lock.
            await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
            meanwhile();
            Interfered = true;
        }

        await inner.WriteAsync(file, content, cancellationToken);
    }

    public IPendingFile BeginFile(FileKind kind) => inner.BeginFile(kind);

    public ValueTask DeleteAsync(FileHandle file, CancellationToken cancellationToken) => inner.DeleteAsync(file, cancellationToken);

    public ValueTask<long?> GetFreeSpaceAsync(CancellationToken cancellationToken) => inner.GetFreeSpaceAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}

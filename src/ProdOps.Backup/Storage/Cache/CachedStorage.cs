using System.Collections.Concurrent;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Storage;

/// <summary>
/// Keeps what a place elsewhere is asked for each time — indexes, snapshots, packs of trees — in a folder of the user's, in the layout of restic's own cache. Nothing
/// there is believed: a file's hash is its name, and trees are proved as blobs. It can be deleted at any moment, and where it cannot be written all works without it.
/// </summary>
internal sealed class CachedStorage(IStorage inner, CacheFolder folder) : IStorage
{
    /// <summary>A pack is closed by the blob that fills it, and its header comes after; what is longer, is not worth the room.</summary>
    private const long LongestPack = BlobWriterOptions.MaximumPackSize + (16L << 20);

    private readonly CancellationTokenSource _ended = new();
    private readonly ConcurrentDictionary<ObjectId, Lazy<Task<bool>>> _packs = new();

    public string Location => inner.Location;

    public int Connections => inner.Connections;

    CachedStorage? IStorage.Cache => this;

    /// <summary>The repository is open, and its id known: from now on there is a cache for it.</summary>
    public void Begin(ObjectId repository) => folder.Begin(repository);

    public ValueTask<bool> ExistsAsync(CancellationToken cancellationToken) => inner.ExistsAsync(cancellationToken);

    public ValueTask CreateAsync(CancellationToken cancellationToken) => inner.CreateAsync(cancellationToken);

    public async IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // What is kept from now on may be too new for the list.
        var gone = folder.List(kind);
        await foreach (var file in inner.ListAsync(kind, cancellationToken))
        {
            gone.Remove(file.Id);
            yield return file;
        }

        foreach (var id in gone) folder.Delete(new FileHandle(kind, id));
    }

    /// <summary>Lets go of packs that an index which was read whole names no more: another machine has pruned.</summary>
    public void KeepPacksOf(BlobIndex index)
    {
        foreach (var pack in folder.List(FileKind.Pack).Where(pack => !index.ContainsPack(pack))) Forget(pack);
    }

    public ValueTask<long?> FindAsync(FileHandle file, CancellationToken cancellationToken) => inner.FindAsync(file, cancellationToken);

    public ValueTask ReadAsync(FileHandle file, long offset, Memory<byte> buffer, CancellationToken cancellationToken) => inner.ReadAsync(file, offset, buffer, cancellationToken);

    public async ValueTask<byte[]> ReadAllAsync(FileHandle file, CancellationToken cancellationToken)
    {
        if (!IsKept(file.Kind)) return await inner.ReadAllAsync(file, cancellationToken);
        if (folder.TryRead(file) is { } kept)
        {
            if (ObjectId.Of(kept) == file.Id) return kept;
            folder.Delete(file);
        }

        byte[] content = await inner.ReadAllAsync(file, cancellationToken);
        if (ObjectId.Of(content) == file.Id) folder.Write(file, content);
        return content;
    }

    /// <summary>Reads a tree's sealed bytes from the kept copy of its pack, which is fetched whole the first time: its other trees are wanted next.</summary>
    /// <returns>Whether there is such a copy; what it holds is proved by who asked.</returns>
    public async ValueTask<bool> TryReadTreeAsync(ObjectId pack, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (!folder.IsOpen) return false;
        var file = new FileHandle(FileKind.Pack, pack);
        if (folder.TryRead(file, offset, buffer.Span)) return true;
        // Several may wait for it: who gives up does so for himself alone.
        var fetch = _packs.GetOrAdd(pack, _ => new Lazy<Task<bool>>(() => FetchAsync(file, _ended.Token)));
        return await fetch.Value.WaitAsync(cancellationToken) && folder.TryRead(file, offset, buffer.Span);
    }

    /// <summary>Throws a pack's copy away: what was read of it was damaged.</summary>
    public void Forget(ObjectId pack)
    {
        folder.Delete(new FileHandle(FileKind.Pack, pack));
        _packs.TryRemove(pack, out _);
    }

    public async ValueTask WriteAsync(FileHandle file, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await inner.WriteAsync(file, content, cancellationToken);
        if (IsKept(file.Kind)) folder.Write(file, content.Span);
    }

    public IPendingFile BeginFile(FileKind kind) => inner.BeginFile(kind);

    public async ValueTask DeleteAsync(FileHandle file, CancellationToken cancellationToken)
    {
        await inner.DeleteAsync(file, cancellationToken);
        folder.Delete(file);
    }

    public ValueTask<long?> GetFreeSpaceAsync(CancellationToken cancellationToken) => inner.GetFreeSpaceAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await Task.WhenAll(_packs.Values.Select(fetch => (Task)fetch.Value)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
        folder.Trim();
        await inner.DisposeAsync();
    }

    private static bool IsKept(FileKind kind) => kind is FileKind.Index or FileKind.Snapshot;

    private async Task<bool> FetchAsync(FileHandle file, CancellationToken cancellationToken)
    {
        try
        {
            if (await inner.FindAsync(file, cancellationToken) is not (> 0 and <= LongestPack and { } size)) return false;
            return await folder.FetchAsync(file, size, (offset, piece) => inner.ReadAsync(file, offset, piece, cancellationToken));
        }
        catch
        {
            // Whoever wants it next may have more luck.
            _packs.TryRemove(file.Id, out _);
            throw;
        }
    }
}

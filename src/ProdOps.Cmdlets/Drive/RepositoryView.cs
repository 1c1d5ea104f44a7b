using ProdOps.Backup.Browsing;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Cmdlets.Places;
using ProdOps.Servers.Connections;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Drive;

/// <summary>
/// A repository that is kept open to look around in, without a lock: it may be open for days. It notices new and removed backups after some seconds.
/// </summary>
internal sealed class RepositoryView(Repository repository) : IAsyncDisposable
{
    private const int MaxEntries = 10_000;

    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(3);

    private readonly SemaphoreSlim _gate = new(1, 1);
    // What a snapshot holds never changes.
    private readonly Dictionary<(ObjectId Snapshot, string Path), TreeEntry?> _entries = [];
    private readonly Dictionary<ObjectId, SnapshotFile> _known = [];
    private IReadOnlyList<SnapshotFile> _snapshots = [];
    private bool _indexStale = true;
    private long? _listedAt;

    public Repository Repository => repository;

    /// <summary>Opens a repository to look around in.</summary>
    public static async Task<RepositoryView> OpenAsync(RepositoryPlace place, Secret password, ServerShells shells, CancellationToken cancellationToken)
    {
        var storage = await PlaceOpener.OpenAsync(place.Address, place.Credentials(vault: null), place.Transfer(shells), cancellationToken);
        try
        {
            return new RepositoryView(await Repository.OpenAsync(storage, password.Bytes, TimeProvider.System, cancellationToken));
        }
        catch
        {
            await storage.DisposeAsync();
            throw;
        }
    }

    public UnlockedKey Key => new(repository.Key, repository.KeyId);

    /// <summary>The snapshots, oldest first.</summary>
    public async Task<IReadOnlyList<SnapshotFile>> GetSnapshotsAsync(IActivity activity, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_listedAt is { } at && repository.TimeProvider.GetElapsedTime(at) < FreshFor) return _snapshots;
            return _snapshots = await ListAsync(activity, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A look into a snapshot of the list, with an index that knows all it holds.</summary>
    public async Task<SnapshotBrowser> BrowseAsync(SnapshotFile snapshot, IActivity activity, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_indexStale) await repository.LoadIndexAsync(activity, cancellationToken);
            _indexStale = false;
        }
        finally
        {
            _gate.Release();
        }

        return new SnapshotBrowser(repository, snapshot, activity);
    }

    /// <summary>The entry at a path, or <see langword="null"/>. PowerShell asks for the same one several times in a row.</summary>
    public async Task<TreeEntry?> FindEntryAsync(SnapshotFile snapshot, string path, IActivity activity, CancellationToken cancellationToken)
    {
        lock (_entries)
        {
            if (_entries.TryGetValue((snapshot.Id, path), out var known)) return known;
        }

        var entry = await (await BrowseAsync(snapshot, activity, cancellationToken)).FindEntryAsync(path, cancellationToken);
        lock (_entries)
        {
            if (_entries.Count >= MaxEntries) _entries.Clear();
            _entries[(snapshot.Id, path)] = entry;
        }

        return entry;
    }

    public async ValueTask DisposeAsync()
    {
        _gate.Dispose();
        await repository.DisposeAsync();
    }

    private async Task<IReadOnlyList<SnapshotFile>> ListAsync(IActivity activity, CancellationToken cancellationToken)
    {
        var found = new List<SnapshotFile>();
        await foreach (var file in repository.Storage.ListAsync(FileKind.Snapshot, cancellationToken))
        {
            if (!_known.TryGetValue(file.Id, out var snapshot))
            {
                if (await TryReadAsync(file.Id, activity, cancellationToken) is not { } read) continue;
                _known.Add(file.Id, snapshot = read);
                // A backup stores its index before its snapshot, so from now on the index has it all.
                _indexStale = true;
            }

            found.Add(snapshot);
        }

        _listedAt = repository.TimeProvider.GetTimestamp();
        return [.. found.OrderBy(snapshot => snapshot.Time).ThenBy(snapshot => snapshot.Id)];
    }

    private async Task<SnapshotFile?> TryReadAsync(ObjectId id, IActivity activity, CancellationToken cancellationToken)
    {
        try
        {
            return await repository.ReadSnapshotAsync(id, cancellationToken);
        }
        catch (ProdOpsException e) when (e.Kind is ErrorKind.InvalidData or ErrorKind.NotFound)
        {
            if (e.Kind == ErrorKind.InvalidData) activity.Error(e);
            return null;
        }
    }
}

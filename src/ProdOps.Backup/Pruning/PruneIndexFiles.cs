using System.Runtime.InteropServices;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Pruning;

/// <summary>Which index files name which packs, and the replacing of those that name packs which go.</summary>
internal sealed class PruneIndexFiles
{
    private readonly Dictionary<ObjectId, (List<ObjectId> Packs, int Blobs)> _files = [];

    /// <summary>Takes what one index file names and hands it on.</summary>
    public IIndexReceiver Watch(ObjectId file, IIndexReceiver next)
    {
        lock (_files) _files.TryAdd(file, ([], 0));
        return new Watcher(this, file, next);
    }

    /// <summary>Writes new index files without the packs that go, then removes the ones they replace.</summary>
    public async Task ReplaceAsync(
        Repository repository, Func<uint, bool> goes, StorageDeletion deletion, IActivity activity, CancellationToken cancellationToken)
    {
        var going = new HashSet<ObjectId>();
        int packCount = repository.Index.PackCount;
        for (uint number = 0; number < packCount; number++)
        {
            if (goes(number)) going.Add(repository.Index.PackOf(number));
        }

        // Files with few blobs are written together with what is replaced.
        var replaced = _files.Where(file => file.Value.Blobs < IndexFile.UsualBlobs / 2 || file.Value.Packs.Any(going.Contains)).Select(file => file.Key).ToList();
        var rewritten = replaced.SelectMany(file => _files[file].Packs).Where(pack => !going.Contains(pack)).ToHashSet();
        bool[] isRewritten = [.. Enumerable.Range(0, packCount).Select(number => rewritten.Contains(repository.Index.PackOf((uint)number)))];
        var pending = new List<KeyValuePair<ObjectId, PackedBlob[]>>();
        int blobs = 0;
        foreach (var (pack, entries) in repository.Index.EnumeratePacks(number => number < isRewritten.Length && isRewritten[number]))
        {
            pending.Add(new(pack, entries));
            blobs += entries.Length;
            if (blobs >= IndexFile.UsualBlobs) await WriteAsync();
        }

        if (pending.Count > 0) await WriteAsync();
        await deletion.DeleteAllAsync(FileKind.Index, replaced, cancellationToken);

        async Task WriteAsync()
        {
            var id = await repository.WriteIndexAsync(pending, cancellationToken);
            activity.Verbose($"Wrote the index file {id.ToShortString()}: {blobs} blobs in {pending.Count} packs.");
            pending.Clear();
            blobs = 0;
        }
    }

    private void Add(ObjectId file, ObjectId pack, int blobs)
    {
        lock (_files)
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_files, file, out _);
            entry.Packs.Add(pack);
            entry.Blobs += blobs;
        }
    }

    private sealed class Watcher(PruneIndexFiles files, ObjectId file, IIndexReceiver next) : IIndexReceiver
    {
        public void Add(ObjectId pack, ReadOnlySpan<PackedBlob> blobs)
        {
            files.Add(file, pack, blobs.Length);
            next.Add(pack, blobs);
        }
    }
}

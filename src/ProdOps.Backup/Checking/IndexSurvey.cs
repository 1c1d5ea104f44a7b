using System.Runtime.InteropServices;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Checking;

/// <summary>
/// Watches index files being loaded, to see what the merged index no longer shows: packs that several files name, alike or not.
/// </summary>
internal sealed class IndexSurvey
{
    private readonly Dictionary<ObjectId, PackEntry> _packs = [];
    private readonly List<ObjectId> _files = [];

    /// <summary>The index files that could be read.</summary>
    public IEnumerable<ObjectId> Files => _files;

    /// <summary>Packs that index files contradict each other about, with those files.</summary>
    public IEnumerable<(ObjectId Pack, IReadOnlyList<ObjectId> Files)> Conflicts => Repeated(conflict: true);

    /// <summary>Packs that several index files name alike.</summary>
    public IEnumerable<(ObjectId Pack, IReadOnlyList<ObjectId> Files)> Duplicates => Repeated(conflict: false);

    /// <summary>Packs that hold both content and folder listings, as old versions of restic wrote them.</summary>
    public int MixedCount => _packs.Values.Count(pack => pack.IsMixed);

    /// <summary>The index files that name a pack.</summary>
    public IReadOnlyList<ObjectId> FilesOf(ObjectId pack) => _packs.TryGetValue(pack, out var entry) ? entry.Files : [];

    /// <summary>Takes what one index file names and hands it on.</summary>
    public IIndexReceiver Watch(ObjectId file, IIndexReceiver next)
    {
        lock (_packs) _files.Add(file);
        return new Watcher(this, file, next);
    }

    private IEnumerable<(ObjectId, IReadOnlyList<ObjectId>)> Repeated(bool conflict) =>
        _packs.Where(pack => pack.Value.Files.Length > 1 && pack.Value.IsConflict == conflict)
            .Select(pack => (pack.Key, (IReadOnlyList<ObjectId>)pack.Value.Files))
            .OrderBy(pack => pack.Key);

    private void Add(ObjectId file, ObjectId pack, ReadOnlySpan<PackedBlob> blobs)
    {
        ulong fingerprint = 0;
        bool data = false, trees = false;
        foreach (ref readonly var blob in blobs)
        {
            // A sum, since the order within a file says nothing.
            fingerprint += (ulong)blob.GetHashCode() * 0x9E3779B97F4A7C15;
            if (blob.Blob.Type == BlobType.Tree) trees = true;
            else data = true;
        }

        lock (_packs)
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_packs, pack, out bool known);
            if (!known) entry = new PackEntry([file], fingerprint, blobs.Length, false, data && trees);
            else entry = entry with { Files = [.. entry.Files, file], IsConflict = entry.IsConflict || entry.Fingerprint != fingerprint || entry.Count != blobs.Length };
        }
    }

    private sealed class Watcher(IndexSurvey survey, ObjectId file, IIndexReceiver next) : IIndexReceiver
    {
        public void Add(ObjectId pack, ReadOnlySpan<PackedBlob> blobs)
        {
            survey.Add(file, pack, blobs);
            next.Add(pack, blobs);
        }
    }

    private readonly record struct PackEntry(ObjectId[] Files, ulong Fingerprint, int Count, bool IsConflict, bool IsMixed);
}

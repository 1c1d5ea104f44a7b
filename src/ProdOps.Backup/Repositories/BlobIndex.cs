namespace ProdOps.Backup.Repositories;

/// <summary>
/// Which blobs a repository has and where they lie, in under 60 bytes a blob. Look-ups take no lock and run beside
/// additions; a blob that lies in several packs keeps all its places.
/// </summary>
internal sealed partial class BlobIndex : IIndexReceiver
{
    private const int ShardBits = 5;

    private readonly BlobIndexShard[] _shards = new BlobIndexShard[1 << ShardBits];
    private readonly PackTable _packs = new();

    public BlobIndex()
    {
        for (int i = 0; i < _shards.Length; i++) _shards[i] = new BlobIndexShard();
    }

    /// <summary>How many places of blobs are known: a blob in two packs counts twice, one only claimed not at all.</summary>
    public long Count => _shards.Sum(shard => (long)shard.PlacedCount);

    /// <summary>How many packs are named.</summary>
    public int PackCount => _packs.Count;

    /// <summary>Whether the blob has a place, or is being written by this run.</summary>
    public bool Contains(in BlobHandle blob) => ShardOf(blob).Contains(blob);

    /// <summary>Marks a blob as being written by the caller. False if it has a place already, or another caller was first.</summary>
    public bool TryClaim(in BlobHandle blob) => ShardOf(blob).TryClaim(blob);

    /// <summary>The first place of a blob. One that is only claimed has none yet.</summary>
    public bool TryFind(in BlobHandle blob, out BlobLocation location)
    {
        bool found = ShardOf(blob).TryFind(blob, 0, out var place);
        location = found ? place.In(_packs[place.Pack]) : default;
        return found;
    }

    /// <summary>All places of a blob.</summary>
    public IEnumerable<BlobLocation> FindAll(BlobHandle blob)
    {
        for (int skip = 0; ShardOf(blob).TryFind(blob, skip, out var place); skip++) yield return place.In(_packs[place.Pack]);
    }

    /// <summary>Adds the blobs of a pack. What is known already of just that place is left out.</summary>
    public void Add(ObjectId pack, ReadOnlySpan<PackedBlob> blobs)
    {
        uint number = _packs.NumberOf(pack);
        foreach (ref readonly var blob in blobs)
            ShardOf(blob.Blob).Add(blob.Blob, new BlobPlace(number, blob.Offset, blob.Length, blob.UncompressedLength));
    }

    public bool ContainsPack(ObjectId pack) => _packs.Contains(pack);

    /// <summary>Every place of every blob, in no order.</summary>
    public IEnumerable<(BlobHandle Blob, BlobLocation Location)> EnumerateBlobs()
    {
        foreach (var shard in _shards)
        {
            foreach (var (blob, place) in shard.Enumerate()) yield return (blob, place.In(_packs[place.Pack]));
        }
    }

    /// <summary>
    /// Every pack with its blobs in the order of their offsets. Takes 8 bytes a blob while it runs; what is added meanwhile may be left out.
    /// </summary>
    /// <param name="wanted">Chooses packs by their numbers; all of them by default.</param>
    public IEnumerable<(ObjectId Pack, PackedBlob[] Blobs)> EnumeratePacks(Func<uint, bool>? wanted = null)
    {
        // Counting sort by pack number: where each pack's run of entries begins, then the entries.
        int packs = _packs.Count;
        long[] starts = new long[packs + 1];
        foreach (var shard in _shards)
        {
            foreach (var (_, place) in shard.Enumerate())
            {
                if (place.Pack < packs && wanted?.Invoke(place.Pack) != false) starts[place.Pack + 1]++;
            }
        }

        for (int i = 0; i < packs; i++) starts[i + 1] += starts[i];
        var entries = new (int Shard, int Entry)[starts[packs]];
        long[] next = starts[..packs];
        for (int shard = 0; shard < _shards.Length; shard++)
        {
            int count = _shards[shard].EntryCount;
            for (int entry = 0; entry < count; entry++)
            {
                uint pack = _shards[shard].PackOf(entry);
                if (pack < packs && next[pack] < starts[pack + 1]) entries[next[pack]++] = (shard, entry);
            }
        }

        for (int pack = 0; pack < packs; pack++)
        {
            if (wanted?.Invoke((uint)pack) == false) continue;
            var blobs = new PackedBlob[next[pack] - starts[pack]];
            for (int i = 0; i < blobs.Length; i++)
            {
                var (shard, entry) = entries[starts[pack] + i];
                var (blob, place) = _shards[shard].EntryAt(entry);
                blobs[i] = new PackedBlob(blob, place.Offset, place.Length, place.UncompressedLength);
            }

            Array.Sort(blobs, static (left, right) => left.Offset.CompareTo(right.Offset));
            yield return (_packs[(uint)pack], blobs);
        }
    }

    /// <summary>The size a pack must have by what the index says of its blobs.</summary>
    public static long PackSizeOf(ReadOnlySpan<PackedBlob> blobs)
    {
        long size = PackHeader.FixedSize;
        foreach (ref readonly var blob in blobs) size += blob.StoredSize;
        return size;
    }

    // A SHA-256 is uniform: its first bits choose the shard, its last ones the slot within.
    private BlobIndexShard ShardOf(in BlobHandle blob) => _shards[ShardNumberOf(blob)];

    private static int ShardNumberOf(in BlobHandle blob) => blob.Id.FirstByte >> (8 - ShardBits);

    /// <summary>Packs by number, so that an entry needs four bytes for its pack instead of 32.</summary>
    private sealed class PackTable
    {
        private readonly Dictionary<ObjectId, uint> _numbers = [];
        private readonly Lock _gate = new();
        private ObjectId[] _ids = new ObjectId[64];
        private int _count;

        public int Count => Volatile.Read(ref _count);

        // A number is given out only once its id is in the published array.
        public ObjectId this[uint number] => Volatile.Read(ref _ids)[number];

        public bool Contains(ObjectId pack)
        {
            lock (_gate) return _numbers.ContainsKey(pack);
        }

        public uint NumberOf(ObjectId pack)
        {
            lock (_gate)
            {
                if (_numbers.TryGetValue(pack, out uint number)) return number;
                if (_count == _ids.Length)
                {
                    var grown = new ObjectId[_count * 2];
                    _ids.CopyTo(grown, 0);
                    Volatile.Write(ref _ids, grown);
                }

                _ids[_count] = pack;
                _numbers.Add(pack, (uint)_count);
                Volatile.Write(ref _count, _count + 1);
                return (uint)_count - 1;
            }
        }
    }
}

/// <summary>Where a blob lies, with the pack as a number of the index's own.</summary>
internal readonly record struct BlobPlace(uint Pack, uint Offset, uint Length, uint UncompressedLength)
{
    public BlobLocation In(ObjectId pack) => new(pack, Offset, Length, UncompressedLength);
}

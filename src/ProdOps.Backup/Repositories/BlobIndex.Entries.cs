namespace ProdOps.Backup.Repositories;

/// <content>Entries by their numbers, for whoever keeps something beside each of them.</content>
internal sealed partial class BlobIndex
{
    /// <summary>How many parts the entries are in.</summary>
    public int ShardCount => _shards.Length;

    /// <summary>How many entries a part has; their numbers begin at zero and stay.</summary>
    public int CountEntries(int shard) => _shards[shard].EntryCount;

    /// <summary>The number of a blob's first entry, which stays the first whatever is added.</summary>
    public bool TryFindEntry(in BlobHandle blob, out EntryNumber number)
    {
        int shard = ShardNumberOf(blob);
        bool found = _shards[shard].FindEntry(blob, out int entry);
        number = new EntryNumber(shard, entry);
        return found;
    }

    /// <summary>What an entry says; false for one that is only claimed.</summary>
    public bool TryGetEntry(EntryNumber number, out BlobHandle blob, out BlobPlace place)
    {
        (blob, place) = _shards[number.Shard].EntryAt(number.Entry);
        return _shards[number.Shard].IsPlaced(number.Entry);
    }

    /// <summary>The pack of a number.</summary>
    public ObjectId PackOf(uint number) => _packs[number];
}

/// <summary>An entry of a <see cref="BlobIndex"/>.</summary>
internal readonly record struct EntryNumber(int Shard, int Entry);

using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Pruning;

/// <summary>
/// One byte beside each entry of an index: what a prune knows of a blob stands beside its first entry. That is all the memory that a blob takes here, and
/// entries that are added later have none.
/// </summary>
internal sealed class BlobMarks
{
    private readonly BlobIndex _index;
    private readonly byte[][] _marks;

    public BlobMarks(BlobIndex index)
    {
        _index = index;
        _marks = [.. Enumerable.Range(0, index.ShardCount).Select(shard => new byte[index.CountEntries(shard)])];
    }

    public ref byte this[EntryNumber number] => ref _marks[number.Shard][number.Entry];

    /// <summary>Marks a blob. False if it had another mark already, by whichever thread.</summary>
    public bool TrySet(EntryNumber number, byte from, byte to) => Interlocked.CompareExchange(ref this[number], to, from) == from;

    /// <summary>The mark of a blob, which must be in the index.</summary>
    public ref byte Of(in BlobHandle blob)
    {
        _index.TryFindEntry(blob, out var number);
        return ref this[number];
    }

    /// <summary>Every place of every blob that was there in the beginning.</summary>
    public IEnumerable<(BlobHandle Blob, BlobPlace Place)> EnumeratePlaces()
    {
        for (int shard = 0; shard < _marks.Length; shard++)
        {
            for (int entry = 0; entry < _marks[shard].Length; entry++)
            {
                if (_index.TryGetEntry(new EntryNumber(shard, entry), out var blob, out var place)) yield return (blob, place);
            }
        }
    }
}

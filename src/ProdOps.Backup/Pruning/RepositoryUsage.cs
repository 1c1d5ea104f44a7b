using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Pruning;

/// <summary>How much of a repository is used: of each pack, by its number in the index, and altogether.</summary>
internal sealed class RepositoryUsage
{
    /// <summary>A used blob whose place is settled.</summary>
    public const byte Settled = 2;

    private const byte LastChance = 1;

    public PackUsage[] Packs { get; }

    public long UsedBlobs, UsedSize, DuplicateBlobs, DuplicateSize, UnusedBlobs, UnusedSize;

    /// <summary>Tallies by restic's rules (internal/repository/prune.go, packInfoFromIndex).</summary>
    /// <param name="index">The index.</param>
    /// <param name="marks">As <see cref="ReferenceWalk"/> left them; afterwards every used blob is <see cref="Settled"/>.</param>
    public RepositoryUsage(BlobIndex index, BlobMarks marks)
    {
        Packs = new PackUsage[index.PackCount];
        foreach (ref var pack in Packs.AsSpan()) pack = new PackUsage { Type = PackUsage.NoType, UsedSize = PackHeader.FixedSize };

        // A mark becomes one more than the number of places: the least is 2.
        foreach (var (blob, _) in marks.EnumeratePlaces())
        {
            ref byte mark = ref marks.Of(blob);
            if (mark is not (0 or byte.MaxValue)) mark++;
        }

        foreach (var (blob, place) in marks.EnumeratePlaces()) Add(ref Packs[place.Pack], blob, place, marks.Of(blob));
        if (DuplicateBlobs > 0) SettleDuplicates(marks);
    }

    private void Add(ref PackUsage pack, in BlobHandle blob, in BlobPlace place, byte mark)
    {
        long length = place.Length;
        pack.Type = pack.Type == PackUsage.NoType || pack.Type == (byte)blob.Type ? (byte)blob.Type : PackUsage.MixedType;
        pack.HasUncompressed |= place.UncompressedLength == 0;
        pack.UsedSize += place.UncompressedLength == 0 ? PackHeader.PlainEntrySize : PackHeader.CompressedEntrySize;
        if (mark == Settled)
        {
            pack.UsedBlobs++;
            pack.UsedSize += length;
            UsedBlobs++;
            UsedSize += length;
            return;
        }

        // Of a blob in several packs, one place will be chosen for the used one.
        pack.UnusedBlobs++;
        pack.UnusedSize += length;
        if (mark == 0)
        {
            UnusedBlobs++;
            UnusedSize += length;
        }
        else
        {
            pack.DuplicateBlobs++;
            DuplicateBlobs++;
            DuplicateSize += length;
        }
    }

    /// <summary>
    /// Chooses one place for each blob that has several: in a pack that is used anyway, or that holds nothing but such blobs (an interrupted prune wrote it), or
    /// the last one there is.
    /// </summary>
    private void SettleDuplicates(BlobMarks marks)
    {
        foreach (var (blob, place) in marks.EnumeratePlaces())
        {
            ref byte mark = ref marks.Of(blob);
            if (mark is 0 or Settled) continue;
            ref var pack = ref Packs[place.Pack];
            if (pack.UsedBlobs > 0 || pack.DuplicateBlobs == pack.UnusedBlobs || mark == LastChance)
            {
                pack.UsedBlobs++;
                pack.UsedSize += place.Length;
                pack.UnusedBlobs--;
                pack.UnusedSize -= place.Length;
                UsedBlobs++;
                UsedSize += place.Length;
                DuplicateBlobs--;
                DuplicateSize -= place.Length;
                mark = Settled;
            }
            else if (--mark == Settled)
            {
                // One place is left, and Settled would say that it was chosen already.
                mark = LastChance;
            }
        }
    }
}

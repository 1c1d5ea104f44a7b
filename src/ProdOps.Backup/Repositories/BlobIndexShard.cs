using System.Runtime.InteropServices;

namespace ProdOps.Backup.Repositories;

/// <summary>
/// A part of a <see cref="BlobIndex"/>: entries of 48 bytes in blocks that never move, found through an open-addressing
/// table of entry numbers. Writers take the lock. Readers take none: an entry is whole before its number is published,
/// and a table is never changed but by filling an empty slot.
/// </summary>
internal sealed class BlobIndexShard
{
    private const int BlockBits = 8, BlockSize = 1 << BlockBits;
    private const uint Claimed = TypeBit - 1, TypeBit = 1u << 31;

    private readonly Lock _gate = new();
    private Entry[][] _blocks = [];
    private int[] _slots = new int[64];
    private int _count;
    private int _claimed;

    /// <summary>Entries that have a place.</summary>
    public int PlacedCount
    {
        get
        {
            lock (_gate) return _count - _claimed;
        }
    }

    public int EntryCount => Volatile.Read(ref _count);

    public bool Contains(in BlobHandle blob) => FindEntry(blob, out _);

    public bool TryFind(in BlobHandle blob, int skip, out BlobPlace place)
    {
        int[] slots = Volatile.Read(ref _slots);
        uint mask = (uint)slots.Length - 1;
        for (uint slot = (uint)blob.Id.GetHashCode() & mask; ; slot = (slot + 1) & mask)
        {
            int number = Volatile.Read(ref slots[slot]);
            if (number == 0) break;
            ref var entry = ref EntryRef(number - 1);
            if (!entry.Is(blob)) continue;
            // The pack is written last, so the rest is whole once it is seen.
            uint pack = Volatile.Read(ref entry.PackAndType) & ~TypeBit;
            if (pack == Claimed || skip-- > 0) continue;
            place = new BlobPlace(pack, entry.Offset, entry.Length, entry.UncompressedLength);
            return true;
        }

        place = default;
        return false;
    }

    public bool TryClaim(in BlobHandle blob)
    {
        if (FindEntry(blob, out _)) return false;
        lock (_gate)
        {
            if (FindEntry(blob, out _)) return false;
            Insert(blob, new BlobPlace(Claimed, 0, 0, 0));
            _claimed++;
            return true;
        }
    }

    public void Add(in BlobHandle blob, in BlobPlace place)
    {
        lock (_gate)
        {
            for (int skip = 0; TryFind(blob, skip, out var known); skip++)
            {
                if (known == place) return;
            }

            if (FindEntry(blob, out int number) && (EntryRef(number).PackAndType & ~TypeBit) == Claimed)
            {
                ref var entry = ref EntryRef(number);
                entry.Offset = place.Offset;
                entry.Length = place.Length;
                entry.UncompressedLength = place.UncompressedLength;
                Volatile.Write(ref entry.PackAndType, place.Pack | (entry.PackAndType & TypeBit));
                _claimed--;
            }
            else
            {
                Insert(blob, place);
            }
        }
    }

    public IEnumerable<(BlobHandle Blob, BlobPlace Place)> Enumerate()
    {
        int count = EntryCount;
        for (int number = 0; number < count; number++)
        {
            if (PackOf(number) != Claimed) yield return EntryAt(number);
        }
    }

    /// <summary>Whether an entry has a place.</summary>
    public bool IsPlaced(int number) => PackOf(number) != Claimed;

    /// <summary>An entry's pack number; of a claimed one a number that no pack has.</summary>
    public uint PackOf(int number) => Volatile.Read(ref EntryRef(number).PackAndType) & ~TypeBit;

    public (BlobHandle Blob, BlobPlace Place) EntryAt(int number)
    {
        ref var entry = ref EntryRef(number);
        uint pack = Volatile.Read(ref entry.PackAndType);
        return (new BlobHandle((BlobType)(pack >> 31), entry.Id), new BlobPlace(pack & ~TypeBit, entry.Offset, entry.Length, entry.UncompressedLength));
    }

    /// <summary>The first entry of a blob: the lowest of its numbers, whatever is added later.</summary>
    public bool FindEntry(in BlobHandle blob, out int number)
    {
        int[] slots = Volatile.Read(ref _slots);
        uint mask = (uint)slots.Length - 1;
        for (uint slot = (uint)blob.Id.GetHashCode() & mask; ; slot = (slot + 1) & mask)
        {
            number = Volatile.Read(ref slots[slot]) - 1;
            if (number < 0) return false;
            if (EntryRef(number).Is(blob)) return true;
        }
    }

    private void Insert(in BlobHandle blob, in BlobPlace place)
    {
        // Three quarters full at most: with linear probing longer runs would show.
        if ((_count + 1) * 4L > _slots.Length * 3L) GrowSlots();
        if (_count >> BlockBits == _blocks.Length)
        {
            Entry[][] blocks = [.. _blocks, new Entry[BlockSize]];
            Volatile.Write(ref _blocks, blocks);
        }

        EntryRef(_count) = new Entry
        {
            Id = blob.Id,
            PackAndType = place.Pack | ((uint)blob.Type << 31),
            Offset = place.Offset,
            Length = place.Length,
            UncompressedLength = place.UncompressedLength,
        };
        Publish(_slots, blob.Id.GetHashCode(), _count + 1);
        Volatile.Write(ref _count, _count + 1);
    }

    private void GrowSlots()
    {
        int[] slots = new int[_slots.Length * 2];
        for (int number = 0; number < _count; number++)
        {
            ref var entry = ref EntryRef(number);
            Publish(slots, entry.Id.GetHashCode(), number + 1);
        }

        Volatile.Write(ref _slots, slots);
    }

    private static void Publish(int[] slots, int hash, int number)
    {
        uint mask = (uint)slots.Length - 1;
        uint slot = (uint)hash & mask;
        while (slots[slot] != 0) slot = (slot + 1) & mask;
        Volatile.Write(ref slots[slot], number);
    }

    private ref Entry EntryRef(int number) => ref Volatile.Read(ref _blocks)[number >> BlockBits][number & (BlockSize - 1)];

    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        public ObjectId Id;
        public uint PackAndType;
        public uint Offset;
        public uint Length;
        public uint UncompressedLength;

        public readonly bool Is(in BlobHandle blob) => Id == blob.Id && PackAndType >> 31 == (uint)blob.Type;
    }
}

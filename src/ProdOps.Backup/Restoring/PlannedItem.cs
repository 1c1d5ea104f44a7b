using ProdOps.Backup.Repositories;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring;

/// <summary>What is done with an item. The order is of no meaning.</summary>
internal enum PlannedAction : byte
{
    /// <summary>It is as it should be. Kept in the plan as the folder or the link group of others.</summary>
    Keep,
    Create,
    Overwrite,
    Metadata,
    Delete,
}

[Flags]
internal enum ItemFlags : ushort
{
    None = 0,

    /// <summary>Something that is no folder stands there and is removed first.</summary>
    Blocked = 1,

    /// <summary>A folder stands there and is removed first, with what is in it only if extra items are to be deleted.</summary>
    BlockedByDirectory = 2,

    /// <summary>The file is there: only the parts that differ are written into it.</summary>
    InPlace = 4,

    /// <summary>A folder above what was backed up or asked for: made if it is missing, otherwise left alone.</summary>
    Ancestor = 8,

    /// <summary>A folder that no pattern selects: made only if something below it is restored.</summary>
    Tentative = 16,

    /// <summary>A folder whose entries change, so that its times have to be put back.</summary>
    EntriesChange = 32,

    /// <summary>It failed and was reported: nothing more is done with it or below it.</summary>
    Failed = 64,

    /// <summary>Something directly in this folder failed, so that nothing in it is deleted.</summary>
    FailedBelow = 128,

    /// <summary>The content of the existing file was taken to be right by size and time, unread.</summary>
    ContentAssumed = 256,

    /// <summary>The folder, or the folder this is in, is made by this restore: nothing unforeseen can be in it, no inherited attribute.</summary>
    Fresh = 512,

    /// <summary>A folder that the snapshot lacks, which stays for the sake of something in it.</summary>
    Extra = 1024,
}

/// <summary>Which metadata of an existing item differs from the snapshot's.</summary>
[Flags]
internal enum MetadataDifference : byte
{
    None = 0,
    Owner = 1,
    Permissions = 2,
    ModifiedTime = 4,
    ExtendedAttributes = 8,
}

/// <summary>An item of a plan: one struct in a list of many, so nothing in it but numbers.</summary>
internal struct PlannedItem
{
    /// <summary>The item of the folder it is in; of the first item, the destination itself, -1.</summary>
    public int Parent;
    public NameReference Name;
    public FileType Type;
    public PlannedAction Action;
    public ItemFlags Flags;
    public MetadataDifference Differences;

    public uint Permissions;
    public uint UserId;
    public uint GroupId;
    public UnixTime ModifiedTime;
    public UnixTime AccessTime;

    /// <summary>A file's size: the sum of its blobs' lengths in the index, whatever the tree says.</summary>
    public long Size;

    /// <summary>Where the file's parts begin, and how many there are.</summary>
    public int FirstPart;
    public int PartCount;

    /// <summary>The item of the first name of a hard-linked file, of which this is a further one; otherwise -1.</summary>
    public int LinkLeader;

    /// <summary>What only some items have; -1 for none.</summary>
    public int Extras;

    /// <summary>What stands at the destination; -1 for nothing.</summary>
    public int Existing;

    public readonly bool Is(ItemFlags flag) => (Flags & flag) != 0;

    public readonly bool WritesContent => Type == FileType.File && LinkLeader < 0 && Action is PlannedAction.Create or PlannedAction.Overwrite;
}

/// <summary>What only some items have.</summary>
internal sealed record ItemExtras(ExtendedAttribute[] Attributes, byte[] LinkTarget, ulong Device);

/// <summary>What stands at the destination under an item's name.</summary>
internal struct ExistingItem
{
    public uint Permissions;
    public uint UserId;
    public uint GroupId;
    public UnixTime ModifiedTime;
    public long Size;
    public ulong Inode;
    public ulong Device;
    public bool IsFile;
    public bool HasMoreLinks;
}

/// <summary>A blob of a file: what belongs where, and where it is to be had.</summary>
internal struct PlannedPart
{
    public ObjectId Id;
    public long FileOffset;
    public int Item;

    /// <summary>The pack's place in <see cref="PlannedRestore.Packs"/>.</summary>
    public int Pack;
    public uint PackOffset;
    public uint StoredLength;
    public uint UncompressedLength;

    /// <summary>The destination has it already.</summary>
    public bool Present;

    public readonly uint Length => UncompressedLength != 0 ? UncompressedLength : StoredLength - 32;
}

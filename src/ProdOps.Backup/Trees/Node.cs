using ProdOps.Backup.Repositories;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Trees;

/// <summary>An entry of a tree, with everything restic's format keeps of a file.</summary>
internal sealed class Node
{
    /// <summary>The name's raw bytes, unquoted.</summary>
    public byte[] Name = [];

    public FileType Type;

    /// <summary>Go's <c>os.FileMode</c>, not <c>st_mode</c>; see <see cref="GoFileMode"/>.</summary>
    public uint Mode;

    public UnixTime ModifiedTime;
    public UnixTime AccessTime;
    public UnixTime ChangeTime;
    public uint UserId;
    public uint GroupId;
    public string User = "";
    public string Group = "";
    public ulong Inode;
    public ulong DeviceId;
    public ulong Size;
    public ulong Links;

    /// <summary>A symbolic link's target as raw bytes; empty for everything else.</summary>
    public byte[] LinkTarget = [];

    public ExtendedAttribute[] ExtendedAttributes = [];

    /// <summary>The JSON object of attributes that only some systems have, as stored, or <see langword="null"/>.</summary>
    public byte[]? GenericAttributes;

    /// <summary><c>st_rdev</c> of a device node.</summary>
    public ulong Device;

    /// <summary>The data blobs of a file, in order; <see langword="null"/> for everything else.</summary>
    public ObjectId[]? Content;

    /// <summary>The tree of a folder; <see langword="null"/> for everything else.</summary>
    public ObjectId? Subtree;

    /// <summary>Why the item could not be read whole, as restic stores it.</summary>
    public string Error = "";

    /// <summary>An entry with the same values, to change some of them.</summary>
    public Node Copy() => (Node)MemberwiseClone();
}

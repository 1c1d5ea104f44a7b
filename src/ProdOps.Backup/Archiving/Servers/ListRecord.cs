using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving.Servers;

/// <summary>One thing that a server's listing tells. Names and targets are in the reader's buffer until it reads on.</summary>
internal struct ListRecord
{
    /// <summary>
    /// <c>I</c> an item; <c>!</c> a folder that may not be read; <c>A</c>, <c>P</c> and <c>T</c> announce a path (above the targets, a target to be
    /// looked at, a target's listing); <c>V</c> nothing is there; <c>D</c> nobody may look there; <c>G</c> the path of a tag; <c>E</c> the end of a
    /// target's listing; <c>Z</c> the end of all.
    /// </summary>
    public char Kind;

    /// <summary>How deep below the target an item is; the target itself is 0.</summary>
    public int Depth;

    /// <summary>What find or stat tell. find tells no device numbers of device nodes: then <see cref="FileStat.DeviceNumber"/> is 0.</summary>
    public FileStat Stat;

    /// <summary>An item's name (its path, where it was looked at by its path), or an announced path.</summary>
    public ReadOnlyMemory<byte> Name;

    /// <summary>A symbolic link's target.</summary>
    public ReadOnlyMemory<byte> LinkTarget;
}

using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving;

/// <summary>Makes tree entries from what the file system tells.</summary>
internal sealed class NodeFactory(IOwnerNames owners, BackupRequest request, bool sameObserver)
{
    /// <summary>
    /// The entry of an item; content, subtree, attributes and link target are left to the caller.
    /// </summary>
    public Node Create(byte[] name, in FileStat stat)
    {
        var node = new Node
        {
            Name = name,
            Type = stat.Type,
            Mode = GoFileMode.From(stat.Type, stat.Permissions),
            ModifiedTime = stat.ModifiedTime,
            AccessTime = request.WithAccessTime ? stat.AccessTime : stat.ModifiedTime,
            ChangeTime = stat.ChangeTime,
            UserId = stat.UserId,
            GroupId = stat.GroupId,
            User = owners.GetUserName(stat.UserId),
            Group = owners.GetGroupName(stat.GroupId),
            Inode = stat.Inode,
            DeviceId = stat.Device,
        };
        switch (stat.Type)
        {
            case FileType.File:
                node.Size = (ulong)stat.Size;
                node.Links = stat.Links;
                break;
            case FileType.SymbolicLink:
                node.Links = stat.Links;
                break;
            case FileType.BlockDevice or FileType.CharacterDevice:
                node.Links = stat.Links;
                node.Device = stat.DeviceNumber;
                break;
        }
        return node;
    }

    /// <summary>
    /// The parent's own entry if this run would make the same one, so that an unchanged file costs no allocation;
    /// otherwise <see langword="null"/>.
    /// </summary>
    public Node? Reuse(in FileStat stat, Node? previous)
    {
        if (!IsUntouched(stat, previous)) return null;
        var accessTime = request.WithAccessTime ? stat.AccessTime : stat.ModifiedTime;
        return previous!.ModifiedTime == stat.ModifiedTime && previous.AccessTime == accessTime
            && previous.Mode == GoFileMode.From(stat.Type, stat.Permissions)
            && previous.UserId == stat.UserId && previous.GroupId == stat.GroupId
            && previous.User == owners.GetUserName(stat.UserId) && previous.Group == owners.GetGroupName(stat.GroupId)
            && previous.DeviceId == stat.Device && previous.Links == stat.Links
            && (stat.Type != FileType.File || previous.Size == (ulong)stat.Size)
            && previous.Device == (stat.Type is FileType.BlockDevice or FileType.CharacterDevice ? stat.DeviceNumber : 0)
            && previous.GenericAttributes is null && previous.Error.Length == 0
            ? previous : null;
    }

    /// <summary>restic's rule for taking a file's content over from the parent: size, times and inode are all equal.</summary>
    public bool IsContentUnchanged(in FileStat stat, Node? previous) =>
        previous is { Type: FileType.File, Content: not null }
        && previous.Size == (ulong)stat.Size
        && previous.ModifiedTime == stat.ModifiedTime
        && (request.IgnoreChangeTime || previous.ChangeTime == stat.ChangeTime)
        && (request.IgnoreInode || previous.Inode == stat.Inode);

    /// <summary>
    /// Whether the parent's entry shows the same change time and inode: then nothing but the access time can differ, and attributes and link
    /// target are taken over unread. Another user may have been refused attributes that this one can read, so only the same observer's
    /// entries count.
    /// </summary>
    public bool IsUntouched(in FileStat stat, Node? previous) =>
        sameObserver && previous is not null && previous.Type == stat.Type
        && previous.ChangeTime == stat.ChangeTime && previous.Inode == stat.Inode && previous.DeviceId == stat.Device;
}

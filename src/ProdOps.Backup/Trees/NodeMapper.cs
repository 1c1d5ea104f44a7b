using System.Globalization;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Trees;

/// <summary>Where an item comes from: what all items of one snapshot share.</summary>
internal sealed record ItemOrigin(string SnapshotId, DateTimeOffset SnapshotTime, string Server, string Repository);

/// <summary>Makes of a stored node what users hold.</summary>
internal static class NodeMapper
{
    /// <summary>The item that stands at <paramref name="path"/>, its full path inside the snapshot.</summary>
    public static BackupItem ToItem(Node node, string path, ItemOrigin origin)
    {
        uint permissions = GoFileMode.ToPermissions(node.Mode);
        return new BackupItem
        {
            Path = path,
            Name = FileNames.Decode(node.Name),
            Type = TypeOf(node.Type),
            Size = node.Type == FileType.File ? (long)node.Size : 0,
            Mode = (int)permissions,
            ModeString = ModeString(node.Type, permissions),
            User = node.User.Length > 0 ? node.User : node.UserId.ToString(CultureInfo.InvariantCulture),
            Group = node.Group.Length > 0 ? node.Group : node.GroupId.ToString(CultureInfo.InvariantCulture),
            UserId = node.UserId,
            GroupId = node.GroupId,
            ModifiedTime = node.ModifiedTime.ToDateTimeOffset(),
            AccessTime = node.AccessTime.ToDateTimeOffset(),
            ChangeTime = node.ChangeTime.ToDateTimeOffset(),
            LinkTarget = node.Type == FileType.SymbolicLink ? FileNames.Decode(node.LinkTarget) : null,
            Links = (long)Math.Min(node.Links, long.MaxValue),
            Inode = node.Inode,
            ExtendedAttributes = node.ExtendedAttributes.Select(a => a.Name).ToArray(),
            SnapshotId = origin.SnapshotId,
            SnapshotTime = origin.SnapshotTime,
            Server = origin.Server,
            Repository = origin.Repository,
        };
    }

    /// <summary>The ten characters of <c>ls -l</c>.</summary>
    public static string ModeString(FileType type, uint permissions) => string.Create(10, (type, permissions), static (text, of) =>
    {
        text[0] = of.type switch
        {
            FileType.File => '-',
            FileType.Directory => 'd',
            FileType.SymbolicLink => 'l',
            FileType.BlockDevice => 'b',
            FileType.CharacterDevice => 'c',
            FileType.Fifo => 'p',
            FileType.Socket => 's',
            _ => '?',
        };
        for (int i = 0; i < 9; i++) text[i + 1] = (of.permissions & (0x100u >> i)) != 0 ? "rwx"[i % 3] : '-';
        if ((of.permissions & 0x800) != 0) text[3] = text[3] == 'x' ? 's' : 'S';
        if ((of.permissions & 0x400) != 0) text[6] = text[6] == 'x' ? 's' : 'S';
        if ((of.permissions & 0x200) != 0) text[9] = text[9] == 'x' ? 't' : 'T';
    });

    public static BackupItemType TypeOf(FileType type) => type switch
    {
        FileType.File => BackupItemType.File,
        FileType.Directory => BackupItemType.Directory,
        FileType.SymbolicLink => BackupItemType.SymbolicLink,
        FileType.BlockDevice => BackupItemType.BlockDevice,
        FileType.CharacterDevice => BackupItemType.CharacterDevice,
        FileType.Fifo => BackupItemType.Fifo,
        FileType.Socket => BackupItemType.Socket,
        _ => BackupItemType.Irregular,
    };
}

using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Trees;

/// <summary>Go's <c>os.FileMode</c> bits (go doc io/fs FileMode), which restic stores instead of <c>st_mode</c>.</summary>
internal static class GoFileMode
{
    private const uint Directory = 1u << 31, Symlink = 1u << 27, Device = 1u << 26, NamedPipe = 1u << 25, Socket = 1u << 24;
    private const uint SetUid = 1u << 23, SetGid = 1u << 22, CharDevice = 1u << 21, Sticky = 1u << 20, Irregular = 1u << 19;

    public static uint From(FileType type, uint permissions)
    {
        uint mode = permissions & 0x1FF;
        if ((permissions & 0x800) != 0) mode |= SetUid;
        if ((permissions & 0x400) != 0) mode |= SetGid;
        if ((permissions & 0x200) != 0) mode |= Sticky;
        return mode | type switch
        {
            FileType.Directory => Directory,
            FileType.SymbolicLink => Symlink,
            FileType.BlockDevice => Device,
            FileType.CharacterDevice => Device | CharDevice,
            FileType.Fifo => NamedPipe,
            FileType.Socket => Socket,
            FileType.Unknown => Irregular,
            _ => 0u,
        };
    }

    /// <summary>The bits <c>chmod</c> takes: octal 07777.</summary>
    public static uint ToPermissions(uint mode)
    {
        uint permissions = mode & 0x1FF;
        if ((mode & SetUid) != 0) permissions |= 0x800;
        if ((mode & SetGid) != 0) permissions |= 0x400;
        if ((mode & Sticky) != 0) permissions |= 0x200;
        return permissions;
    }
}

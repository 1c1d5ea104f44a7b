namespace ProdOps.Servers.FileSystem;

/// <summary>What kind a file is, from what Unix systems and their tools call it.</summary>
internal static class FileTypes
{
    /// <summary>By the type bits of <c>st_mode</c>; others are passed over.</summary>
    public static FileType FromMode(uint mode) => (mode & 0xF000) switch
    {
        0x8000 => FileType.File,
        0x4000 => FileType.Directory,
        0xA000 => FileType.SymbolicLink,
        0x6000 => FileType.BlockDevice,
        0x2000 => FileType.CharacterDevice,
        0x1000 => FileType.Fifo,
        0xC000 => FileType.Socket,
        _ => FileType.Unknown,
    };

    /// <summary>By the letter of find's <c>%y</c>.</summary>
    public static FileType FromLetter(byte letter) => letter switch
    {
        (byte)'f' => FileType.File,
        (byte)'d' => FileType.Directory,
        (byte)'l' => FileType.SymbolicLink,
        (byte)'b' => FileType.BlockDevice,
        (byte)'c' => FileType.CharacterDevice,
        (byte)'p' => FileType.Fifo,
        (byte)'s' => FileType.Socket,
        _ => FileType.Unknown,
    };
}

/// <summary>The numbers of <c>st_dev</c> and <c>st_rdev</c>, as glibc's makedev puts a major and a minor number together.</summary>
internal static class DeviceNumbers
{
    public static ulong Make(ulong major, ulong minor) =>
        ((major & 0xFFFFF000) << 32) | ((major & 0xFFF) << 8) | ((minor & 0xFFFFFF00) << 12) | (minor & 0xFF);

    public static uint MajorOf(ulong device) => (uint)(((device >> 8) & 0xFFF) | ((device >> 32) & 0xFFFFF000));

    public static uint MinorOf(ulong device) => (uint)((device & 0xFF) | ((device >> 12) & 0xFFFFFF00));
}

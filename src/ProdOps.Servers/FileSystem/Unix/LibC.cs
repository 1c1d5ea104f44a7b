using System.Runtime.InteropServices;

namespace ProdOps.Servers.FileSystem.Unix;

/// <summary>
/// Linux's calls, with blittable arguments only. Paths are pointers to bytes that end in NUL.
/// </summary>
internal static unsafe partial class LibC
{
    public const int CurrentFolder = -100;
    public const int SymlinkNoFollow = 0x100, RemoveDirectory = 0x200, NoAutomount = 0x800, EmptyPath = 0x1000;
    public const int ReadOnly = 0, WriteOnly = 1, ReadWrite = 2, Create = 0x40, Exclusive = 0x80, NonBlocking = 0x800, CloseOnExec = 0x80000;
    public const int NoAccessTime = 0x40000, PathOnly = 0x200000;
    public const int FallocateKeepSize = 1;

    // arch/arm64/include/uapi/asm/fcntl.h differs here from include/uapi/asm-generic/fcntl.h, which x86 shares.
    public static readonly int Directory = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;
    public static readonly int NoFollow = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    // glibc has a wrapper of getdents64 since 2.30 only.
    private static readonly nint GetDents64 = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 217 : 61;

    /// <summary>The flags and call numbers above are those of 64-bit x86 and of the systems that use Linux's generic table.</summary>
    public static bool IsSupported { get; } = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is
        Architecture.X64 or Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64;

    public static int LastError => Marshal.GetLastPInvokeError();

    public static nint ReadEntries(int folder, byte* buffer, nint length) => SystemCall(GetDents64, folder, (nint)buffer, length);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    public static partial int StatX(int folder, byte* path, int flags, uint mask, StatX* stat);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    public static partial int OpenAt(int folder, byte* path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int file, byte* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true)]
    public static partial nint ReadLinkAt(int folder, byte* path, byte* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "llistxattr", SetLastError = true)]
    public static partial nint ListAttributes(byte* path, byte* list, nint length);

    [LibraryImport("libc", EntryPoint = "lgetxattr", SetLastError = true)]
    public static partial nint GetAttribute(byte* path, byte* name, byte* value, nint length);

    [LibraryImport("libc", EntryPoint = "lsetxattr", SetLastError = true)]
    public static partial int SetAttribute(byte* path, byte* name, byte* value, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "lremovexattr", SetLastError = true)]
    public static partial int RemoveAttribute(byte* path, byte* name);

    [LibraryImport("libc", EntryPoint = "flistxattr", SetLastError = true)]
    public static partial nint ListAttributes(int file, byte* list, nint length);

    [LibraryImport("libc", EntryPoint = "fgetxattr", SetLastError = true)]
    public static partial nint GetAttribute(int file, byte* name, byte* value, nint length);

    [LibraryImport("libc", EntryPoint = "fsetxattr", SetLastError = true)]
    public static partial int SetAttribute(int file, byte* name, byte* value, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "fremovexattr", SetLastError = true)]
    public static partial int RemoveAttribute(int file, byte* name);

    [LibraryImport("libc", EntryPoint = "getpwuid_r")]
    public static partial int GetUser(uint id, byte* entry, byte* buffer, nint length, byte** result);

    [LibraryImport("libc", EntryPoint = "getgrgid_r")]
    public static partial int GetGroup(uint id, byte* entry, byte* buffer, nint length, byte** result);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    /// <summary>The soft and the hard limit of a resource.</summary>
    [LibraryImport("libc", EntryPoint = "getrlimit")]
    public static partial int GetLimit(int resource, nuint* limits);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    public static partial int MakeDirectoryAt(int folder, byte* path, uint mode);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true)]
    public static partial int SymlinkAt(byte* target, int folder, byte* path);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true)]
    public static partial int LinkAt(int folder, byte* path, int newFolder, byte* newPath, int flags);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true)]
    public static partial int RenameAt(int folder, byte* path, int newFolder, byte* newPath);

    [LibraryImport("libc", EntryPoint = "mknodat", SetLastError = true)]
    public static partial int MakeNodeAt(int folder, byte* path, uint mode, ulong device);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    public static partial int UnlinkAt(int folder, byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "fchownat", SetLastError = true)]
    public static partial int ChangeOwnerAt(int folder, byte* path, uint user, uint group, int flags);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    public static partial int ChangeMode(int file, uint mode);

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true)]
    public static partial int ChangeMode(byte* path, uint mode);

    [LibraryImport("libc", EntryPoint = "utimensat", SetLastError = true)]
    public static partial int SetTimesAt(int folder, byte* path, TimeSpec* times, int flags);

    [LibraryImport("libc", EntryPoint = "futimens", SetLastError = true)]
    public static partial int SetTimes(int file, TimeSpec* times);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    public static partial nint ReadAt(int file, byte* buffer, nint length, long offset);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint WriteAt(int file, byte* buffer, nint length, long offset);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int SetLength(int file, long length);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    public static partial int Allocate(int file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Synchronize(int file);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    public static partial int SynchronizeFileSystem(int file);
}

/// <summary>A struct timespec of 64-bit systems.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpec
{
    public long Seconds;
    public long Nanoseconds;
}

/// <summary>A struct statx (man 2 statx): the one stat that has the same shape on every processor.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct StatX
{
    public const uint BasicFields = 0x7FF;

    [FieldOffset(16)] private readonly uint _links;
    [FieldOffset(20)] private readonly uint _userId;
    [FieldOffset(24)] private readonly uint _groupId;
    [FieldOffset(28)] private readonly ushort _mode;
    [FieldOffset(32)] private readonly ulong _inode;
    [FieldOffset(40)] private readonly ulong _size;
    [FieldOffset(48)] private readonly ulong _blocks;
    [FieldOffset(64)] private readonly Moment _accessTime;
    [FieldOffset(96)] private readonly Moment _changeTime;
    [FieldOffset(112)] private readonly Moment _modifiedTime;
    [FieldOffset(128)] private readonly uint _deviceNumberMajor;
    [FieldOffset(132)] private readonly uint _deviceNumberMinor;
    [FieldOffset(136)] private readonly uint _deviceMajor;
    [FieldOffset(140)] private readonly uint _deviceMinor;

    public readonly FileStat ToFileStat() => new()
    {
        Type = FileTypes.FromMode(_mode),
        Permissions = _mode & 0xFFFu,
        Inode = _inode,
        Device = DeviceNumbers.Make(_deviceMajor, _deviceMinor),
        DeviceNumber = DeviceNumbers.Make(_deviceNumberMajor, _deviceNumberMinor),
        Links = _links,
        UserId = _userId,
        GroupId = _groupId,
        Size = (long)_size,
        AllocatedSize = (long)(_blocks * 512),
        ModifiedTime = _modifiedTime.ToUnixTime(),
        AccessTime = _accessTime.ToUnixTime(),
        ChangeTime = _changeTime.ToUnixTime(),
    };

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Moment
    {
        private readonly long _seconds;
        private readonly uint _nanoseconds;
        private readonly uint _reserved;

        public UnixTime ToUnixTime() => new(_seconds, (int)_nanoseconds);
    }
}

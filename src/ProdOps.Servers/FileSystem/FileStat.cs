namespace ProdOps.Servers.FileSystem;

/// <summary>A moment as file systems keep it: seconds since 1970 and nanoseconds. <see cref="DateTimeOffset"/> stops at 100 ns.</summary>
internal readonly record struct UnixTime(long Seconds, int Nanoseconds) : IComparable<UnixTime>
{
    public int CompareTo(UnixTime other)
    {
        int order = Seconds.CompareTo(other.Seconds);
        return order == 0 ? Nanoseconds.CompareTo(other.Nanoseconds) : order;
    }

    /// <summary>Rounded down to 100 ns; years outside 1 to 9999 are clamped.</summary>
    public DateTimeOffset ToDateTimeOffset() =>
        DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(Seconds, -62135596800, 253402300799)).AddTicks(Nanoseconds / 100);

    public static UnixTime From(DateTimeOffset time)
    {
        long ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        long seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out long rest);
        return rest < 0 ? new UnixTime(seconds - 1, (int)(rest + TimeSpan.TicksPerSecond) * 100) : new UnixTime(seconds, (int)rest * 100);
    }
}

/// <summary>What a file is, by the letters of <c>st_mode</c>'s type bits.</summary>
internal enum FileType : byte
{
    Unknown,
    File,
    Directory,
    SymbolicLink,
    BlockDevice,
    CharacterDevice,
    Fifo,
    Socket,
}

/// <summary>What <c>lstat</c> tells of a file.</summary>
internal struct FileStat
{
    public FileType Type;

    /// <summary>Permission bits and set-user-id, set-group-id and sticky: octal 07777.</summary>
    public uint Permissions;

    public ulong Inode;
    public ulong Device;

    /// <summary><c>st_rdev</c>: which device a device node stands for.</summary>
    public ulong DeviceNumber;

    public ulong Links;
    public uint UserId;
    public uint GroupId;

    /// <summary>Bytes; of a symbolic link the length of its target.</summary>
    public long Size;

    /// <summary>Bytes really held on disk (<c>st_blocks</c> × 512): less than <see cref="Size"/> for a sparse file.</summary>
    public long AllocatedSize;

    public UnixTime ModifiedTime;
    public UnixTime AccessTime;
    public UnixTime ChangeTime;
}

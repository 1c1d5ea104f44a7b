namespace ProdOps.Monitoring.Probing.Report;

/// <summary>A mounted file system; sizes in bytes.</summary>
internal sealed record MountReport
{
    public required string Target { get; init; }

    /// <summary>What is mounted, e.g. <c>/dev/sda1</c>.</summary>
    public string? Source { get; init; }

    /// <summary>E.g. <c>ext4</c>.</summary>
    public string? Type { get; init; }

    public bool? ReadOnly { get; init; }

    /// <summary>Whether <c>/etc/fstab</c> says that it is written to, or the kernel says that it was until an error.</summary>
    public bool IsMeantToBeWritten { get; init; }

    public ulong? Size { get; init; }

    public ulong? Used { get; init; }

    /// <summary>What users other than root can still write.</summary>
    public ulong? Available { get; init; }

    /// <summary><see langword="null"/> also where the file system has no fixed number of them (btrfs, vfat).</summary>
    public ulong? Inodes { get; init; }

    public ulong? InodesUsed { get; init; }

    public ulong? InodesFree { get; init; }
}

/// <summary>A block device since the start (Documentation/admin-guide/iostats.rst).</summary>
internal sealed record DiskReport
{
    public required string Name { get; init; }

    public ulong Reads { get; init; }

    public ulong ReadBytes { get; init; }

    /// <summary>Milliseconds that all reads took together.</summary>
    public ulong ReadTime { get; init; }

    public ulong Writes { get; init; }

    public ulong WrittenBytes { get; init; }

    /// <summary>Milliseconds that all writes took together.</summary>
    public ulong WriteTime { get; init; }

    public ulong InFlight { get; init; }

    /// <summary>Milliseconds with at least one request.</summary>
    public ulong BusyTime { get; init; }
}

/// <summary>What a disk says of itself.</summary>
internal sealed record DiskHealthReport
{
    /// <summary>E.g. <c>sda</c>, <c>nvme0</c>, or <c>bus/0 megaraid,1</c> behind a controller.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it expects to fail, or to lose what is written to it.</summary>
    public bool? IsFailing { get; init; }

    /// <summary>Sectors that it has replaced.</summary>
    public ulong? Reallocated { get; init; }

    /// <summary>Sectors that it cannot read.</summary>
    public ulong? Unreadable { get; init; }

    /// <summary>Percent of the writing that it was made for; may be more than 100.</summary>
    public double? Wear { get; init; }
}

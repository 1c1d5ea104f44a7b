namespace ProdOps;

/// <summary>A file, folder, link or device in a backup.</summary>
public sealed class BackupItem
{
    /// <summary>The full path inside the snapshot, with <c>/</c>. A byte that is not UTF-8 appears as a lone surrogate U+DC80 to U+DCFF.</summary>
    public string Path { get; init; } = "";

    /// <summary>The last part of the path.</summary>
    public string Name { get; init; } = "";

    /// <summary>What it is.</summary>
    public BackupItemType Type { get; init; }

    /// <summary>The size of a file's content in bytes; 0 for everything else.</summary>
    public long Size { get; init; }

    /// <summary>Permission bits as in <c>chmod</c>, with set-user-id, set-group-id and sticky (octal 07777).</summary>
    public int Mode { get; init; }

    /// <summary>The mode as <c>ls -l</c> shows it, e.g. <c>drwxr-xr-x</c>.</summary>
    public string ModeString { get; init; } = "";

    /// <summary>The owner's name, or the number where no name was stored.</summary>
    public string User { get; init; } = "";

    /// <summary>The group's name, or the number where no name was stored.</summary>
    public string Group { get; init; } = "";

    /// <summary>The owner's number.</summary>
    public long UserId { get; init; }

    /// <summary>The group's number.</summary>
    public long GroupId { get; init; }

    /// <summary>When the content was last changed.</summary>
    public DateTimeOffset ModifiedTime { get; init; }

    /// <summary>When it was last read, as stored.</summary>
    public DateTimeOffset AccessTime { get; init; }

    /// <summary>When content or metadata was last changed.</summary>
    public DateTimeOffset ChangeTime { get; init; }

    /// <summary>What a symbolic link points to, or <see langword="null"/>.</summary>
    public string? LinkTarget { get; init; }

    /// <summary>How many names the file had.</summary>
    public long Links { get; init; }

    /// <summary>The inode number it had.</summary>
    public ulong Inode { get; init; }

    /// <summary>Names of its extended attributes (ACLs and capabilities are among them).</summary>
    public IReadOnlyList<string> ExtendedAttributes { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The snapshot it is in: its id.</summary>
    public string SnapshotId { get; init; } = "";

    /// <summary>When that snapshot was made.</summary>
    public DateTimeOffset SnapshotTime { get; init; }

    /// <summary>The host the snapshot is of.</summary>
    public string Server { get; init; } = "";

    /// <summary>Where the repository is.</summary>
    public string Repository { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => Path;
}

/// <summary>What an item in a backup is.</summary>
public enum BackupItemType
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A folder.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    SymbolicLink,

    /// <summary>A block device.</summary>
    BlockDevice,

    /// <summary>A character device.</summary>
    CharacterDevice,

    /// <summary>A named pipe.</summary>
    Fifo,

    /// <summary>A socket.</summary>
    Socket,

    /// <summary>Something the writer could not name.</summary>
    Irregular,
}

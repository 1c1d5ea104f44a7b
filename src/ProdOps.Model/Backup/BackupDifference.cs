namespace ProdOps;

/// <summary>One path that differs between two backups.</summary>
public sealed class BackupDifference
{
    /// <summary>The full path inside the snapshots.</summary>
    public string Path { get; init; } = "";

    /// <summary>How it differs.</summary>
    public BackupChange Change { get; init; }

    /// <summary>What it is in the newer backup, or in the older one if it was removed.</summary>
    public BackupItemType Type { get; init; }

    /// <summary>Its size in the older backup, or <see langword="null"/>.</summary>
    public long? OldSize { get; init; }

    /// <summary>Its size in the newer backup, or <see langword="null"/>.</summary>
    public long? NewSize { get; init; }

    /// <summary>The item in the older backup, or <see langword="null"/>.</summary>
    public BackupItem? OldItem { get; init; }

    /// <summary>The item in the newer backup, or <see langword="null"/>.</summary>
    public BackupItem? NewItem { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Change} {Path}";
}

/// <summary>How a path differs between two backups.</summary>
public enum BackupChange
{
    /// <summary>Only in the newer one (restic's <c>+</c>).</summary>
    Added,

    /// <summary>Only in the older one (<c>-</c>).</summary>
    Removed,

    /// <summary>The content differs (<c>M</c>).</summary>
    Modified,

    /// <summary>The content is the same, the metadata differs (<c>U</c>).</summary>
    MetadataChanged,

    /// <summary>It became another kind of item (<c>T</c>).</summary>
    TypeChanged,
}

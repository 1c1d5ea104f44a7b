namespace ProdOps;

/// <summary>What a restore will do, or did. Sizes are bytes.</summary>
public sealed class RestorePlan
{
    /// <summary>The snapshot that is restored.</summary>
    public string SnapshotId { get; init; } = "";

    /// <summary>Where it is restored to.</summary>
    public string Destination { get; init; } = "";

    /// <summary>Where the repository is.</summary>
    public string Repository { get; init; } = "";

    /// <summary>Everything that is made, replaced, corrected or deleted, in the order of the paths. Items left as they are are counted only.</summary>
    public IReadOnlyList<RestoreStep> Steps { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Items that are made.</summary>
    public long Created { get; init; }

    /// <summary>Files whose content is replaced in whole or in part.</summary>
    public long Overwritten { get; init; }

    /// <summary>Items whose metadata alone is put right.</summary>
    public long MetadataOnly { get; init; }

    /// <summary>Items that are deleted since the snapshot lacks them.</summary>
    public long Deleted { get; init; }

    /// <summary>Items that are already as they should be, or that the overwrite mode protects.</summary>
    public long Unchanged { get; init; }

    /// <summary>Bytes that are written.</summary>
    public long BytesToWrite { get; init; }

    /// <summary>Bytes that are already there and stay.</summary>
    public long BytesReused { get; init; }

    /// <summary>True once the plan was carried out.</summary>
    public bool Applied { get; init; }

    /// <summary>Items that failed; each was reported as an error.</summary>
    public long Errors { get; init; }

    /// <summary>Files that were read back and compared after the restore.</summary>
    public long Verified { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Created} new, {Overwritten} overwritten, {Deleted} deleted";
}

/// <summary>One item of a restore plan.</summary>
public sealed class RestoreStep
{
    /// <summary>What is done.</summary>
    public RestoreAction Action { get; init; }

    /// <summary>The path at the destination.</summary>
    public string Path { get; init; } = "";

    /// <summary>What it is.</summary>
    public BackupItemType Type { get; init; }

    /// <summary>Bytes that are written.</summary>
    public long Size { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Action} {Path}";
}

/// <summary>What a restore does to one item.</summary>
public enum RestoreAction
{
    /// <summary>The item is made.</summary>
    Create,

    /// <summary>The content is replaced in whole or in part.</summary>
    Overwrite,

    /// <summary>Only owner, mode, times and attributes are put right.</summary>
    Metadata,

    /// <summary>The item is deleted.</summary>
    Delete,
}

/// <summary>Which existing files a restore replaces; the values are restic's.</summary>
public enum RestoreOverwrite
{
    /// <summary>Every file that differs in content.</summary>
    Always,

    /// <summary>As Always, but a file of equal size and modification time is taken to be equal, unread.</summary>
    IfChanged,

    /// <summary>Only files older than the snapshot's.</summary>
    IfNewer,

    /// <summary>None: only what is missing is made.</summary>
    Never,
}

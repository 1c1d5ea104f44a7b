namespace ProdOps;

/// <summary>
/// A backup that is unlike those of the same server and paths before it: what ransomware, a disk that was not mounted or a wiped folder leave behind. It may as well be a
/// release or a clean-up; somebody has to look.
/// </summary>
public sealed class BackupAnomaly
{
    /// <summary>The backup: 64 hexadecimal digits.</summary>
    public string SnapshotId { get; init; } = "";

    /// <summary>The first eight digits of <see cref="SnapshotId"/>.</summary>
    public string ShortId => SnapshotId.Length < 8 ? SnapshotId : SnapshotId[..8];

    /// <summary>When it was made.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>Whose backup it is.</summary>
    public string Server { get; init; } = "";

    /// <summary>What is unlike.</summary>
    public BackupAnomalyKind Kind { get; init; }

    /// <summary>The share in this backup, 0 to 1; what of, <see cref="Kind"/> says.</summary>
    public double Share { get; init; }

    /// <summary>What is usual: the median of up to ten backups before it.</summary>
    public double UsualShare { get; init; }

    /// <summary>True for the newest backup of its server and paths.</summary>
    public bool IsLatest { get; init; }

    /// <summary>What to think of it, in words.</summary>
    public string Message { get; init; } = "";

    /// <summary>Where the repository is.</summary>
    public string Repository { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"{ShortId}: {Message}";
}

/// <summary>What is unlike in a backup.</summary>
public enum BackupAnomalyKind
{
    /// <summary>The share of the parent's files whose content or metadata changed.</summary>
    FilesChanged,

    /// <summary>The share of the parent's files that are gone.</summary>
    FilesRemoved,

    /// <summary>What is left of the usual bytes.</summary>
    Shrunk,

    /// <summary>What compression leaves of new data: of encrypted files, all of it.</summary>
    Incompressible,
}

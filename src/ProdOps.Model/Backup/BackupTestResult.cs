namespace ProdOps;

/// <summary>What a test of backups found. Sizes are bytes.</summary>
public sealed class BackupTestResult
{
    /// <summary>True if nothing was found wrong.</summary>
    public bool Success => Problems.Count == 0;

    /// <summary>What was tested.</summary>
    public BackupTestKind Kind { get; init; }

    /// <summary>Where the repository is.</summary>
    public string Repository { get; init; } = "";

    /// <summary>The one snapshot that was tested, or <see langword="null"/> when it was several or the whole repository.</summary>
    public string? SnapshotId { get; init; }

    /// <summary>When the test began.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>How long it took; for a restore this is the measured recovery time, of files and databases together.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Snapshots whose trees were walked.</summary>
    public long SnapshotsTested { get; init; }

    /// <summary>Pack files that were read whole, or only looked at when no data was read.</summary>
    public long PacksTested { get; init; }

    /// <summary>Blobs that were decrypted, unpacked and hashed, or only looked up when no data was read.</summary>
    public long BlobsTested { get; init; }

    /// <summary>Files that were restored and compared.</summary>
    public long FilesTested { get; init; }

    /// <summary>Databases that were loaded from their dumps, and asked.</summary>
    public IReadOnlyList<BackupDatabaseTest> Databases { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Bytes that were read from the repository.</summary>
    public long BytesRead { get; init; }

    /// <summary>The share of the repository's bytes read by this run, 0 to 1.</summary>
    public double Coverage { get; init; }

    /// <summary>The share read by this run and earlier rolling ones together, 0 to 1, or <see langword="null"/>.</summary>
    public double? RollingCoverage { get; init; }

    /// <summary>What is wrong.</summary>
    public IReadOnlyList<BackupProblem> Problems { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What is legal but could be better, e.g. packs that no index names.</summary>
    public IReadOnlyList<string> Hints { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Backups, among those tested, that are unlike the ones before them. They are no problems of the repository: <see cref="Success"/> does not depend on them.</summary>
    public IReadOnlyList<BackupAnomaly> Anomalies { get; init => field = Indexable.Of(value); } = [];

    /// <summary>SHA-256 over the names and hashes of everything tested, in order: two equal values mean the same bytes were seen.</summary>
    public string EvidenceHash { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}: {(Success ? "passed" : $"{Problems.Count} problems")}";
}

/// <summary>What a test of backups looks at.</summary>
public enum BackupTestKind
{
    /// <summary>Indexes, packs' sizes and every tree.</summary>
    Structure,

    /// <summary>Structure and every byte of the packs read.</summary>
    ReadData,

    /// <summary>A snapshot restored to a scratch folder and compared, its databases loaded and asked.</summary>
    Restore,
}

/// <summary>One thing that is wrong in a repository.</summary>
public sealed class BackupProblem
{
    /// <summary>The stable id of the kind of problem, e.g. <c>PackDamaged</c>.</summary>
    public string ErrorId { get; init; } = "";

    /// <summary>What is wrong.</summary>
    public string Message { get; init; } = "";

    /// <summary>The file in the repository, or the path in the snapshot.</summary>
    public string Item { get; init; } = "";

    /// <summary>What is lost by it: snapshot and paths, as far as known.</summary>
    public IReadOnlyList<string> Affected { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What to do.</summary>
    public string? Recommendation { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Message;
}

namespace ProdOps;

/// <summary>A run of a backup set on a server, as it was noted when it ended. Sizes are bytes.</summary>
public sealed record BackupRunEvidence
{
    /// <summary>The set.</summary>
    public required string Set { get; init; }

    /// <summary>The server, as the environment calls it; <c>localhost</c> is this machine.</summary>
    public required string Server { get; init; }

    /// <summary>What became of it.</summary>
    public BackupSetStatus Status { get; init; }

    /// <summary>The name of the repository.</summary>
    public string Repository { get; init; } = "";

    /// <summary>The snapshot's full id; <see langword="null"/> if there is none.</summary>
    public string? SnapshotId { get; init; }

    /// <summary>When it began.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>How long it took, with its copies.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The size of all that the snapshot holds.</summary>
    public long BytesProcessed { get; init; }

    /// <summary>What the repository did not have yet, as stored.</summary>
    public long BytesAdded { get; init; }

    /// <summary>The names of the repositories that the snapshot was copied to.</summary>
    public IReadOnlyList<string> CopiedTo { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How many older snapshots its rules removed.</summary>
    public int Removed { get; init; }

    /// <summary>What it failed with, or what is missing first of all, in a sentence; <see langword="null"/> if nothing is.</summary>
    public string? Problem { get; init; }

    /// <summary>The set, the server and what became of it.</summary>
    /// <returns>E.g. <c>db of db1: Complete</c>.</returns>
    public override string ToString() => $"{Set} of {Server}: {Status}";
}

/// <summary>A test of backups, as it was noted when it ended. Sizes are bytes.</summary>
public sealed record BackupTestEvidence
{
    /// <summary>What was tested.</summary>
    public BackupTestKind Kind { get; init; }

    /// <summary>The repository: its name in the environment, else where it is.</summary>
    public required string Repository { get; init; }

    /// <summary>True if nothing was found wrong.</summary>
    public bool Passed { get; init; }

    /// <summary>What was wrong first of all, in a sentence; <see langword="null"/> if nothing was.</summary>
    public string? Problem { get; init; }

    /// <summary>True if all snapshots were looked at, and not some that were named.</summary>
    public bool IsWhole { get; init; }

    /// <summary>The one snapshot that was tested; <see langword="null"/> when it was several or the whole repository.</summary>
    public string? SnapshotId { get; init; }

    /// <summary>When that snapshot was made.</summary>
    public DateTimeOffset? SnapshotTime { get; init; }

    /// <summary>The backup sets that it is of.</summary>
    public IReadOnlyList<string> Sets { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The servers that it is of, as the environment calls them.</summary>
    public IReadOnlyList<string> Servers { get; init => field = Indexable.Of(value); } = [];

    /// <summary>When the test began.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>How long it took; of a restore the measured recovery time of files and databases together.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Files that were restored and compared.</summary>
    public long FilesTested { get; init; }

    /// <summary>Databases that were loaded and answered as expected, e.g. <c>PostgreSQL shop</c>.</summary>
    public IReadOnlyList<string> Databases { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Bytes that were read, of a restore restored.</summary>
    public long BytesRead { get; init; }

    /// <summary>The share of the repository's bytes that was read, with earlier rolling runs: 0 to 1.</summary>
    public double Coverage { get; init; }

    /// <summary>How the newest backups are unlike those before them, a sentence each.</summary>
    public IReadOnlyList<string> Anomalies { get; init => field = Indexable.Of(value); } = [];

    /// <summary>SHA-256 over the names and hashes of everything tested.</summary>
    public string EvidenceHash { get; init; } = "";

    /// <summary>What was tested, where, and how it ended.</summary>
    /// <returns>E.g. <c>Restore in local: passed</c>.</returns>
    public override string ToString() => $"{Kind} in {Repository}: {(Passed ? "passed" : Problem)}";
}

/// <summary>A restore onto a server, as it was noted when it ended. Sizes are bytes.</summary>
public sealed record RestoreEvidence
{
    /// <summary>The server that was restored to; <c>localhost</c> is this machine.</summary>
    public required string Server { get; init; }

    /// <summary>The repository: its name in the environment, else where it is.</summary>
    public required string Repository { get; init; }

    /// <summary>The snapshot's full id.</summary>
    public required string SnapshotId { get; init; }

    /// <summary>When the snapshot was made.</summary>
    public DateTimeOffset SnapshotTime { get; init; }

    /// <summary>The backup sets that it is of.</summary>
    public IReadOnlyList<string> Sets { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The database that was restored, e.g. <c>PostgreSQL shop</c>; <see langword="null"/> for files.</summary>
    public string? Database { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Bytes that were written.</summary>
    public long Bytes { get; init; }

    /// <summary>Files that were read back and compared.</summary>
    public long Verified { get; init; }

    /// <summary>Items that failed.</summary>
    public long Errors { get; init; }

    /// <summary>What was restored, and where.</summary>
    /// <returns>E.g. <c>5ffc827e on db1</c>.</returns>
    public override string ToString() => $"{Database ?? (SnapshotId.Length < 8 ? SnapshotId : SnapshotId[..8])} on {Server}";
}

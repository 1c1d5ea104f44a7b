using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Copying;

/// <summary>What to copy, and how.</summary>
internal sealed record CopyRequest
{
    /// <summary>The snapshots, from the source.</summary>
    public required IReadOnlyList<SnapshotFile> Snapshots { get; init; }

    /// <summary>How the target's packs are made. An index follows every minute, so that a copy that is cut goes on nearly where it was.</summary>
    public BlobWriterOptions Writing { get; init; } = new() { IndexFlushInterval = TimeSpan.FromMinutes(1) };

    /// <summary>Counts, and writes nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>How long to wait while somebody else has the target for itself.</summary>
    public TimeSpan RetryLock { get; init; }

    /// <summary>Snapshots are made visible together once so many bytes of the source were copied for them: one by one, each would leave packs half full.</summary>
    public long BatchBytes { get; init; } = 512L << 20;

    /// <summary>How many threads copy; zero for one a core.</summary>
    public int Workers { get; init; }
}

using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Checking;

/// <summary>How a repository is repaired.</summary>
internal sealed record RepairOptions
{
    /// <summary>Packs that a test found damaged, beside those whose size gives them away.</summary>
    public IReadOnlyCollection<ObjectId> DamagedPacks { get; init; } = [];

    /// <summary>Read every pack to find the damaged ones.</summary>
    public bool ReadData { get; init; }

    /// <summary>Write snapshots that lost something anew without it.</summary>
    public bool RewriteSnapshots { get; init; }

    /// <summary>Remove the snapshots that were written anew, and files that nothing can be read from: snapshots and keys.</summary>
    public bool Forget { get; init; }

    /// <summary>A folder that gets a copy of every damaged file before it is removed.</summary>
    public string? QuarantineFolder { get; init; }

    /// <summary>How long to wait for other programs' locks; zero fails at once.</summary>
    public TimeSpan RetryLock { get; init; }
}

using ProdOps.Backup.Repositories;
using ProdOps.Backup.Selection;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving;

/// <summary>What to back up and how. The defaults are restic's.</summary>
internal sealed record BackupRequest
{
    /// <summary>Absolute paths of files and folders. Links are stored, not followed.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>Where the paths are.</summary>
    public SourceFileSystem Files { get; init; } = SourceFileSystem.Local;

    /// <summary>What is kept out.</summary>
    public SelectionRules Selection { get; init; } = new();

    /// <summary>The host the snapshot is recorded for.</summary>
    public required string HostName { get; init; }

    /// <summary>The user the snapshot is recorded for.</summary>
    public required string UserName { get; init; }

    /// <summary>Who reads the files.</summary>
    public BackupObserver Observer { get; init; } = BackupObserver.Local;

    /// <summary>The snapshot's time instead of now.</summary>
    public DateTimeOffset? Time { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The snapshot to find changes against (an id or the beginning of one); without it the newest of the same host and paths.</summary>
    public string? Parent { get; init; }

    /// <summary>Reads every file, whatever the parent says.</summary>
    public bool Force { get; init; }

    /// <summary>Takes a file to be unchanged even if its inode number differs (network file systems make them up).</summary>
    public bool IgnoreInode { get; init; }

    /// <summary>Takes a file to be unchanged even if its change time differs.</summary>
    public bool IgnoreChangeTime { get; init; }

    /// <summary>Stores access times; without it they are stored as the modification time, so that reading a file does not change its tree.</summary>
    public bool WithAccessTime { get; init; }

    /// <summary>Writes no snapshot if nothing differs from the parent.</summary>
    public bool SkipIfUnchanged { get; init; }

    /// <summary>Reads, cuts, hashes and compresses everything, and writes nothing.</summary>
    public bool DryRun { get; init; }

    public BlobWriterOptions Writing { get; init; } = new();

    /// <summary>How long to wait for somebody else's lock; zero fails at once.</summary>
    public TimeSpan RetryLock { get; init; }

    /// <summary>Worker threads; zero is one a processor.</summary>
    public int Workers { get; init; }
}

/// <summary>Who reads the files of a backup, and where: another user may be shown less of them.</summary>
/// <param name="HostName">The host that the files are read on.</param>
/// <param name="UserId">The user that reads.</param>
/// <param name="GroupId">This user's group.</param>
internal sealed record BackupObserver(string HostName, uint UserId, uint GroupId)
{
    public static BackupObserver Local { get; } = new(LocalHost.Name, LocalHost.UserId, LocalHost.GroupId);
}

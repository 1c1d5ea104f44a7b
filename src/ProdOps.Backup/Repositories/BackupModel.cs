using ProdOps.Backup.Chunking;
using ProdOps.Backup.Crypto;
using ProdOps.Backup.Growth;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Repositories;

/// <summary>Makes the objects that users hold out of what a repository keeps.</summary>
internal static class BackupModel
{
    public static BackupSnapshot ToSnapshot(
        SnapshotFile snapshot, string location, BackupStatus status = BackupStatus.Unknown, long errors = 0) => new()
    {
        Id = snapshot.Id.IsZero ? "" : snapshot.Id.ToString(),
        Time = snapshot.Time.ToDateTimeOffset(),
        Server = snapshot.HostName,
        Paths = snapshot.Paths,
        Tags = snapshot.Tags,
        Excludes = snapshot.Excludes,
        UserName = snapshot.UserName,
        Parent = snapshot.Parent?.ToString(),
        Tree = snapshot.Tree.ToString(),
        Original = snapshot.Original?.ToString(),
        ProgramVersion = snapshot.ProgramVersion,
        Summary = snapshot.Summary is { } summary ? ToSummary(summary, errors) : null,
        Status = status == BackupStatus.Unknown && snapshot.IsIncomplete ? BackupStatus.Incomplete : status,
        Repository = location,
    };

    public static BackupSummary ToSummary(SnapshotSummary summary, long errors = 0) => new()
    {
        StartTime = summary.Start.ToDateTimeOffset(),
        EndTime = summary.End.ToDateTimeOffset(),
        FilesNew = summary.FilesNew,
        FilesChanged = summary.FilesChanged,
        FilesUnmodified = summary.FilesUnmodified,
        DirectoriesNew = summary.DirectoriesNew,
        DirectoriesChanged = summary.DirectoriesChanged,
        DirectoriesUnmodified = summary.DirectoriesUnmodified,
        DataBlobs = summary.DataBlobs,
        TreeBlobs = summary.TreeBlobs,
        DataAdded = summary.DataAdded,
        DataAddedPacked = summary.DataAddedPacked,
        TotalFilesProcessed = summary.TotalFilesProcessed,
        TotalBytesProcessed = summary.TotalBytesProcessed,
        Errors = errors,
    };

    public static BackupKey ToKey(ObjectId id, KeyFile file, Repository repository) => new()
    {
        Id = id.ToString(),
        UserName = file.UserName,
        HostName = file.HostName,
        Created = file.Created,
        Current = id == repository.KeyId,
        Cost = $"N={file.N} r={file.R} p={file.P}",
        Repository = repository.Location,
    };

    public static BackupLock ToLock(ObjectId id, LockFile file, string? staleReason, bool removed, string location) => new()
    {
        Id = id.ToString(),
        Time = file.Time.ToDateTimeOffset(),
        Exclusive = file.Exclusive,
        HostName = file.HostName,
        UserName = file.UserName,
        ProcessId = file.ProcessId,
        StaleReason = staleReason,
        Removed = removed,
        Repository = location,
    };

    /// <summary>Everything about a repository. Its index must be loaded.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="activity">Hears of damaged snapshots and of progress.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <param name="detailed">Whether to read the folders to tell what each backup added.</param>
    public static async Task<BackupRepository> DescribeAsync(
        Repository repository, IActivity activity, CancellationToken cancellationToken, bool detailed = false)
    {
        var snapshots = await repository.ListSnapshotsAsync(activity, cancellationToken);
        long packs = 0, stored = 0, uncompressed = 0;
        await foreach (var pack in repository.Storage.ListAsync(FileKind.Pack, cancellationToken))
        {
            packs++;
            stored += pack.Size;
        }

        foreach (var (_, location) in repository.Index.EnumerateBlobs()) uncompressed += location.PlaintextLength;
        long? freeSpace = await repository.Storage.GetFreeSpaceAsync(cancellationToken);
        var contributions = detailed ? await new FirstUseWalk(repository, activity).RunAsync(snapshots, cancellationToken) : [];
        return new BackupRepository
        {
            Location = repository.Location,
            Id = repository.Config.Id.ToString(),
            Version = repository.Config.Version,
            ChunkerPolynomial = ChunkerPolynomial.ToHex(repository.Config.Polynomial),
            SnapshotCount = snapshots.Count,
            LatestSnapshot = snapshots is [.., var latest] ? latest.Time.ToDateTimeOffset() : null,
            KeyCount = await CountAsync(repository.Storage, FileKind.Key, cancellationToken),
            LockCount = await CountAsync(repository.Storage, FileKind.Lock, cancellationToken),
            PackCount = packs,
            BlobCount = repository.Index.Count,
            StoredSize = stored,
            UncompressedSize = uncompressed,
            FreeSpace = freeSpace,
            Growth = GrowthReport.Create(snapshots, contributions, freeSpace, repository.TimeProvider),
        };
    }

    private static async Task<int> CountAsync(IStorage storage, FileKind kind, CancellationToken cancellationToken)
    {
        int count = 0;
        await foreach (var _ in storage.ListAsync(kind, cancellationToken)) count++;
        return count;
    }
}

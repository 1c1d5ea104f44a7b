using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Copying;

/// <summary>A snapshot that is being copied, with what is copied for it.</summary>
internal sealed class PlannedCopy(SnapshotFile snapshot)
{
    public SnapshotFile Snapshot => snapshot;

    public long DataBlobs { get; private set; }

    public long TreeBlobs { get; private set; }

    public long DataAdded { get; private set; }

    public long BytesRead { get; private set; }

    public void Count(BlobType type, in BlobLocation location)
    {
        if (type == BlobType.Data) DataBlobs++;
        else TreeBlobs++;
        DataAdded += location.PlaintextLength;
        BytesRead += location.Length;
    }

    public BackupCopy ToModel(ObjectId? id, string sourceLocation, string location) => new()
    {
        Id = id?.ToString() ?? "",
        SourceId = snapshot.Id.ToString(),
        Time = snapshot.Time.ToDateTimeOffset(),
        Server = snapshot.HostName,
        Paths = snapshot.Paths,
        Tags = snapshot.Tags,
        DataBlobs = DataBlobs,
        TreeBlobs = TreeBlobs,
        DataAdded = DataAdded,
        BytesRead = BytesRead,
        Status = id is null ? BackupCopyStatus.Planned : BackupCopyStatus.Copied,
        SourceRepository = sourceLocation,
        Repository = location,
    };
}

using ProdOps.Backup.Repositories;

namespace ProdOps.Cmdlets.Drive;

/// <summary>What a path in a drive leads to.</summary>
/// <param name="Server">The server, or <see langword="null"/> for the drive's root.</param>
/// <param name="Snapshots">All snapshots, or those of the server, oldest first.</param>
/// <param name="Snapshot">The snapshot, or <see langword="null"/> above it.</param>
/// <param name="Path">The path inside the snapshot.</param>
internal sealed record DriveLocation(string? Server, IReadOnlyList<SnapshotFile> Snapshots, SnapshotFile? Snapshot, string Path)
{
    /// <summary>Where a path without the drive's root leads, or <see langword="null"/> if there is no such server or snapshot.</summary>
    public static DriveLocation? Find(IReadOnlyList<SnapshotFile> snapshots, string path)
    {
        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 0) return new DriveLocation(null, snapshots, null, "/");
        SnapshotFile[] ofServer = [.. snapshots.Where(snapshot => snapshot.HostName == names[0])];
        if (ofServer.Length == 0) return null;
        if (names.Length == 1) return new DriveLocation(names[0], ofServer, null, "/");
        return SnapshotNames.Find(ofServer, names[1]) is { } snapshot
            ? new DriveLocation(names[0], ofServer, snapshot, "/" + string.Join('/', names.Skip(2)))
            : null;
    }
}

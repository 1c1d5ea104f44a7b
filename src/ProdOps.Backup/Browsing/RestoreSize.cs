using ProdOps.Backup.Repositories;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Browsing;

/// <summary>How much a restore of a snapshot makes.</summary>
/// <param name="Items">Files, folders, links and devices.</param>
/// <param name="Files">Regular files.</param>
/// <param name="Bytes">Their sizes; of a file with several names that of one.</param>
internal readonly record struct RestoreSize(long Items, long Files, long Bytes)
{
    public static async Task<RestoreSize> CountAsync(Repository repository, SnapshotFile snapshot, IActivity activity, CancellationToken cancellationToken)
    {
        var linked = new HashSet<(ulong Device, ulong Inode)>();
        long items = 0, files = 0, bytes = 0;
        await foreach (var (_, node) in TreeOrder.WalkAsync(repository, snapshot.Tree, "/", _ => true, activity, cancellationToken))
        {
            items++;
            if (node.Type != FileType.File) continue;
            files++;
            if (node.Links <= 1 || node.Inode == 0 || linked.Add((node.DeviceId, node.Inode))) bytes += (long)node.Size;
        }

        return new RestoreSize(items, files, bytes);
    }
}

using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;

namespace ProdOps.Backup.Browsing;

/// <summary>Reads a folder's listing.</summary>
internal static class TreeLoading
{
    /// <summary>The entries of a tree, sorted by name. An error tells the tree's id.</summary>
    public static async ValueTask<List<Node>> ReadTreeAsync(this Repository repository, ObjectId id, CancellationToken cancellationToken)
    {
        byte[] text = await repository.ReadBlobAsync(new BlobHandle(BlobType.Tree, id), cancellationToken);
        try
        {
            return TreeReader.Parse(text);
        }
        catch (ProdOpsException error)
        {
            throw BackupErrors.TreeUnreadable(id, error);
        }
    }
}

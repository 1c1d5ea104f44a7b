using ProdOps.Backup.Repositories;
using ProdOps.Servers.Files;
using ProdOps.Servers.Files.Tar;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring.Servers;

/// <summary>Reads the content of a snapshot's files blob by blob, in the order in which it is sent.</summary>
internal sealed class SnapshotContent(Repository repository, SnapshotTree tree, bool takesAttributes) : ITreeContent
{
    public bool HasAttributes => takesAttributes && tree.HasAttributes;

    public TarEntry Describe(TreeItem item, TarEntry entry)
    {
        // The destination itself is no item of the snapshot.
        if (item.Path.Length == 0) return entry;
        var node = tree.NodeOf(item);
        return entry with
        {
            Device = node.Type is FileType.BlockDevice or FileType.CharacterDevice ? node.Device : 0,
            ExtendedAttributes = HasAttributes ? node.ExtendedAttributes : [],
        };
    }

    public async Task<string?> SendAsync(TreeItem item, Func<ReadOnlyMemory<byte>, ValueTask> write, CancellationToken cancellationToken)
    {
        foreach (var id in tree.NodeOf(item).Content ?? [])
        {
            byte[] blob;
            try
            {
                blob = await repository.ReadBlobAsync(new BlobHandle(BlobType.Data, id), cancellationToken);
            }
            catch (ProdOpsException e) when (e.Kind is ErrorKind.InvalidData or ErrorKind.NotFound or ErrorKind.ReadError)
            {
                return e.Message;
            }
            await write(blob);
        }
        return null;
    }
}

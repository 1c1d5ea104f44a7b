using ProdOps.Backup.Chunking;
using ProdOps.Backup.Repositories;
using ProdOps.Servers.Files;
using ProdOps.Servers.Files.Tar;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring.Servers;

/// <summary>Reads the content of a snapshot's files blob by blob, in the order in which it is sent.</summary>
/// <param name="repository">The repository.</param>
/// <param name="tree">What is sent.</param>
/// <param name="takesAttributes">The server's tar keeps extended attributes.</param>
/// <param name="makesHoles">Files are to have holes where the snapshot has long runs of zeros.</param>
internal sealed class SnapshotContent(Repository repository, SnapshotTree tree, bool takesAttributes, bool makesHoles) : ITreeContent
{
    /// <summary>In a run of zeros every place is one to cut at, so each chunk of it is of the smallest size there is.</summary>
    private static readonly byte[] Zeros = new byte[ChunkScanner.MinSize];

    private static readonly ObjectId ZeroChunk = ObjectId.Of(Zeros);

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

    public IReadOnlyList<(long Offset, long Size)>? DataOf(TreeItem item)
    {
        if (!makesHoles || tree.NodeOf(item).Content is not { } content || !content.Contains(ZeroChunk)) return null;
        var data = new List<(long Offset, long Size)>();
        long position = 0;
        foreach (var id in content)
        {
            long length = repository.Index.TryFind(new BlobHandle(BlobType.Data, id), out var location) ? location.PlaintextLength : 0;
            if (id != ZeroChunk) data.Add((position, length));
            position += length;
        }
        return DataLayout.Align(data, position);
    }

    public async Task<string?> SendAsync(TreeItem item, Func<ReadOnlyMemory<byte>, ValueTask> write, CancellationToken cancellationToken)
    {
        foreach (var id in tree.NodeOf(item).Content ?? [])
        {
            byte[] blob;
            try
            {
                blob = makesHoles && id == ZeroChunk ? Zeros : await repository.ReadBlobAsync(new BlobHandle(BlobType.Data, id), cancellationToken);
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

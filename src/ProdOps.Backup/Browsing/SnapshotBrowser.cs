using System.Runtime.CompilerServices;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Browsing;

/// <summary>
/// Looks into one snapshot: lists folders, finds items by their paths, reads files. Paths begin with <c>/</c>; in a segment <c>*</c>, <c>?</c> and
/// <c>[…]</c> are wildcards where it is said so. The repository's index must be loaded.
/// </summary>
internal sealed class SnapshotBrowser(Repository repository, SnapshotFile snapshot, IActivity activity)
{
    private readonly ItemOrigin _origin = OriginOf(repository, snapshot);

    public static ItemOrigin OriginOf(Repository repository, SnapshotFile snapshot) =>
        new(snapshot.Id.ToString(), snapshot.Time.ToDateTimeOffset(), snapshot.HostName, repository.Location);

    /// <summary>
    /// Lists what is in a folder; a path that leads to anything else gives that item alone, and a path with wildcards the items that match it.
    /// </summary>
    /// <param name="path">Where; the root is <c>/</c>.</param>
    /// <param name="recurse">Also what is below.</param>
    /// <param name="literal">Take wildcards for what they are.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ProdOpsException"><c>ItemNotFound</c>, for a path without wildcards.</exception>
    public async IAsyncEnumerable<BackupItem> ListAsync(
        string path, bool recurse, bool literal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        bool found = false, wild = !literal && PathSegments.Split(path).Any(PathSegments.IsWild);
        await foreach (var entry in MatchAsync(path, literal, cancellationToken))
        {
            found = true;
            bool isFolder = entry.Node.Subtree is not null;
            if (wild || !isFolder) yield return ToItem(entry);
            if (!isFolder || (wild && !recurse)) continue;
            await foreach (var below in TreeOrder.WalkAsync(repository, entry.Node.Subtree!.Value, entry.Path, _ => recurse, activity, cancellationToken))
                yield return ToItem(below);
        }

        if (!found && !wild) throw BackupErrors.ItemNotFound(path, snapshot.Id.ToShortString());
    }

    /// <summary>The item at just this path, or <see langword="null"/>.</summary>
    public async ValueTask<BackupItem?> FindAsync(string path, CancellationToken cancellationToken) =>
        await FindEntryAsync(path, cancellationToken) is { } entry ? ToItem(entry) : null;

    /// <summary>The entry at just this path, or <see langword="null"/>. The root is a folder that no tree has an entry of.</summary>
    public async ValueTask<TreeEntry?> FindEntryAsync(string path, CancellationToken cancellationToken)
    {
        var current = Root;
        foreach (string segment in PathSegments.Split(path))
        {
            if (current.Node.Subtree is not { } tree) return null;
            byte[] name = FileNames.Encode(segment);
            var nodes = await repository.ReadTreeAsync(tree, cancellationToken);
            int index = IndexOf(nodes, name);
            if (index < 0) return null;
            current = new TreeEntry(TreeOrder.Combine(current.Path, name), nodes[index]);
        }

        return current;
    }

    /// <summary>The entries that a path with wildcards names, in the order of the trees.</summary>
    public async IAsyncEnumerable<TreeEntry> MatchAsync(string path, bool literal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var segments = PathSegments.Split(path).Select(segment => new PathSegments.Matcher(segment, literal)).ToArray();
        var open = new Stack<(TreeEntry Entry, int Depth)>();
        open.Push((Root, 0));
        while (open.TryPop(out var at))
        {
            if (at.Depth == segments.Length)
            {
                yield return at.Entry;
                continue;
            }

            if (at.Entry.Node.Subtree is not { } tree) continue;
            var nodes = await repository.ReadTreeAsync(tree, cancellationToken);
            var segment = segments[at.Depth];
            if (segment.Literal is { } name)
            {
                int index = IndexOf(nodes, name);
                if (index >= 0) open.Push((new TreeEntry(TreeOrder.Combine(at.Entry.Path, name), nodes[index]), at.Depth + 1));
                continue;
            }

            // Backwards, so that the stack gives them forwards.
            for (int i = nodes.Count - 1; i >= 0; i--)
            {
                if (segment.Matches(nodes[i].Name)) open.Push((new TreeEntry(TreeOrder.Combine(at.Entry.Path, nodes[i].Name), nodes[i]), at.Depth + 1));
            }
        }
    }

    /// <summary>A file's content: seekable, each piece proved when it is read.</summary>
    /// <exception cref="ProdOpsException"><c>ItemNotFound</c>, <c>ItemHasNoContent</c>, <c>BlobNotFound</c>.</exception>
    public async ValueTask<Stream> OpenContentAsync(string path, CancellationToken cancellationToken)
    {
        var entry = await FindEntryAsync(path, cancellationToken) ?? throw BackupErrors.ItemNotFound(path, snapshot.Id.ToShortString());
        return entry.Node is { Type: FileType.File, Content: { } content }
            ? new BlobStream(repository, content)
            : throw BackupErrors.ItemHasNoContent(path, NodeMapper.TypeOf(entry.Node.Type));
    }

    public BackupItem ToItem(TreeEntry entry) => NodeMapper.ToItem(entry.Node, entry.Path, _origin);

    private TreeEntry Root => new("/", new Node
    {
        Name = "/"u8.ToArray(),
        Type = FileType.Directory,
        Mode = GoFileMode.From(FileType.Directory, 0x1ED),
        ModifiedTime = snapshot.Time.Time,
        AccessTime = snapshot.Time.Time,
        ChangeTime = snapshot.Time.Time,
        Subtree = snapshot.Tree,
    });

    /// <summary>Entries are sorted by the bytes of their names.</summary>
    private static int IndexOf(List<Node> nodes, ReadOnlySpan<byte> name)
    {
        int low = 0, high = nodes.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            int order = nodes[middle].Name.AsSpan().SequenceCompareTo(name);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return -1;
    }
}

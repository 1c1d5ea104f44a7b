using System.Runtime.CompilerServices;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Selection;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Browsing;

/// <summary>
/// Searches snapshots for items, by the rules of <c>restic find</c>. A folder in which nothing was found is not searched again when another
/// snapshot has the same one: searching a hundred snapshots costs little more than searching what differs between them.
/// </summary>
internal sealed class ItemFinder
{
    private readonly Repository _repository;
    private readonly ItemQuery _query;
    private readonly IActivity _activity;
    private readonly PatternSet _patterns;
    private readonly bool _dependsOnFolders;
    private readonly HashSet<(ObjectId Tree, string Context)> _empty = [];

    /// <exception cref="ProdOpsException"><c>PatternInvalid</c></exception>
    public ItemFinder(Repository repository, ItemQuery query, IActivity activity)
    {
        _repository = repository;
        _query = query;
        _activity = activity;
        _patterns = PatternSet.Parse(query.Patterns, query.IgnoreCase);
        _dependsOnFolders = query.Patterns.Any(pattern => pattern.Contains('/') || pattern.StartsWith('!'));
    }

    public async IAsyncEnumerable<BackupItem> FindAsync(IEnumerable<SnapshotFile> snapshots, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var snapshot in snapshots)
        {
            var origin = SnapshotBrowser.OriginOf(_repository, snapshot);
            await foreach (var (path, node) in FindAsync(snapshot.Tree, cancellationToken)) yield return NodeMapper.ToItem(node, path, origin);
        }
    }

    private async IAsyncEnumerable<TreeEntry> FindAsync(ObjectId root, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var open = new Stack<Folder>();
        if (await OpenAsync(root, [], matches: false, cancellationToken) is { } top) open.Push(top);
        while (open.TryPop(out var folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (folder.Next == folder.Nodes.Count)
            {
                Close(folder, open);
                continue;
            }

            var node = folder.Nodes[folder.Next++];
            open.Push(folder);
            byte[] path = [.. folder.Path, (byte)'/', .. node.Name];
            var (matches, mayMatchBelow) = _patterns.MatchWithChildren(path);
            if (matches && Fits(node))
            {
                folder.HasFound = true;
                yield return new TreeEntry(FileNames.Decode(path), node);
            }

            if (node.Subtree is { } subtree && mayMatchBelow && await OpenAsync(subtree, path, matches, cancellationToken) is { } below) open.Push(below);
        }
    }

    private async ValueTask<Folder?> OpenAsync(ObjectId tree, byte[] path, bool matches, CancellationToken cancellationToken)
    {
        // What is below a match matches too, so even a pattern of one name asks whether a folder above has matched.
        string context = _dependsOnFolders ? FileNames.Decode(path) : matches ? "+" : "";
        return _empty.Contains((tree, context))
            ? null
            : new Folder(tree, path, context, await TreeOrder.LoadAsync(_repository, tree, path.Length == 0 ? "/" : FileNames.Decode(path), _activity, cancellationToken));
    }

    private void Close(Folder folder, Stack<Folder> open)
    {
        if (!folder.HasFound) _empty.Add((folder.Tree, folder.Context));
        else if (open.TryPeek(out var above)) above.HasFound = true;
    }

    private bool Fits(Node node) =>
        (_query.Types.Count == 0 || _query.Types.Contains(NodeMapper.TypeOf(node.Type)))
        && (_query.NewerThan is not { } newer || node.ModifiedTime.CompareTo(UnixTime.From(newer)) >= 0)
        && (_query.OlderThan is not { } older || node.ModifiedTime.CompareTo(UnixTime.From(older)) <= 0)
        && (_query.MinSize is not { } min || (node.Type == FileType.File && node.Size >= (ulong)Math.Max(min, 0)))
        && (_query.MaxSize is not { } max || (node.Type == FileType.File && max >= 0 && node.Size <= (ulong)max));

    private sealed class Folder(ObjectId tree, byte[] path, string context, List<Node> nodes)
    {
        public ObjectId Tree { get; } = tree;

        /// <summary>Without a slash at its end, so that the root's is empty.</summary>
        public byte[] Path { get; } = path;

        public string Context { get; } = context;

        public List<Node> Nodes { get; } = nodes;

        public int Next { get; set; }

        public bool HasFound { get; set; }
    }
}

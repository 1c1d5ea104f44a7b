using System.Runtime.CompilerServices;
using ProdOps.Backup.FileSystem;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;

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
    private readonly PathPattern[] _patterns;
    private readonly bool _dependsOnFolders;
    private readonly HashSet<(ObjectId Tree, string Context)> _empty = [];

    /// <exception cref="ProdOpsException"><c>PatternInvalid</c></exception>
    public ItemFinder(Repository repository, ItemQuery query, IActivity activity)
    {
        _repository = repository;
        _query = query;
        _activity = activity;
        _patterns = [.. query.Patterns.Select(pattern => new PathPattern(pattern, query.IgnoreCase))];
        _dependsOnFolders = _patterns.Any(pattern => pattern.DependsOnFolders);
    }

    public async IAsyncEnumerable<BackupItem> FindAsync(IEnumerable<SnapshotFile> snapshots, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var snapshot in snapshots)
        {
            var origin = SnapshotBrowser.OriginOf(_repository, snapshot);
            await foreach (var entry in FindAsync(snapshot.Tree, cancellationToken)) yield return NodeMapper.ToItem(entry.Node, entry.Path, origin);
        }
    }

    private async IAsyncEnumerable<TreeEntry> FindAsync(ObjectId root, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var open = new Stack<Folder>();
        if (await OpenAsync(root, "/", [], cancellationToken) is { } top) open.Push(top);
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
            string path = TreeOrder.Combine(folder.Path, node.Name), name = FileNames.Decode(node.Name);
            string[] names = [.. folder.Names, _query.IgnoreCase ? name.ToLowerInvariant() : name];
            if (IsMatch(node, names))
            {
                folder.HasFound = true;
                yield return new TreeEntry(path, node);
            }

            if (node.Subtree is { } subtree && _patterns.Any(pattern => pattern.MayMatchBelow(names))
                && await OpenAsync(subtree, path, names, cancellationToken) is { } below)
            {
                open.Push(below);
            }
        }
    }

    private async ValueTask<Folder?> OpenAsync(ObjectId tree, string path, string[] names, CancellationToken cancellationToken)
    {
        string context = ContextOf(path, names);
        return _empty.Contains((tree, context))
            ? null
            : new Folder(tree, path, names, context, await TreeOrder.LoadAsync(_repository, tree, path, _activity, cancellationToken));
    }

    private void Close(Folder folder, Stack<Folder> open)
    {
        if (!folder.HasFound) _empty.Add((folder.Tree, folder.Context));
        else if (open.TryPeek(out var above)) above.HasFound = true;
    }

    // What is below a match matches too, so even a pattern of one name asks whether a folder above has matched.
    private string ContextOf(string path, string[] names) =>
        _dependsOnFolders ? path : names.Length > 0 && _patterns.Any(pattern => pattern.Matches(names)) ? "+" : "";

    private bool IsMatch(Node node, string[] names) =>
        (_query.Types.Count == 0 || _query.Types.Contains(NodeMapper.TypeOf(node.Type)))
        && (_query.NewerThan is not { } newer || node.ModifiedTime.CompareTo(UnixTime.From(newer)) >= 0)
        && (_query.OlderThan is not { } older || node.ModifiedTime.CompareTo(UnixTime.From(older)) <= 0)
        && (_query.MinSize is not { } min || (node.Type == FileType.File && node.Size >= (ulong)min))
        && (_query.MaxSize is not { } max || (node.Type == FileType.File && node.Size <= (ulong)max))
        && _patterns.Any(pattern => pattern.Matches(names));

    private sealed class Folder(ObjectId tree, string path, string[] names, string context, List<Node> nodes)
    {
        public ObjectId Tree { get; } = tree;

        public string Path { get; } = path;

        public string[] Names { get; } = names;

        public string Context { get; } = context;

        public List<Node> Nodes { get; } = nodes;

        public int Next { get; set; }

        public bool HasFound { get; set; }
    }
}

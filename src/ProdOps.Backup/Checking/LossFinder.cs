using ProdOps.Backup.Browsing;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Checking;

/// <summary>
/// Finds the paths that lost blobs belong to, as <c>snapshot:path</c>, newest snapshots first. A folder whose listing is lost ends with <c>/</c>: all
/// that is below it is affected. Every tree is read once to see whether anything below it is lost; then only those are walked.
/// </summary>
internal sealed class LossFinder(Repository repository, Dictionary<BlobHandle, List<int>> lost, int maxPaths)
{
    private readonly Dictionary<ObjectId, bool> _isAffected = [];
    private readonly Dictionary<int, List<string>> _paths = [];

    public async Task<IReadOnlyDictionary<int, IReadOnlyList<string>>> FindAsync(IEnumerable<SnapshotFile> snapshots, CancellationToken cancellationToken)
    {
        int problems = lost.Values.SelectMany(numbers => numbers).Distinct().Count();
        foreach (var snapshot in snapshots.OrderByDescending(snapshot => snapshot.Time))
        {
            if (!await IsAffectedAsync(snapshot.Tree, cancellationToken)) continue;
            string name = snapshot.Id.ToShortString();
            AddTree(snapshot.Tree, $"{name}:/");
            var affected = TreeOrder.WalkAsync(
                repository, snapshot.Tree, "/", entry => _isAffected[entry.Node.Subtree!.Value] && !IsLost(entry.Node.Subtree.Value), SilentActivity.Instance, cancellationToken);
            if (IsLost(snapshot.Tree)) continue;
            await foreach (var (path, node) in affected) Add(node, $"{name}:{path}");
            if (_paths.Count == problems && _paths.Values.All(paths => paths.Count > maxPaths)) break;
        }

        return _paths.ToDictionary(paths => paths.Key, paths => (IReadOnlyList<string>)Shorten(paths.Value));
    }

    private void Add(Node node, string path)
    {
        if (node.Subtree is { } subtree) AddTree(subtree, path + "/");
        if (node.Type != FileType.File || node.Content is null) return;
        foreach (int problem in node.Content.SelectMany(ProblemsOf).Distinct()) Add(problem, path);
    }

    private void AddTree(ObjectId tree, string path)
    {
        if (!lost.TryGetValue(new BlobHandle(BlobType.Tree, tree), out var problems)) return;
        foreach (int problem in problems) Add(problem, path);
    }

    private void Add(int problem, string path)
    {
        if (!_paths.TryGetValue(problem, out var paths)) _paths.Add(problem, paths = []);
        // One more than is shown, to know that there are more.
        if (paths.Count <= maxPaths) paths.Add(path);
    }

    private List<string> Shorten(List<string> paths) => paths.Count <= maxPaths ? paths : [.. paths.Take(maxPaths), "… and more"];

    private IEnumerable<int> ProblemsOf(ObjectId content) => lost.TryGetValue(new BlobHandle(BlobType.Data, content), out var problems) ? problems : [];

    private bool IsLost(ObjectId tree) => lost.ContainsKey(new BlobHandle(BlobType.Tree, tree));

    /// <summary>Whether anything at or below a tree is lost; what is below is decided first, with a stack of its own.</summary>
    private async ValueTask<bool> IsAffectedAsync(ObjectId root, CancellationToken cancellationToken)
    {
        var open = new Stack<(ObjectId Tree, ObjectId[] Subtrees, int Next)>();
        await OpenAsync(root);
        while (open.TryPop(out var at))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (at.Next < at.Subtrees.Length)
            {
                open.Push(at with { Next = at.Next + 1 });
                await OpenAsync(at.Subtrees[at.Next]);
            }
            else if (!_isAffected[at.Tree])
            {
                _isAffected[at.Tree] = at.Subtrees.Any(subtree => _isAffected[subtree]);
            }
        }

        return _isAffected[root];

        async ValueTask OpenAsync(ObjectId tree)
        {
            if (_isAffected.ContainsKey(tree)) return;
            var nodes = IsLost(tree) ? [] : await TreeOrder.LoadAsync(repository, tree, "", SilentActivity.Instance, cancellationToken);
            _isAffected[tree] = IsLost(tree) || nodes.Any(node => node.Content is { } content && content.Any(id => ProblemsOf(id).Any()));
            open.Push((tree, [.. nodes.Select(node => node.Subtree).OfType<ObjectId>().Distinct()], 0));
        }
    }
}

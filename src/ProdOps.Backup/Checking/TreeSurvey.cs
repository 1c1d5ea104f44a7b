using ProdOps.Backup.Browsing;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Checking;

/// <summary>
/// Reads every folder of some snapshots once and tells which of them lose something because the index does not name it or because a listing cannot be used, and how much
/// the others hold. What could not be read this time, by a broken connection for one, is no loss and ends the survey.
/// </summary>
internal sealed class TreeSurvey
{
    private readonly Repository _repository;
    private readonly Dictionary<ObjectId, Facts> _facts = [];
    private readonly HashSet<ObjectId> _unreadable = [];
    private readonly List<ObjectId> _affected = [];

    private TreeSurvey(Repository repository) => _repository = repository;

    /// <summary>The folders in which or below which something is lost and whose listings can be read; those below come before those above.</summary>
    public IReadOnlyList<ObjectId> Affected => _affected;

    /// <summary>The listings that are lost themselves.</summary>
    public IReadOnlyCollection<ObjectId> Unreadable => _unreadable;

    public static async Task<TreeSurvey> RunAsync(
        Repository repository, IReadOnlyCollection<ObjectId> roots, CheckProgress progress, CancellationToken cancellationToken)
    {
        var survey = new TreeSurvey(repository);
        int workers = Math.Max(Environment.ProcessorCount, repository.Storage.Connections);
        await new TreeWalk(repository, workers).RunAsync(roots, (id, nodes) =>
        {
            progress.AddTree();
            survey.Visit(id, nodes);
        }, survey.Fail, cancellationToken);
        foreach (var root in roots) survey.Decide(root, cancellationToken);
        return survey;
    }

    public bool IsUnreadable(ObjectId tree) => _unreadable.Contains(tree);

    public bool IsAffected(ObjectId tree) => _facts.TryGetValue(tree, out var facts) && facts.IsAffected;

    /// <summary>The files at and below a folder that are left, and their bytes.</summary>
    public (long Files, long Bytes) CountLeft(ObjectId tree) => _facts.TryGetValue(tree, out var facts) ? (facts.Files, facts.Bytes) : default;

    /// <summary>Why an entry is lost, how many of its bytes and whether some are left, or <see langword="null"/> if it is whole.</summary>
    public (string Reason, long? Bytes, bool IsPartial)? FindLoss(Node node)
    {
        if (node.Type == FileType.Directory)
        {
            if (node.Subtree is not { IsZero: false } subtree) return ("the folder has no listing", null, false);
            return IsUnreadable(subtree) ? ("the folder's listing is lost", null, false) : null;
        }

        if (node.Type != FileType.File) return null;
        if (node.Content is null) return ("the list of its content is missing", (long)node.Size, false);
        long found = 0;
        int missing = 0;
        foreach (var id in node.Content)
        {
            if (_repository.Index.TryFind(new BlobHandle(BlobType.Data, id), out var location)) found += location.PlaintextLength;
            else missing++;
        }

        return missing == 0 ? null : ($"{missing} of {node.Content.Length} pieces are lost", Math.Max(0, (long)node.Size - found), missing < node.Content.Length);
    }

    private void Visit(ObjectId id, List<Node> nodes)
    {
        var facts = new Facts { Subtrees = [.. nodes.Where(node => node.Subtree is { IsZero: false }).Select(node => node.Subtree!.Value)] };
        foreach (var node in nodes)
        {
            // Whether a listing can be read is known only once all were.
            if (node.Type == FileType.Directory ? node.Subtree is not { IsZero: false } : FindLoss(node) is not null) facts.IsAffected = true;
            else if (node.Type == FileType.File) (facts.Files, facts.Bytes) = (facts.Files + 1, facts.Bytes + (long)node.Size);
        }

        lock (_facts) _facts[id] = facts;
    }

    private void Fail(ObjectId id, ProdOpsException error)
    {
        if (error.Kind is not (ErrorKind.InvalidData or ErrorKind.NotFound)) throw error;
        lock (_facts) _unreadable.Add(id);
    }

    /// <summary>What is below a folder is decided before it, with a stack of its own: how deep folders lie is up to whoever wrote the repository.</summary>
    private void Decide(ObjectId root, CancellationToken cancellationToken)
    {
        var open = new Stack<(ObjectId Tree, Facts Facts, int Next)>();
        Open(root);
        while (open.TryPop(out var at))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (at.Next < at.Facts.Subtrees.Length)
            {
                open.Push(at with { Next = at.Next + 1 });
                Open(at.Facts.Subtrees[at.Next]);
                continue;
            }

            foreach (var subtree in at.Facts.Subtrees)
            {
                at.Facts.IsAffected |= IsUnreadable(subtree) || IsAffected(subtree);
                var (files, bytes) = CountLeft(subtree);
                (at.Facts.Files, at.Facts.Bytes) = (at.Facts.Files + files, at.Facts.Bytes + bytes);
            }

            at.Facts.Subtrees = [];
            if (at.Facts.IsAffected) _affected.Add(at.Tree);
        }

        void Open(ObjectId tree)
        {
            if (!_facts.TryGetValue(tree, out var facts) || facts.IsDecided) return;
            facts.IsDecided = true;
            open.Push((tree, facts, 0));
        }
    }

    private sealed class Facts
    {
        public ObjectId[] Subtrees { get; set; } = [];

        public bool IsAffected { get; set; }

        public bool IsDecided { get; set; }

        public long Files { get; set; }

        public long Bytes { get; set; }
    }
}

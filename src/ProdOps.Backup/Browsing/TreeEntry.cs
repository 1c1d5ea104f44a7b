using System.Runtime.CompilerServices;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Browsing;

/// <summary>An entry with its full path inside the snapshot.</summary>
internal readonly record struct TreeEntry(string Path, Node Node);

/// <summary>Walks below a tree in the order in which restic lists: a folder, then what is in it, by the bytes of the names.</summary>
internal static class TreeOrder
{
    /// <param name="repository">Where the trees are.</param>
    /// <param name="tree">The tree to begin with.</param>
    /// <param name="path">Its path; <c>/</c> for the root.</param>
    /// <param name="enter">Whether to go into a folder.</param>
    /// <param name="activity">Hears of folders that cannot be read and are left out.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async IAsyncEnumerable<TreeEntry> WalkAsync(
        Repository repository, ObjectId tree, string path, Func<TreeEntry, bool> enter, IActivity activity,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A stack of its own: how deep folders lie within each other is up to whoever wrote the repository.
        var open = new Stack<(string Path, List<Node> Nodes, int Next)>();
        open.Push((path, await LoadAsync(repository, tree, path, activity, cancellationToken), 0));
        while (open.TryPop(out var folder))
        {
            if (folder.Next == folder.Nodes.Count) continue;
            cancellationToken.ThrowIfCancellationRequested();
            var entry = new TreeEntry(Combine(folder.Path, folder.Nodes[folder.Next].Name), folder.Nodes[folder.Next]);
            open.Push(folder with { Next = folder.Next + 1 });
            yield return entry;
            if (entry.Node.Subtree is { } subtree && enter(entry))
                open.Push((entry.Path, await LoadAsync(repository, subtree, entry.Path, activity, cancellationToken), 0));
        }
    }

    /// <summary>A folder's entries, or none and an error that names its path.</summary>
    public static async ValueTask<List<Node>> LoadAsync(
        Repository repository, ObjectId tree, string path, IActivity activity, CancellationToken cancellationToken)
    {
        try
        {
            return await repository.ReadTreeAsync(tree, cancellationToken);
        }
        catch (ProdOpsException error) when (error.Kind is ErrorKind.InvalidData or ErrorKind.NotFound or ErrorKind.ReadError)
        {
            activity.Error(BackupErrors.FolderUnreadable(path, error));
            return [];
        }
    }

    public static string Combine(string folder, ReadOnlySpan<byte> name) =>
        folder.Length == 1 ? folder + FileNames.Decode(name) : $"{folder}/{FileNames.Decode(name)}";
}

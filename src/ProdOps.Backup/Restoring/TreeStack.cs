using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;

namespace ProdOps.Backup.Restoring;

/// <summary>
/// The folders from the root to where the planner is. Trees that will be wanted next are read and parsed on other threads meanwhile,
/// since most of a walk's time is spent opening them.
/// </summary>
internal sealed class TreeStack(Repository repository, bool readsAhead, CancellationToken cancellationToken)
{
    private const int Ahead = 6;

    private readonly Stack<PlannedFolder> _folders = new();

    public PlannedFolder? Top => _folders.TryPeek(out var folder) ? folder : null;

    /// <summary>The entries of a folder's tree; of the root's, with no folder above.</summary>
    public async Task<List<Node>> ReadAsync(ObjectId tree, PlannedFolder? above)
    {
        var reading = above?.TakeAhead() ?? ReadTreeAsync(tree);
        if (above is not null && readsAhead) ReadAhead(above);
        return await reading;
    }

    public void Enter(PlannedFolder folder)
    {
        _folders.Push(folder);
        if (readsAhead) ReadAhead(folder);
    }

    public void Leave() => _folders.Pop();

    private void ReadAhead(PlannedFolder folder)
    {
        while (folder.AheadCount < Ahead && folder.TakeNextTree() is var (index, tree) && index >= 0)
            folder.AddAhead(index, Task.Run(() => ReadTreeAsync(tree), cancellationToken));
    }

    private async Task<List<Node>> ReadTreeAsync(ObjectId tree) =>
        TreeReader.Parse(await repository.ReadBlobAsync(new BlobHandle(BlobType.Tree, tree), cancellationToken));
}

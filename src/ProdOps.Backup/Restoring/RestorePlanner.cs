using ProdOps.Backup.Repositories;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring;

/// <summary>
/// Finds out what a restore has to do, and changes nothing: walks the snapshot's trees and the destination side by side in the
/// order of their names, then compares the content of files that are there.
/// </summary>
internal sealed partial class RestorePlanner
{
    private readonly Repository _repository;
    private readonly SnapshotFile _snapshot;
    private readonly RestoreRequest _request;
    private readonly SourceFileSystem _files;
    private readonly IActivity _activity;
    private readonly PlannedRestore _plan;
    private readonly SubPaths _subPaths;
    private readonly RestoreSelection _selection;
    private readonly Dictionary<ObjectId, int> _packs = [];
    private readonly Dictionary<(ulong Inode, ulong Device), int> _linkLeaders = [];
    private SnapshotRoots _roots = new([], []);

    private RestorePlanner(Repository repository, SnapshotFile snapshot, RestoreRequest request, SourceFileSystem files, IActivity activity)
    {
        _repository = repository;
        _snapshot = snapshot;
        _request = request;
        _files = files;
        _activity = activity;
        _plan = new PlannedRestore(snapshot.Id, repository.Location, DestinationOf(request.Destination));
        _subPaths = new SubPaths(request.Paths);
        _selection = new RestoreSelection(request);
    }

    /// <summary>Plans a restore. The repository's index is loaded. Items that cannot be restored are told to <paramref name="activity"/> and left out.</summary>
    public static async Task<PlannedRestore> PlanAsync(
        Repository repository, SnapshotFile snapshot, RestoreRequest request, SourceFileSystem files, IActivity activity, CancellationToken cancellationToken)
    {
        var planner = new RestorePlanner(repository, snapshot, request, files, activity);
        await planner.WalkAsync(cancellationToken);
        planner.CompareExistingFiles(cancellationToken);
        planner.ResolveLinks();
        planner.FinishFolders();
        return planner._plan;
    }

    private static byte[] DestinationOf(string destination) =>
        FileNames.Encode(Path.GetFullPath(destination)).AsSpan().TrimEnd((byte)'/').ToArray();

    private async Task WalkAsync(CancellationToken cancellationToken)
    {
        var trees = new TreeStack(_repository, readsAhead: _subPaths.IncludesRoot && _selection.TakesEverything, cancellationToken);
        await EnterRootAsync(trees);
        while (trees.Top is { } folder)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (folder.TakeNext() is { } node)
            {
                PlanExtras(folder, node.Name);
                if (PlanNode(folder, node) is { } below) await EnterAsync(trees, below, folder, node.Subtree!.Value);
            }
            else
            {
                PlanExtras(folder, default);
                trees.Leave();
            }
        }
        foreach (string path in _subPaths.Missing)
        {
            var error = BackupErrors.RestorePathNotFound(path, _snapshot.Id.ToShortString());
            if (_subPaths.AllMissing && _request.Paths.Count == 1) throw error;
            Fail(error);
        }
    }

    /// <summary>The destination itself: the one place where a link is followed. A snapshot without a readable root has nothing to restore.</summary>
    private async Task EnterRootAsync(TreeStack trees)
    {
        var (item, device) = AddDestination();
        var nodes = await trees.ReadAsync(_snapshot.Tree, null);
        _roots = new SnapshotRoots(_snapshot.Paths, nodes);
        var root = new PlannedFolder(item, [], _subPaths.IncludesRoot)
        {
            Device = device,
            Cleans = _request.DeleteExtra && _subPaths.IncludesRoot && _roots.Contains(default),
            Nodes = nodes,
        };
        if (_plan.Items[item].Action == PlannedAction.Keep) ReadDestination(root);
        trees.Enter(root);
    }

    private void ReadDestination(PlannedFolder root)
    {
        try
        {
            // The dot makes the system follow a link at the end of the path.
            root.ReadExisting(_files, [.. _plan.PathOf(0), .. "/."u8]);
        }
        catch (FileSystemException e)
        {
            throw BackupErrors.DestinationNotUsable(_plan.DisplayPathOf(0), e.Reason, e);
        }
    }

    private (int Item, ulong Device) AddDestination()
    {
        string display = _plan.DisplayPathOf(0);
        var item = new PlannedItem { Parent = -1, Type = FileType.Directory, Flags = ItemFlags.Ancestor, LinkLeader = -1, Extras = -1, Existing = -1 };
        FileStat stat = default;
        try
        {
            stat = _files.GetStat(_plan.PathOf(0), follow: true);
            if (stat.Type != FileType.Directory) throw BackupErrors.DestinationNotUsable(display, "it is not a folder");
        }
        catch (FileSystemException e) when (e.ErrorName == "ENOENT")
        {
            // Not marked as fresh: it may inherit its group and access list from the folder it is made in.
            item.Action = PlannedAction.Create;
        }
        catch (FileSystemException e)
        {
            throw BackupErrors.DestinationNotUsable(display, e.Reason, e);
        }
        return (_plan.Items.Add(item), stat.Device);
    }

    /// <summary>Begins a folder; one whose listing is damaged is reported, and what it holds is left out.</summary>
    private async ValueTask EnterAsync(TreeStack trees, PlannedFolder folder, PlannedFolder above, ObjectId tree)
    {
        try
        {
            folder.Nodes = await trees.ReadAsync(tree, above);
            trees.Enter(folder);
        }
        catch (ProdOpsException e) when (e.Kind is ErrorKind.InvalidData or ErrorKind.NotFound)
        {
            _subPaths.ForgetBelow(folder.Path);
            FailIn(folder.Item, BackupErrors.RestoreListingDamaged(FileNames.Decode(folder.Path), e));
        }
    }

    private void Fail(ProdOpsException error)
    {
        _plan.Errors++;
        _activity.Error(error);
    }

    /// <summary>Reports what failed in a folder, and sees to it that nothing in the folder is deleted.</summary>
    private void FailIn(int folder, ProdOpsException error)
    {
        _plan.Items[folder].Flags |= ItemFlags.FailedBelow;
        Fail(error);
    }
}

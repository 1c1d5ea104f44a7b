using ProdOps.Backup.Repositories;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring;

/// <summary>
/// Makes, changes and deletes items at the destination. Files, links and devices are made by many threads at once; what belongs
/// before and after that, by one.
/// </summary>
internal sealed partial class ItemMaker : IDisposable
{
    private const uint OwnerOnlyFolder = 0x1C0;

    private readonly PlannedRestore _plan;
    private readonly RestoreRequest _request;
    private readonly IActivity _activity;
    private readonly RestoreCounters _counters;
    private readonly FolderHandles _folders;
    private readonly Lock _flags = new();
    private readonly MetadataProblems _problems;
    private readonly uint _userId = LocalHost.UserId, _groupId = LocalHost.GroupId;

    public ItemMaker(PlannedRestore plan, RestoreRequest request, IActivity activity, RestoreCounters counters)
    {
        _plan = plan;
        _request = request;
        _activity = activity;
        _counters = counters;
        _problems = new MetadataProblems(ReportMetadata);
        try
        {
            _folders = new FolderHandles(plan, TargetFileSystem.Local.OpenRoot(plan.DisplayPathOf(0)));
        }
        catch (FileSystemException e)
        {
            throw BackupErrors.DestinationNotUsable(plan.DisplayPathOf(0), e.Reason, e);
        }
    }

    public void Dispose() => _folders.Dispose();

    /// <summary>Makes all folders, each before what is in it.</summary>
    public void MakeFolders(CancellationToken cancellationToken)
    {
        for (int i = 1; i < _plan.Items.Count; i++)
        {
            ref var item = ref _plan.Items[i];
            if (_plan.Items[item.Parent].Is(ItemFlags.Failed)) item.Flags |= ItemFlags.Failed;
            else if (item.Type == FileType.Directory && item.Action is PlannedAction.Create or PlannedAction.Overwrite && !item.Is(ItemFlags.Tentative))
            {
                cancellationToken.ThrowIfCancellationRequested();
                Attempt(i, MakeFolder);
            }
        }
    }

    /// <summary>Makes or changes items that need no content from the repository.</summary>
    public void MakeLeaves(RestoreWork work, WorkUnit unit, CancellationToken cancellationToken)
    {
        for (int i = unit.Start; i < unit.Start + unit.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int index = work.LeafAt(i);
            if (!_plan.Items[index].Is(ItemFlags.Failed)) Attempt(index, MakeLeaf);
        }
    }

    /// <summary>What comes after all content: further names of files, deletions, and the folders' own metadata, each after what is in it.</summary>
    public void Finish(CancellationToken cancellationToken)
    {
        for (int i = 1; i < _plan.Items.Count; i++)
        {
            ref var item = ref _plan.Items[i];
            if (item.Is(ItemFlags.Failed) || item.LinkLeader < 0 || item.Action == PlannedAction.Keep) continue;
            cancellationToken.ThrowIfCancellationRequested();
            Attempt(i, MakeLink);
        }
        DeleteExtras(cancellationToken);
        for (int i = _plan.Items.Count - 1; i > 0; i--)
        {
            ref var item = ref _plan.Items[i];
            if (item.Type != FileType.Directory || item.Is(ItemFlags.Failed) || item.Is(ItemFlags.Tentative)) continue;
            bool changed = item.Action is PlannedAction.Create or PlannedAction.Overwrite or PlannedAction.Metadata
                || item.Action == PlannedAction.Keep && item.Is(ItemFlags.EntriesChange) && !item.Is(ItemFlags.Ancestor);
            if (!changed) continue;
            cancellationToken.ThrowIfCancellationRequested();
            Attempt(i, FinishFolder);
        }
    }

    public void MarkFailed(int index)
    {
        lock (_flags)
        {
            _plan.Items[index].Flags |= ItemFlags.Failed;
            _plan.Items[_plan.Items[index].Parent].Flags |= ItemFlags.FailedBelow;
        }
    }

    public void Report(ProdOpsException error)
    {
        Interlocked.Increment(ref _counters.Errors);
        _activity.Error(error);
    }

    /// <summary>A full disk fails everything that follows, so it ends the restore instead.</summary>
    public void ThrowIfFull(int index, FileSystemException failure)
    {
        if (failure.ErrorName is "ENOSPC" or "EDQUOT") throw BackupErrors.DestinationFull(_plan.DisplayPathOf(index), _plan.DisplayPathOf(0), failure);
    }

    private void Attempt(int index, Action<int> make)
    {
        try
        {
            make(index);
        }
        catch (FileSystemException e)
        {
            ThrowIfFull(index, e);
            MarkFailed(index);
            Report(BackupErrors.RestoreFailed(_plan.DisplayPathOf(index), e));
        }
    }

    private void MakeFolder(int index)
    {
        ref var item = ref _plan.Items[index];
        using var above = _folders.Use(item.Parent);
        var name = _plan.NameOf(index);
        ClearWay(item, above.Folder, name);
        above.Folder.CreateFolder(name);
        if (_plan.Items[item.Parent].Is(ItemFlags.Fresh)) return;
        // What the folder above hands down (its group, its default access list) must not reach what is made in here.
        using var folder = _folders.Use(index);
        folder.Folder.SetMetadata(
            new TargetMetadata { Type = FileType.Directory, Owner = (_userId, _groupId), Permissions = OwnerOnlyFolder, ExtendedAttributes = [] }, _problems);
    }

    private void FinishFolder(int index)
    {
        using var folder = _folders.Use(index);
        folder.Folder.SetMetadata(MetadataOf(index), _problems);
    }

    private void MakeLink(int index)
    {
        ref var item = ref _plan.Items[index];
        if (_plan.Items[item.LinkLeader].Is(ItemFlags.Failed))
        {
            MarkFailed(index);
            Report(BackupErrors.RestoreLinkFailed(_plan.DisplayPathOf(index), _plan.DisplayPathOf(item.LinkLeader)));
            return;
        }
        using var folder = _folders.Use(item.Parent);
        using var first = _folders.Use(_plan.Items[item.LinkLeader].Parent);
        ClearWay(item, folder.Folder, _plan.NameOf(index));
        folder.Folder.CreateHardLink(_plan.NameOf(index), first.Folder, _plan.NameOf(item.LinkLeader));
    }

    /// <summary>Deletes what the snapshot lacks, but not from a folder of which something failed: it may be all that is left of it.</summary>
    private void DeleteExtras(CancellationToken cancellationToken)
    {
        int warned = -1;
        for (int i = 1; i < _plan.Items.Count; i++)
        {
            ref var item = ref _plan.Items[i];
            if (item.Action != PlannedAction.Delete || item.Is(ItemFlags.Failed)) continue;
            cancellationToken.ThrowIfCancellationRequested();
            int above = item.Parent;
            while (_plan.Items[above].Is(ItemFlags.Extra)) above = _plan.Items[above].Parent;
            if (_plan.Items[above].Is(ItemFlags.FailedBelow))
            {
                if (warned != above) _activity.Warning($"Nothing was deleted in '{_plan.DisplayPathOf(above)}', since not all of it could be restored.");
                warned = above;
                item.Action = PlannedAction.Keep;
                continue;
            }
            try
            {
                using var folder = _folders.Use(item.Parent);
                folder.Folder.Remove(_plan.NameOf(i));
            }
            catch (FileSystemException e)
            {
                Report(BackupErrors.RestoreDeleteFailed(_plan.DisplayPathOf(i), e));
            }
        }
    }

    /// <summary>Removes what stands in the way, but only what the plan saw there: a folder is not emptied where there was none, or without leave.</summary>
    private void ClearWay(in PlannedItem item, TargetFolder folder, ReadOnlySpan<byte> name)
    {
        if (item.Is(ItemFlags.Blocked)) RemoveNonFolder(folder, name);
        else if (!item.Is(ItemFlags.BlockedByDirectory) || !folder.TryGetStat(name, out _)) return;
        else if (_request.DeleteExtra || IsEmpty(folder, name)) folder.Remove(name);
        else throw new FileSystemException("rmdir", folder.Path, "ENOTEMPTY", "a folder that is not empty stands in its place");
    }

    private static void RemoveNonFolder(TargetFolder folder, ReadOnlySpan<byte> name)
    {
        if (!folder.TryGetStat(name, out var stat)) return;
        if (stat.Type == FileType.Directory) throw new FileSystemException("unlink", folder.Path, "EISDIR", "a folder has taken its place");
        folder.Remove(name);
    }

    private static bool IsEmpty(TargetFolder folder, ReadOnlySpan<byte> name)
    {
        var listing = new DirectoryListing();
        using var below = folder.OpenFolder(name);
        below.ReadEntries(listing);
        return listing.Count == 0 && listing.Failures.Count == 0;
    }

    /// <summary>That somebody who is not root cannot give files away is no failure; anything else is.</summary>
    private void ReportMetadata(FileSystemException failure)
    {
        if (failure is { Operation: "chown", ErrorName: "EPERM" } && !Environment.IsPrivilegedProcess)
        {
            _activity.Warning("Owners are not restored, since only root may give files away: everything restored belongs to you.");
            return;
        }
        if (failure.ErrorName is "ENOSPC" or "EDQUOT") throw BackupErrors.DestinationFull(failure.Path, _plan.DisplayPathOf(0), failure);
        Report(BackupErrors.RestoreMetadataFailed(failure.Path, failure));
    }
}

using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring;

/// <content>What stands at the destination and not in the snapshot, and is to be deleted.</content>
internal sealed partial class RestorePlanner
{
    /// <summary>Plans the deletion of what stands at the destination before the name (of all that is left, if it is empty) and not in the snapshot.</summary>
    private void PlanExtras(PlannedFolder folder, ReadOnlySpan<byte> before)
    {
        for (int at; (at = folder.TakeExistingBefore(before)) >= 0;)
        {
            if (!folder.Cleans) continue;
            var name = folder.ExistingName(at);
            ref readonly var stat = ref folder.ExistingStat(at);
            if (stat.Device == folder.Device && Selects(folder, name)) PlanExtra(folder.Item, name, stat, folder.Path);
        }
    }

    private bool Selects(PlannedFolder folder, ReadOnlySpan<byte> name) => _selection.TakesEverything || _selection.Decide(folder.PathOf(name), isFolder: false).Selected;

    /// <summary>A folder goes as a whole, unless it holds what the patterns leave out: then the rest of it goes.</summary>
    private void PlanExtra(int parent, ReadOnlySpan<byte> name, in FileStat stat, ReadOnlySpan<byte> above)
    {
        byte[] path = [.. above, (byte)'/', .. name];
        int index = _plan.Items.Add(new PlannedItem
        {
            Parent = parent,
            Name = _plan.Names.Add(name),
            Type = stat.Type,
            Action = PlannedAction.Delete,
            LinkLeader = -1,
            Extras = -1,
            Existing = -1,
        });
        if (stat.Type != FileType.Directory || !HoldsLeftOut(_plan.PathOf(index), path, stat.Device)) return;
        _plan.Items[index].Action = PlannedAction.Keep;
        _plan.Items[index].Flags |= ItemFlags.Ancestor | ItemFlags.Extra;
        if (TryList(_plan.PathOf(index)) is not { } listing) return;
        for (int i = 0; i < listing.Count; i++)
        {
            ref readonly var below = ref listing.StatOf(i);
            if (below.Device == stat.Device && _selection.Decide([.. path, (byte)'/', .. listing.NameOf(i)], isFolder: false).Selected) PlanExtra(index, listing.NameOf(i), below, path);
        }
    }

    /// <summary>Whether a folder of the destination holds, at any depth, what the patterns leave out. One that cannot be read may.</summary>
    private bool HoldsLeftOut(byte[] place, byte[] path, ulong device)
    {
        if (_selection.TakesEverything) return false;
        if (TryList(place) is not { Failures.Count: 0 } listing) return true;
        for (int i = 0; i < listing.Count; i++)
        {
            ref readonly var stat = ref listing.StatOf(i);
            byte[] below = [.. path, (byte)'/', .. listing.NameOf(i)];
            if (stat.Device != device || !_selection.Decide(below, isFolder: false).Selected) return true;
            if (stat.Type == FileType.Directory && HoldsLeftOut([.. place, (byte)'/', .. listing.NameOf(i)], below, device)) return true;
        }

        return false;
    }

    private DirectoryListing? TryList(byte[] place)
    {
        try
        {
            var listing = new DirectoryListing();
            _files.ReadDirectory(place, listing);
            return listing;
        }
        catch (FileSystemException e)
        {
            _activity.Warning($"Nothing is deleted in '{FileNames.Decode(place)}', since it cannot be told what is in it: {e.Reason}.");
            return null;
        }
    }
}

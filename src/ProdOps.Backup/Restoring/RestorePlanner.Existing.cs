using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring;

/// <content>Comparing what stands at the destination with the snapshot.</content>
internal sealed partial class RestorePlanner
{
    private void CompareExistingFiles(CancellationToken cancellationToken) =>
        Parallel.ForEach(
            _candidates,
            new ParallelOptions { MaxDegreeOfParallelism = _request.EffectiveWorkers, CancellationToken = cancellationToken },
            index => CompareExistingFile(index, cancellationToken));

    private void CompareExistingFile(int index, CancellationToken cancellationToken)
    {
        ref var item = ref _plan.Items[index];
        ref var existing = ref _plan.Existing[item.Existing];
        byte[] path = _plan.PathOf(index);
        bool same = item.Is(ItemFlags.ContentAssumed);
        bool readable = true;
        if (!same)
        {
            int present = ContentCheck.FindPresent(_files, _plan, index, path, cancellationToken);
            readable = present >= 0;
            same = present == item.PartCount && existing.Size == item.Size;
        }
        if (same)
        {
            item.Flags |= ItemFlags.InPlace;
            var stat = new FileStat
            {
                Type = FileType.File,
                Permissions = existing.Permissions,
                UserId = existing.UserId,
                GroupId = existing.GroupId,
                ModifiedTime = existing.ModifiedTime,
            };
            SetMetadataAction(ref item, stat, item.Extras < 0 ? [] : _plan.Extras[item.Extras].Attributes, path);
        }
        else if (existing.HasMoreLinks || !readable)
        {
            // Its other names may be anywhere: writing into it would change them too. So it gets a new inode, as in restic.
            item.Flags |= ItemFlags.Blocked;
            for (int i = 0; i < item.PartCount; i++) _plan.Parts[item.FirstPart + i].Present = false;
        }
        else item.Flags |= ItemFlags.InPlace;
    }

    /// <summary>A further name stays only if it is one of the very file that its first name will be.</summary>
    private void ResolveLinks()
    {
        foreach (int index in _followers)
        {
            ref var item = ref _plan.Items[index];
            if (item.Existing < 0) continue;
            ref var leader = ref _plan.Items[item.LinkLeader];
            ref var existing = ref _plan.Existing[item.Existing];
            bool stays = leader.Existing >= 0 && leader.Is(ItemFlags.InPlace)
                && _plan.Existing[leader.Existing] is var first && first.Inode == existing.Inode && first.Device == existing.Device;
            item.Action = stays ? PlannedAction.Keep : PlannedAction.Overwrite;
            if (!stays) item.Flags |= ItemFlags.Blocked;
        }
    }

    /// <summary>From the last item to the first, so that what a folder learns of its entries reaches the folders above.</summary>
    private void FinishFolders()
    {
        for (int i = _plan.Items.Count - 1; i > 0; i--)
        {
            ref var item = ref _plan.Items[i];
            if (item.Is(ItemFlags.Tentative)) continue;
            ref var folder = ref _plan.Items[item.Parent];
            folder.Flags &= ~ItemFlags.Tentative;
            bool changesEntries = item.Action is PlannedAction.Create or PlannedAction.Delete
                || item.Action == PlannedAction.Overwrite && !item.Is(ItemFlags.InPlace);
            if (changesEntries) folder.Flags |= ItemFlags.EntriesChange;
        }
    }

    private void SetMetadataAction(ref PlannedItem item, in FileStat existing, Node node, byte[] path) =>
        SetMetadataAction(ref item, existing, node.ExtendedAttributes, path);

    private void SetMetadataAction(ref PlannedItem item, in FileStat existing, ExtendedAttribute[] attributes, byte[] path)
    {
        var differences = MetadataDifference.None;
        // Who is not root cannot give files away: what cannot be put right is no step of the plan.
        if ((existing.UserId != item.UserId || existing.GroupId != item.GroupId) && Environment.IsPrivilegedProcess) differences |= MetadataDifference.Owner;
        if (existing.Permissions != item.Permissions && item.Type != FileType.SymbolicLink) differences |= MetadataDifference.Permissions;
        if (existing.ModifiedTime != item.ModifiedTime) differences |= MetadataDifference.ModifiedTime;
        if (!HasAttributes(path, attributes)) differences |= MetadataDifference.ExtendedAttributes;
        item.Differences = differences;
        item.Action = differences == 0 ? PlannedAction.Keep : PlannedAction.Metadata;
    }

    private bool HasAttributes(byte[] path, ExtendedAttribute[] wanted)
    {
        try
        {
            var existing = _files.ReadExtendedAttributes(path);
            return existing.Length == wanted.Length
                && wanted.All(attribute => existing.Any(other => other.Name == attribute.Name && other.Value.AsSpan().SequenceEqual(attribute.Value)));
        }
        catch (FileSystemException)
        {
            return wanted.Length == 0;
        }
    }

    private bool IsSame(Node node, in FileStat existing, PlannedFolder folder)
    {
        if (node.Type != existing.Type) return false;
        if (node.Type is FileType.BlockDevice or FileType.CharacterDevice) return node.Device == existing.DeviceNumber;
        if (node.Type != FileType.SymbolicLink) return true;
        try
        {
            return _files.ReadLink(DestinationPathOf(folder, node.Name)).AsSpan().SequenceEqual(node.LinkTarget);
        }
        catch (FileSystemException)
        {
            return false;
        }
    }

    private bool IsEmptyFolder(byte[] path)
    {
        try
        {
            var listing = new DirectoryListing();
            _files.ReadDirectory(path, listing);
            return listing.Count == 0 && listing.Failures.Count == 0;
        }
        catch (FileSystemException)
        {
            return false;
        }
    }
}

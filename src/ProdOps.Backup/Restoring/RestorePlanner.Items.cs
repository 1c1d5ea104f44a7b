using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring;

/// <content>What is to be done with one entry of the snapshot, by what stands at the destination.</content>
internal sealed partial class RestorePlanner
{
    /// <summary>Files whose content at the destination is to be compared, and further names of hard-linked files.</summary>
    private readonly List<int> _candidates = [], _followers = [];

    /// <summary>Plans an entry; a folder whose entries are to be planned too is the answer.</summary>
    private PlannedFolder? PlanNode(PlannedFolder folder, Node node)
    {
        int at = folder.TakeExisting(node.Name);
        byte[]? path = folder.Inside && _selection.TakesEverything ? null : folder.PathOf(node.Name);
        bool isFolder = node.Type == FileType.Directory;
        var relation = folder.Inside ? SubPathRelation.Inside : _subPaths.RelationOf(path);
        if (relation == SubPathRelation.Outside || relation == SubPathRelation.Above && !isFolder) return null;

        bool selected = true, entered = isFolder;
        if (relation == SubPathRelation.Inside && !_selection.TakesEverything) (selected, entered) = _selection.Decide(path!, isFolder);
        if (!selected && !entered) return null;

        if (node.Name.Length > NameTable.MaxLength)
        {
            FailIn(folder.Item, BackupErrors.RestoreFailed(FileNames.Decode(folder.PathOf(node.Name)), new FileSystemException("open", "", "ENAMETOOLONG", "file name too long")));
            return null;
        }
        if (!isFolder)
        {
            PlanLeaf(folder, node, at);
            return null;
        }
        // Above what was backed up or asked for, a folder of the destination is the admin's own affair.
        bool isAncestor = relation == SubPathRelation.Above || !_roots.Contains(folder.PathOf(node.Name));
        var flags = (isAncestor ? ItemFlags.Ancestor : 0) | (selected ? 0 : ItemFlags.Tentative);
        var below = PlanFolder(folder, node, at, flags, relation == SubPathRelation.Inside);
        if (below is null && path is not null) _subPaths.ForgetBelow(path);
        return entered ? below : null;
    }

    private PlannedFolder? PlanFolder(PlannedFolder above, Node node, int at, ItemFlags flags, bool inside)
    {
        byte[] path = above.PathOf(node.Name);
        var item = ItemOf(above, node, flags);
        ulong device = above.Device;
        if (at < 0)
        {
            item.Action = PlannedAction.Create;
            item.Flags |= ItemFlags.Fresh;
        }
        else
        {
            ref readonly var existing = ref above.ExistingStat(at);
            device = existing.Device;
            if (existing.Type == FileType.Directory)
            {
                if (_request.Overwrite == RestoreOverwrite.Never) item.Flags |= ItemFlags.Ancestor;
                if (!item.Is(ItemFlags.Ancestor)) SetMetadataAction(ref item, existing, node, DestinationPathOf(above, node.Name));
            }
            else if (!MayReplace(node, existing))
            {
                _plan.Skipped++;
                _activity.Warning($"Nothing below '{FileNames.Decode(path)}' is restored: at the destination it is no folder, and the overwrite mode protects it.");
                return null;
            }
            else if (item.Is(ItemFlags.Ancestor))
            {
                FailIn(above.Item, BackupErrors.RestoreBlockedAbove(FileNames.Decode(DestinationPathOf(above, node.Name))));
                return null;
            }
            else
            {
                item.Action = PlannedAction.Overwrite;
                item.Flags |= ItemFlags.Blocked | ItemFlags.Fresh;
            }
        }
        if (node.Subtree is null)
        {
            FailIn(above.Item, BackupErrors.RestoreListingDamaged(FileNames.Decode(path), BackupErrors.TreeDamaged("a folder without a tree")));
            return null;
        }
        return BeginFolder(above, path, _plan.Items.Add(item), device, inside);
    }

    private PlannedFolder? BeginFolder(PlannedFolder above, byte[] path, int index, ulong device, bool inside)
    {
        bool cleans = _request.DeleteExtra && inside && _roots.Contains(path);
        if (cleans && above.Cleans && device != above.Device)
        {
            cleans = false;
            _activity.Verbose($"'{FileNames.Decode(path)}' is another file system at the destination: nothing in it is deleted.");
        }
        var folder = new PlannedFolder(index, path, inside) { Device = device, Cleans = cleans };
        if (_plan.Items[index].Is(ItemFlags.Fresh)) return folder;
        return TryReadExisting(folder) ? folder : null;
    }

    private bool TryReadExisting(PlannedFolder folder)
    {
        try
        {
            folder.ReadExisting(_files, _plan.PathOf(folder.Item));
            return true;
        }
        catch (FileSystemException e)
        {
            FailIn(folder.Item, BackupErrors.RestoreFailed(_plan.DisplayPathOf(folder.Item), e));
            return false;
        }
    }

    private void PlanLeaf(PlannedFolder folder, Node node, int at)
    {
        if (node.Type is FileType.Unknown or FileType.Socket)
        {
            if (node.Type == FileType.Unknown) FailIn(folder.Item, BackupErrors.RestoreTypeUnknown(FileNames.Decode(folder.PathOf(node.Name))));
            return;
        }
        if (at >= 0 && !MayReplace(node, folder.ExistingStat(at)))
        {
            _plan.Skipped++;
            return;
        }
        var item = ItemOf(folder, node, _plan.Items[folder.Item].Flags & ItemFlags.Fresh);
        if (at >= 0)
        {
            ref readonly var existing = ref folder.ExistingStat(at);
            item.Action = PlannedAction.Overwrite;
            if (existing.Type == FileType.Directory)
            {
                item.Flags |= ItemFlags.BlockedByDirectory;
                byte[] place = DestinationPathOf(folder, node.Name);
                bool holdsLeftOut = _request.DeleteExtra && HoldsLeftOut(place, folder.PathOf(node.Name), existing.Device);
                if ((holdsLeftOut || !_request.DeleteExtra) && !IsEmptyFolder(place))
                {
                    FailIn(folder.Item, BackupErrors.RestoreBlockedByDirectory(FileNames.Decode(place), holdsLeftOut));
                    return;
                }
            }
            else if (node.Type == FileType.File && existing.Type == FileType.File) item.Existing = AddExisting(existing);
            else if (IsSame(node, existing, folder)) SetMetadataAction(ref item, existing, node, DestinationPathOf(folder, node.Name));
            else item.Flags |= ItemFlags.Blocked;
        }
        else item.Action = PlannedAction.Create;

        if (node.Type == FileType.File) PlanFile(folder, node, item);
        else _plan.Items.Add(item);
    }

    /// <summary>Finds where a file's content lies, and whether it is a further name of a file that was planned already.</summary>
    private void PlanFile(PlannedFolder folder, Node node, PlannedItem item)
    {
        int index = _plan.Items.Count;
        bool linked = node.Links > 1 && node.Inode != 0;
        if (linked && _linkLeaders.TryGetValue((node.Inode, node.DeviceId), out int leader) && HasSameContent(leader, node))
        {
            item.LinkLeader = leader;
            item.Size = _plan.Items[leader].Size;
            _followers.Add(_plan.Items.Add(item));
            return;
        }
        if (FindParts(node, index, ref item) is { } missing)
        {
            FailIn(folder.Item, BackupErrors.RestoreBlobMissing(FileNames.Decode(folder.PathOf(node.Name)), missing));
            return;
        }
        if (item.Existing >= 0)
        {
            ref var existing = ref _plan.Existing[item.Existing];
            if (_request.Overwrite == RestoreOverwrite.IfChanged && existing.Size == item.Size && existing.ModifiedTime == item.ModifiedTime)
                item.Flags |= ItemFlags.ContentAssumed;
            _candidates.Add(index);
        }
        _plan.Items.Add(item);
        if (linked) _linkLeaders.TryAdd((node.Inode, node.DeviceId), index);
    }

    /// <summary>Adds the parts of a file; the answer is the first blob that the index does not know, and then nothing was added.</summary>
    private ObjectId? FindParts(Node node, int index, ref PlannedItem item)
    {
        item.FirstPart = _plan.Parts.Count;
        foreach (var id in node.Content ?? [])
        {
            if (!_repository.Index.TryFind(new BlobHandle(BlobType.Data, id), out var location))
            {
                _plan.Parts.Truncate(item.FirstPart);
                return id;
            }
            _plan.Parts.Add(new PlannedPart
            {
                Id = id,
                FileOffset = item.Size,
                Item = index,
                Pack = NumberOf(location.Pack),
                PackOffset = location.Offset,
                StoredLength = location.Length,
                UncompressedLength = location.UncompressedLength,
            });
            item.Size += location.PlaintextLength;
        }
        item.PartCount = _plan.Parts.Count - item.FirstPart;
        return null;
    }

    private int NumberOf(ObjectId pack)
    {
        if (_packs.TryGetValue(pack, out int number)) return number;
        _packs.Add(pack, number = _plan.Packs.Count);
        _plan.Packs.Add(pack);
        return number;
    }

    /// <summary>Numbers of inodes are unique on one file system only, and snapshots of several may share a device number: the content decides.</summary>
    private bool HasSameContent(int leader, Node node)
    {
        ref var item = ref _plan.Items[leader];
        var content = node.Content ?? [];
        if (content.Length != item.PartCount) return false;
        for (int i = 0; i < content.Length; i++)
        {
            if (_plan.Parts[item.FirstPart + i].Id != content[i]) return false;
        }
        return true;
    }

    private PlannedItem ItemOf(PlannedFolder folder, Node node, ItemFlags flags) => new()
    {
        Parent = folder.Item,
        Name = _plan.Names.Add(node.Name),
        Type = node.Type,
        Flags = flags,
        Permissions = GoFileMode.ToPermissions(node.Mode),
        UserId = node.UserId,
        GroupId = node.GroupId,
        ModifiedTime = node.ModifiedTime,
        AccessTime = node.AccessTime,
        LinkLeader = -1,
        Existing = -1,
        Extras = AddExtras(node),
    };

    private int AddExtras(Node node)
    {
        if (node.ExtendedAttributes.Length == 0 && node.Type is FileType.File or FileType.Directory or FileType.Fifo) return -1;
        _plan.Extras.Add(new ItemExtras(node.ExtendedAttributes, node.LinkTarget, node.Device));
        return _plan.Extras.Count - 1;
    }

    private int AddExisting(in FileStat stat) => _plan.Existing.Add(new ExistingItem
    {
        Permissions = stat.Permissions,
        UserId = stat.UserId,
        GroupId = stat.GroupId,
        ModifiedTime = stat.ModifiedTime,
        Size = stat.Size,
        Inode = stat.Inode,
        Device = stat.Device,
        HasMoreLinks = stat.Links > 1,
    });

    private bool MayReplace(Node node, in FileStat existing) => _request.Overwrite switch
    {
        RestoreOverwrite.Never => false,
        RestoreOverwrite.IfNewer => node.ModifiedTime.CompareTo(existing.ModifiedTime) > 0,
        _ => true,
    };

    private byte[] DestinationPathOf(PlannedFolder folder, ReadOnlySpan<byte> name)
    {
        byte[] above = _plan.PathOf(folder.Item);
        return above.Length == 1 ? [.. above, .. name] : [.. above, (byte)'/', .. name];
    }
}

using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring;

/// <content>Files, links and devices.</content>
internal sealed partial class ItemMaker
{
    /// <summary>Shorter runs of zeros than a block leave no hole.</summary>
    private const int HoleSize = 4096;

    private const uint OwnerOnly = 0x180;

    /// <summary>Makes a whole file in one go; if that fails, nothing is left of it.</summary>
    public void MakeFile(int index, ReadOnlySpan<byte> content)
    {
        ref var item = ref _plan.Items[index];
        using var folder = _folders.Use(item.Parent);
        var name = _plan.NameOf(index);
        using var file = Create(item, folder.Folder, name);
        try
        {
            if (content.Length > 0) WriteContent(index, file, content, 0);
            Complete(index, file);
        }
        catch
        {
            file.Dispose();
            RemoveIncomplete(index);
            throw;
        }
    }

    /// <summary>Begins a file that gets its content piece by piece: a new one, or the one that is there.</summary>
    public TargetFile Begin(int index)
    {
        ref var item = ref _plan.Items[index];
        using var folder = _folders.Use(item.Parent);
        return item.Is(ItemFlags.InPlace) ? OpenExisting(index, folder.Folder) : Create(item, folder.Folder, _plan.NameOf(index));
    }

    /// <summary>Opens a file again that was begun.</summary>
    public TargetFile Reopen(int index)
    {
        using var folder = _folders.Use(_plan.Items[index].Parent);
        return folder.Folder.OpenFile(_plan.NameOf(index), write: true);
    }

    public void WriteContent(int index, TargetFile file, ReadOnlySpan<byte> content, long offset)
    {
        // In a file that was there, zeros have to overwrite what is there.
        if (!_request.Sparse || _plan.Items[index].Is(ItemFlags.InPlace)) file.Write(offset, content);
        else WriteAroundHoles(file, content, offset);
    }

    /// <summary>Gives a file whose content is all there its length and metadata.</summary>
    public void Complete(int index, TargetFile file)
    {
        ref var item = ref _plan.Items[index];
        bool mayEndInHole = _request.Sparse && !item.Is(ItemFlags.InPlace);
        bool isTooLong = item.Is(ItemFlags.InPlace) && _plan.Existing[item.Existing].Size > item.Size;
        if (mayEndInHole || isTooLong) file.SetLength(item.Size);
        file.SetMetadata(MetadataOf(index), _problems);
        Interlocked.Increment(ref _counters.Files);
    }

    /// <summary>Removes a file that did not get all its content: it must not look as if it had.</summary>
    public void RemoveIncomplete(int index)
    {
        try
        {
            using var folder = _folders.Use(_plan.Items[index].Parent);
            RemoveNonFolder(folder.Folder, _plan.NameOf(index));
        }
        catch (FileSystemException e)
        {
            _activity.Warning($"'{_plan.DisplayPathOf(index)}' is incomplete and could not be removed: {e.Reason}.");
        }
    }

    private void MakeLeaf(int index)
    {
        ref var item = ref _plan.Items[index];
        if (item.WritesContent && !item.Is(ItemFlags.InPlace))
        {
            MakeFile(index, []);
            return;
        }
        using var folder = _folders.Use(item.Parent);
        var name = _plan.NameOf(index);
        if (item.WritesContent)
        {
            using var file = OpenExisting(index, folder.Folder);
            Complete(index, file);
            return;
        }
        if (item.Action != PlannedAction.Metadata)
        {
            ClearWay(item, folder.Folder, name);
            if (item.Type == FileType.SymbolicLink) folder.Folder.CreateSymbolicLink(name, _plan.Extras[item.Extras].LinkTarget);
            else folder.Folder.CreateSpecial(name, item.Type, item.Extras < 0 ? 0 : _plan.Extras[item.Extras].Device);
        }
        folder.Folder.SetMetadata(name, MetadataOf(index), _problems);
    }

    private TargetFile Create(in PlannedItem item, TargetFolder folder, ReadOnlySpan<byte> name)
    {
        ClearWay(item, folder, name);
        try
        {
            return folder.CreateFile(name);
        }
        catch (FileSystemException e) when (e.ErrorName == "EEXIST" && _request.Overwrite is RestoreOverwrite.Always or RestoreOverwrite.IfChanged)
        {
            // It came since the plan was made. A folder would have to be emptied, and of that the plan said nothing.
            RemoveNonFolder(folder, name);
            return folder.CreateFile(name);
        }
    }

    private TargetFile OpenExisting(int index, TargetFolder folder)
    {
        var name = _plan.NameOf(index);
        try
        {
            return folder.OpenFile(name, write: true);
        }
        catch (FileSystemException e) when (e.ErrorName == "EACCES")
        {
            // Its owner may write to a read-only file only after making it writable; it gets its mode at the end.
            folder.SetMetadata(name, new TargetMetadata { Type = FileType.File, Permissions = OwnerOnly }, _problems);
            return folder.OpenFile(name, write: true);
        }
    }

    private static void WriteAroundHoles(TargetFile file, ReadOnlySpan<byte> content, long offset)
    {
        int start = 0, end = 0;
        while (end < content.Length)
        {
            // Blocks lie at multiples of their size in the file, as on the disk.
            int next = (int)Math.Min(content.Length, end + HoleSize - ((offset + end) & (HoleSize - 1)));
            if (!content[end..next].ContainsAnyExcept((byte)0))
            {
                if (end > start) file.Write(offset + start, content[start..end]);
                start = next;
            }
            end = next;
        }
        if (end > start) file.Write(offset + start, content[start..end]);
    }

    private TargetMetadata MetadataOf(int index)
    {
        ref var item = ref _plan.Items[index];
        // What is made in a folder of ours belongs to us and has no attributes: that saves two calls a file.
        bool fresh = item.Is(ItemFlags.Fresh);
        return new TargetMetadata
        {
            Type = item.Type,
            Permissions = item.Permissions,
            Owner = fresh && item.UserId == _userId && item.GroupId == _groupId ? null : (item.UserId, item.GroupId),
            Times = (item.AccessTime, item.ModifiedTime),
            ExtendedAttributes = AttributesOf(item) is var attributes && attributes.Length == 0 && fresh ? null : attributes,
        };
    }

    private ExtendedAttribute[] AttributesOf(in PlannedItem item) => item.Extras < 0 ? [] : _plan.Extras[item.Extras].Attributes;
}

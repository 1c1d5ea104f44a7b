using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files;

/// <summary>
/// Where a copy is put together on this machine: a folder of its own on the destination's file system. Until <see cref="Commit"/> nothing of
/// the destination changes, and what is left over goes with the object.
/// </summary>
internal sealed class LocalStaging : IDisposable
{
    private readonly CopyPlan _plan;
    private readonly bool _preserveOwner;
    private readonly TargetFolder _base;
    private readonly LocalPartial _partial = new(CopyNames.Staging);
    private readonly byte[] _name, _destinationName;
    private readonly MetadataProblems _problems = new(error => throw error);

    public LocalStaging(string destination, CopyPlan plan, bool preserveOwner, DateTimeOffset now)
    {
        _plan = plan;
        _preserveOwner = preserveOwner;
        _name = _partial.Name;
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(destination));
        _destinationName = FileNames.Encode(Path.GetFileName(full));
        // In the destination if it is there, for only that is surely on its file system; else beside it.
        _base = TargetFileSystem.Local.OpenRoot(plan.Destination.IsFolder ? full : Path.GetDirectoryName(full) ?? full);
        try
        {
            LocalPartial.RemoveOld(_base, now);
            _base.CreateFolder(_name);
            Staged = new CopiedFolders(_base.OpenFolder(_name));
        }
        catch
        {
            _base.Dispose();
            _partial.Dispose();
            throw;
        }
    }

    /// <summary>The folder in which the copy is put together.</summary>
    public CopiedFolders Staged { get; }

    /// <summary>Makes the folders of everything that is sent, for their owner alone.</summary>
    public void MakeFolders()
    {
        foreach (string folder in _plan.SentFolders())
            if (folder.Length > 0) Staged[TreeItem.ParentOf(folder)].CreateFolder(FileNames.Encode(_plan.Source.Find(folder)!.Name));
    }

    /// <summary>Renames everything into place.</summary>
    public void Commit(IReadOnlyDictionary<string, string> failed)
    {
        foreach (string folder in _plan.SentFolders().Reverse())
            if (_plan.IsNewFolder(folder)) Staged[folder].SetMetadata(CopyMetadata.Of(_plan.Source.Find(folder)!, _preserveOwner), _problems);
        Remove(failed.Keys);
        _base.FlushFileSystem();
        if (!_plan.Destination.IsFolder) _base.Move(_name, _base, _destinationName);
        else MoveParts(failed);
    }

    public void Dispose()
    {
        Staged.Dispose();
        try
        {
            if (_base.TryGetStat(_name, out _)) _base.Remove(_name);
        }
        catch (FileSystemException)
        {
            // The next copy tries again; an error that is on its way says more than this one.
        }
        _base.Dispose();
        _partial.Dispose();
    }

    private void MoveParts(IReadOnlyDictionary<string, string> failed)
    {
        using var target = new CopiedFolders(_base.Reopen());
        foreach (var step in _plan.Steps)
        {
            byte[] name = FileNames.Encode(step.Item.Name);
            if (step.Action == ServerCopyAction.Metadata) SetMetadata(target, step.Item, name);
            else if (step.IsSent && !_plan.IsNewFolder(step.Item.Parent) && !failed.ContainsKey(step.Item.Path)) Put(target, step, name);
        }
        foreach (var step in _plan.Deletions(failed))
        {
            target[step.Item.Parent].Remove(FileNames.Encode(step.Item.Name));
            target.Close();
        }
        Staged.Close();
        Staged.Root.Dispose();
        _base.Remove(_name);
        foreach (string folder in _plan.TouchedFolders.Append("").Distinct().Reverse())
            target[folder].SetMetadata(CopyMetadata.Of(_plan.Source.Find(folder)!, _preserveOwner), _problems);
    }

    private void Put(CopiedFolders target, CopyStep step, byte[] name)
    {
        var from = Staged[step.Item.Parent];
        var to = target[step.Item.Parent];
        bool isInTheWay = step.Existing is { } existing && existing.Type != step.Item.Type && (existing.Type == FileType.Directory || step.Item.Type == FileType.Directory);
        if (isInTheWay) to.Remove(name);
        from.Move(name, to, name);
    }

    private void SetMetadata(CopiedFolders target, TreeItem item, byte[] name)
    {
        if (item.Type == FileType.Directory) target[item.Path].SetMetadata(CopyMetadata.Of(item, _preserveOwner), _problems);
        else target[item.Parent].SetMetadata(name, CopyMetadata.Of(item, _preserveOwner), _problems);
    }

    private void Remove(IEnumerable<string> paths)
    {
        foreach (string path in paths)
        {
            var folder = Staged[TreeItem.ParentOf(path)];
            byte[] name = FileNames.Encode(path.AsSpan(path.LastIndexOf('/') + 1));
            if (folder.TryGetStat(name, out _)) folder.Remove(name);
        }
    }
}

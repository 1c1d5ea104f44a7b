using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files;

/// <summary>What copying a tree takes: the same for showing it and for doing it. Made from two listings without any I/O.</summary>
internal sealed class CopyPlan
{
    private readonly List<CopyStep> _steps = [];
    private readonly HashSet<string> _newFolders = new(StringComparer.Ordinal);
    private readonly HashSet<string> _blocked = new(StringComparer.Ordinal);
    private readonly HashSet<string> _holdingLeftOut;
    private readonly CopyOptions _options;

    private CopyPlan(FileTree source, FileTree destination, CopyOptions options)
    {
        Source = source;
        Destination = destination;
        _options = options;
        _holdingLeftOut = FindFoldersWithLeftOut();
    }

    public FileTree Source { get; }

    public FileTree Destination { get; }

    /// <summary>What is to be done, folders before what is in them; deletions last.</summary>
    public IReadOnlyList<CopyStep> Steps => _steps;

    /// <summary>Files and links that are already there as they should be.</summary>
    public long Skipped { get; private set; }

    /// <summary>Bytes of content to send.</summary>
    public long Bytes { get; private set; }

    /// <summary>Files and links to send.</summary>
    public long Files { get; private set; }

    /// <summary>Items that cannot be copied, with the reason.</summary>
    public List<(TreeItem Item, string Reason)> Refused { get; } = [];

    /// <summary>Further names of files, by path: the path of the name that carries the content.</summary>
    public Dictionary<string, string> HardLinks { get; } = new(StringComparer.Ordinal);

    /// <summary>Folders that are there and get something new, so that their times are to be set again.</summary>
    public SortedSet<string> TouchedFolders { get; } = new(StringComparer.Ordinal);

    public static CopyPlan Create(FileTree source, FileTree destination, CopyOptions options)
    {
        var plan = new CopyPlan(source, destination, options);
        if (!destination.IsFolder) plan._newFolders.Add("");
        var changedLinks = plan.FindHardLinks();
        if (destination.IsFolder && !options.LeftAlone.Contains("") && plan.Differs(source.Root!, destination.Root!)) plan.AddMetadata(source.Root!);
        foreach (var item in source.Items) plan.Add(item, changedLinks);
        plan.LeadLinksBySent();
        if (options.Delete && destination.IsFolder && !source.IsPartial) plan.AddDeletions();
        return plan;
    }

    /// <summary>Whether a folder is made, so that all in it goes with it.</summary>
    public bool IsNewFolder(string path) => _newFolders.Contains(path);

    /// <summary>The folders that what is sent lies in, those above first; the root, as "", among them.</summary>
    public SortedSet<string> SentFolders()
    {
        var folders = new SortedSet<string>(StringComparer.Ordinal) { "" };
        foreach (var step in _steps)
        {
            if (!step.IsSent) continue;
            string folder = step.Item.Type == FileType.Directory ? step.Item.Path : step.Item.Parent;
            while (folders.Add(folder)) folder = TreeItem.ParentOf(folder);
        }
        return folders;
    }

    /// <summary>What is deleted after these items failed: nothing in a folder that one of them is in, for it may be all that is left of that.</summary>
    public IReadOnlyList<CopyStep> Deletions(IReadOnlyDictionary<string, string> failed)
    {
        var folders = failed.Keys.Select(TreeItem.ParentOf).ToHashSet(StringComparer.Ordinal);
        return [.. _steps.Where(step => step.Action == ServerCopyAction.Delete && !folders.Contains(FolderOf(step.Item)))];
    }

    /// <summary>The nearest folder that the source has, too.</summary>
    private string FolderOf(TreeItem extra)
    {
        string folder = extra.Parent;
        while (folder.Length > 0 && Source.Find(folder) is null) folder = TreeItem.ParentOf(folder);
        return folder;
    }

    /// <summary>Tells if not all was deleted that was planned to be.</summary>
    public void WarnOfKept(string place, IReadOnlyDictionary<string, string> failed, IActivity activity)
    {
        int kept = _steps.Count(step => step.Action == ServerCopyAction.Delete) - Deletions(failed).Count;
        if (kept > 0) activity.Warning($"Not deleted: {kept} of what is besides at '{place}', since not all that belongs in the same folders could be copied.");
    }

    private void Add(TreeItem item, HashSet<(ulong, ulong)> changedLinks)
    {
        if (_blocked.Contains(item.Parent))
        {
            _blocked.Add(item.Path);
            return;
        }
        bool isSpecial = item.Type is FileType.BlockDevice or FileType.CharacterDevice or FileType.Fifo;
        if (item.Type is not (FileType.File or FileType.Directory or FileType.SymbolicLink) && !(isSpecial && _options.Special))
        {
            Refused.Add((item, "it is a device, a socket or a fifo"));
            return;
        }
        var existing = _newFolders.Contains(item.Parent) ? null : Destination.Find(item.Path);
        if (existing is not null && !(existing.Type == FileType.Directory && item.Type == FileType.Directory) && _options.MayReplace?.Invoke(item, existing) == false)
        {
            Skipped++;
            if (item.Type == FileType.Directory) _blocked.Add(item.Path);
        }
        else if (existing is null) AddContent(item, ServerCopyAction.Create, null);
        else if (existing.Type != FileType.Directory && _options.LeftAlone.Contains(item.Path))
        {
            Refused.Add((item, "it is a folder here and something else at the destination"));
            _blocked.Add(item.Path);
        }
        else if (existing.Type == FileType.Directory && item.Type != FileType.Directory) Block(item, existing);
        else if (existing.Type != item.Type) AddContent(item, ServerCopyAction.Replace, existing);
        else if (item.Type != FileType.Directory && (!IsSameContent(item, existing) || changedLinks.Contains((item.Device, item.Inode)))) AddContent(item, ServerCopyAction.Replace, existing);
        else
        {
            if (item.Type != FileType.Directory) Skipped++;
            if (!_options.LeftAlone.Contains(item.Path) && Differs(item, existing)) AddMetadata(item);
        }
    }

    private void AddContent(TreeItem item, ServerCopyAction action, TreeItem? existing)
    {
        _steps.Add(new CopyStep(action, item) { Existing = existing });
        if (!_newFolders.Contains(item.Parent) && !_options.LeftAlone.Contains(item.Parent)) TouchedFolders.Add(item.Parent);
        if (item.Type == FileType.Directory)
        {
            _newFolders.Add(item.Path);
            return;
        }
        Files++;
        if (item.Type == FileType.File && !HardLinks.ContainsKey(item.Path)) Bytes += item.Size;
    }

    private void AddMetadata(TreeItem item)
    {
        _steps.Add(new CopyStep(ServerCopyAction.Metadata, item));
        if (item.Type == FileType.Directory) TouchedFolders.Add(item.Path);
    }

    private void Block(TreeItem item, TreeItem existing)
    {
        bool holdsLeftOut = _holdingLeftOut.Contains(item.Path);
        if (_options.Delete && !holdsLeftOut) AddContent(item, ServerCopyAction.Replace, existing);
        else
        {
            Refused.Add((item, "a folder has its name at the destination; " + (holdsLeftOut ? "it holds what is left out, and stays" : "-Delete removes it")));
            _blocked.Add(item.Path);
        }
    }

    /// <summary>Same size and time, as rsync's quick check; a link's target is its content.</summary>
    private bool IsSameContent(TreeItem item, TreeItem existing) => item.Type == FileType.SymbolicLink
        ? existing.LinkTarget is not null && item.LinkTarget == existing.LinkTarget
        : !_options.Force && item.Size == existing.Size && TreeItem.IsSameTime(item.Modified, existing.Modified);

    private bool Differs(TreeItem item, TreeItem existing)
    {
        if (item.Type == FileType.SymbolicLink) return false;
        if (item.Permissions != existing.Permissions) return true;
        if (item.Type == FileType.Directory && !TreeItem.IsSameTime(item.Modified, existing.Modified)) return true;
        if (!_options.PreserveOwner) return false;
        return !IsSameOwner(item.User, existing.User, item.UserId, existing.UserId) || !IsSameOwner(item.Group, existing.Group, item.GroupId, existing.GroupId);
    }

    private static bool IsSameOwner(string name, string otherName, uint id, uint otherId) =>
        name.Length > 0 && otherName.Length > 0 ? name == otherName : id == otherId;

    /// <summary>
    /// Finds files with several names. If one of the names has to be sent, all are, or they would not be one file at the destination.
    /// </summary>
    private HashSet<(ulong, ulong)> FindHardLinks()
    {
        var leaders = new Dictionary<(ulong, ulong), string>();
        var changed = new HashSet<(ulong, ulong)>();
        foreach (var item in Source.Items)
        {
            if (item.Type != FileType.File || item.Links < 2) continue;
            var file = (item.Device, item.Inode);
            if (leaders.TryAdd(file, item.Path)) continue;
            HardLinks[item.Path] = leaders[file];
        }
        foreach (var group in HardLinks.GroupBy(link => link.Value))
        {
            var names = group.Select(link => link.Key).Prepend(group.Key).Select(path => (Item: Source.Find(path)!, There: Destination.Find(path))).ToList();
            bool isSame = names.All(name => name.There is { Type: FileType.File } there && IsSameContent(name.Item, there)
                && (there.Device, there.Inode) == (names[0].There!.Device, names[0].There!.Inode));
            if (!isSame) changed.Add((names[0].Item.Device, names[0].Item.Inode));
        }
        return changed;
    }

    /// <summary>
    /// A further name is sent as a link to the one that carries the content. Where that one is not sent, since what stands in its place stays, the first name that is
    /// carries it for the others.
    /// </summary>
    private void LeadLinksBySent()
    {
        var sent = _steps.Where(step => step.IsSent).Select(step => step.Item).ToList();
        var paths = sent.Select(item => item.Path).ToHashSet(StringComparer.Ordinal);
        var leaders = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in sent)
        {
            if (!HardLinks.TryGetValue(item.Path, out string? first) || paths.Contains(first)) continue;
            if (!leaders.TryAdd(first, item.Path))
            {
                HardLinks[item.Path] = leaders[first];
                continue;
            }
            HardLinks.Remove(item.Path);
            Bytes += item.Size;
        }
    }

    /// <summary>Where deletions are bounded, other file systems are out of bounds: a folder that one is mounted on, or below, stays.</summary>
    private HashSet<string> FindFoldersWithMounts()
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        if (_options.Within is null) return found;
        foreach (var item in Destination.Items)
        {
            if (item.Type != FileType.Directory || Destination.Find(item.Parent) is not { } above || above.Device == item.Device) continue;
            for (string path = item.Path; path.Length > 0 && found.Add(path);) path = TreeItem.ParentOf(path);
        }
        return found;
    }

    /// <summary>The folders of the destination that hold what is left out, at any depth: of those that the source lacks, only the rest goes.</summary>
    private HashSet<string> FindFoldersWithLeftOut()
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        if (!_options.Delete || _options.IsLeftOut is not { } isLeftOut) return found;
        foreach (var item in Destination.Items)
        {
            if (!isLeftOut(item)) continue;
            for (string path = item.Parent; path.Length > 0 && found.Add(path);) path = TreeItem.ParentOf(path);
        }
        return found;
    }

    private void AddDeletions()
    {
        // Folders that go, and those that stay as they are; and those that only the rest of goes.
        var passed = new HashSet<string>(StringComparer.Ordinal);
        var emptied = new HashSet<string>(StringComparer.Ordinal);
        var holdsMounts = FindFoldersWithMounts();
        foreach (var item in Destination.Items)
        {
            // What is in a folder that goes, or that something else takes the place of, goes with it.
            bool isLookedAt = emptied.Contains(item.Parent) || (!passed.Contains(item.Parent) && Source.Find(item.Parent) is { Type: FileType.Directory });
            if (isLookedAt && Source.Find(item.Path) is not null) continue;
            bool mayGo = isLookedAt && !item.Name.StartsWith(CopyNames.Staging, StringComparison.Ordinal) && !_options.LeftAlone.Contains(item.Parent)
                && !holdsMounts.Contains(item.Path) && _options.IsLeftOut?.Invoke(item) != true;
            if (mayGo && _holdingLeftOut.Contains(item.Path))
            {
                emptied.Add(item.Path);
                continue;
            }
            if (item.Type == FileType.Directory) passed.Add(item.Path);
            if (!mayGo || _options.MayDelete?.Invoke(item) == false) continue;
            _steps.Add(new CopyStep(ServerCopyAction.Delete, item));
            if (!emptied.Contains(item.Parent)) TouchedFolders.Add(item.Parent);
        }
    }
}

/// <summary>One item of a plan.</summary>
/// <param name="Action">What is done.</param>
/// <param name="Item">The item of the source, or for a deletion of the destination.</param>
internal sealed record CopyStep(ServerCopyAction Action, TreeItem Item)
{
    /// <summary>What has the name at the destination now.</summary>
    public TreeItem? Existing { get; init; }

    /// <summary>Whether the item is to be sent.</summary>
    public bool IsSent => Action is ServerCopyAction.Create or ServerCopyAction.Replace;
}

/// <summary>How the copies' own files are named.</summary>
internal static class CopyNames
{
    /// <summary>Begins the name of a folder in which a copy is put together, and of a file that is not complete.</summary>
    public const string Staging = ".prodops-copy-";
}

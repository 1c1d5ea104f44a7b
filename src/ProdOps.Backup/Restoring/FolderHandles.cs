using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring;

/// <summary>
/// The destination's folders, kept open while they are worked in: names are then resolved in the folder itself and not from the
/// root, which is both faster and proof against links that somebody plants on the way. For many threads.
/// </summary>
internal sealed class FolderHandles(PlannedRestore plan, TargetFolder root) : IDisposable
{
    private readonly int _maxOpen = TargetFileSystem.Local.MaxOpenFolders;
    private readonly Lock _lock = new();
    private readonly Dictionary<int, Entry> _open = [];
    private long _clock;

    /// <summary>The folder of a plan's item, open until the lease is given back.</summary>
    public Lease Use(int folder)
    {
        lock (_lock) return new Lease(this, UseLocked(folder));
    }

    public void Dispose()
    {
        foreach (var entry in _open.Values) entry.Folder.Dispose();
        _open.Clear();
        root.Dispose();
    }

    private Entry UseLocked(int folder)
    {
        if (!_open.TryGetValue(folder, out var entry))
        {
            entry = new Entry(Open(folder));
            if (_open.Count >= _maxOpen) CloseIdle();
            _open.Add(folder, entry);
        }
        entry.Users++;
        entry.LastUse = ++_clock;
        return entry;
    }

    private TargetFolder Open(int folder)
    {
        if (folder == 0) return root;
        var above = UseLocked(plan.Items[folder].Parent);
        try
        {
            return above.Folder.OpenFolder(plan.NameOf(folder));
        }
        finally
        {
            above.Users--;
        }
    }

    private void CloseIdle()
    {
        var idle = _open.Where(pair => pair.Value.Users == 0 && pair.Key != 0).OrderBy(pair => pair.Value.LastUse).Take(_maxOpen / 2).ToList();
        foreach (var (item, entry) in idle)
        {
            _open.Remove(item);
            entry.Folder.Dispose();
        }
    }

    private void Release(Entry entry)
    {
        lock (_lock) entry.Users--;
    }

    internal sealed class Entry(TargetFolder folder)
    {
        public TargetFolder Folder { get; } = folder;

        public int Users;
        public long LastUse;
    }

    internal readonly struct Lease(FolderHandles handles, Entry entry) : IDisposable
    {
        public TargetFolder Folder => entry.Folder;

        public void Dispose() => handles.Release(entry);
    }
}

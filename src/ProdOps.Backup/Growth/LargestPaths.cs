namespace ProdOps.Backup.Growth;

/// <summary>Keeps the few paths that added most, however many there are.</summary>
internal sealed class LargestPaths(int count)
{
    private readonly PriorityQueue<BackupContributor, long> _kept = new();

    public void Add(Func<string> path, long added, long size, long files)
    {
        if (added == 0 || (_kept.Count == count && _kept.TryPeek(out _, out long least) && least >= added)) return;
        var contributor = new BackupContributor { Path = path(), AddedSize = added, Size = size, FileCount = files };
        if (_kept.Count == count) _kept.DequeueEnqueue(contributor, added);
        else _kept.Enqueue(contributor, added);
    }

    // An array, since PowerShell cannot index what the compiler makes of a list.
    public BackupContributor[] ToArray() =>
        _kept.UnorderedItems.OrderByDescending(item => item.Priority).ThenBy(item => item.Element.Path, StringComparer.Ordinal).Select(item => item.Element).ToArray();
}

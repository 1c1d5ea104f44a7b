namespace ProdOps.Logging.Searching;

/// <summary>Limits count what is found and not what stands around it. This keeps account of the entries that belong behind the last ones found.</summary>
internal sealed class ContextTail(int after)
{
    private readonly Dictionary<(string Server, string Source), int> _left = [];

    /// <summary>Takes note of what is handed on.</summary>
    public void Add(List<LogEntry> batch)
    {
        foreach (var entry in batch)
        {
            if (!entry.IsContext) _left[(entry.Server, entry.Source)] = after;
            else if (_left.TryGetValue((entry.Server, entry.Source), out int left)) _left[(entry.Server, entry.Source)] = left - 1;
        }
    }

    /// <summary>What a merge still holds that stands behind an entry that was handed on.</summary>
    public List<LogEntry> Rest(TimeMerge merge)
    {
        var rest = new List<LogEntry>();
        while (merge.Take(long.MaxValue, int.MaxValue) is { Count: > 0 } batch)
        {
            foreach (var entry in batch)
            {
                var stream = (entry.Server, entry.Source);
                if (!_left.TryGetValue(stream, out int left) || left <= 0) continue;
                _left[stream] = left - 1;
                if (entry.IsContext) rest.Add(entry);
            }
        }

        return rest;
    }

    /// <summary>The latest entries that were found, with what stands around them.</summary>
    public static List<LogEntry> KeepNewest(List<LogEntry> entries, int newest, int before)
    {
        int from = entries.Count;
        for (int found = 0; from > 0; from--)
        {
            if (!entries[from - 1].IsContext && ++found > newest) break;
        }

        // Between the last one that is left out and the first that is kept only what stands before the latter.
        int first = entries.FindIndex(from, static entry => !entry.IsContext);
        if (first > 0) from = Math.Max(from, first - before);
        return from == 0 ? entries : entries[from..];
    }
}

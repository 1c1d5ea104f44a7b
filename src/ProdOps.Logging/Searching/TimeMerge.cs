namespace ProdOps.Logging.Searching;

/// <summary>Puts lists that are in the order of time together in that order, up to the moment from which more may come.</summary>
internal sealed class TimeMerge
{
    private readonly PriorityQueue<Cursor, (long Key, int Order, long Position, bool Context)> _cursors = new();
    private LogPosition _last;
    private string _lastServer = "";

    public bool IsEmpty => _cursors.Count == 0;

    public void Add(FoundEntries found, int order)
    {
        if (found.Entries.Length > 0) Enqueue(new Cursor(found, order));
    }

    /// <summary>The next entries, all earlier than a moment.</summary>
    /// <param name="bound">UTC ticks.</param>
    /// <param name="limit">How many at most.</param>
    public List<LogEntry> Take(long bound, int limit)
    {
        var batch = new List<LogEntry>();
        while (batch.Count < limit && _cursors.TryPeek(out var cursor, out var priority) && (priority.Key < bound || bound == long.MaxValue))
        {
            _cursors.Dequeue();
            // What follows of the same list needs no queue as long as it is earlier than all other lists.
            long others = _cursors.TryPeek(out _, out var next) ? Math.Min(next.Key, bound) : bound;
            do
            {
                Add(cursor.Found.Entries[cursor.Next++], batch);
            }
            while (batch.Count < limit && cursor.Next < cursor.Found.Keys.Length && cursor.Found.Keys[cursor.Next] < others);
            if (cursor.Next < cursor.Found.Entries.Length) Enqueue(cursor);
        }

        return batch;
    }

    private void Add(LogEntry entry, List<LogEntry> batch)
    {
        // Context of one entry may be another's, or found itself; what was found comes first.
        if (!(entry.IsContext && entry.Position == _last && entry.Server == _lastServer)) batch.Add(entry);
        _last = entry.Position;
        _lastServer = entry.Server;
    }

    private void Enqueue(Cursor cursor)
    {
        var entry = cursor.Found.Entries[cursor.Next];
        _cursors.Enqueue(cursor, (cursor.Found.Keys[cursor.Next], cursor.Order, entry.Position.Offset, entry.IsContext));
    }

    private sealed class Cursor(FoundEntries found, int order)
    {
        public FoundEntries Found => found;

        public int Order => order;

        public int Next { get; set; }
    }
}

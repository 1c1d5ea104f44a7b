namespace ProdOps.Logging.Searching;

/// <summary>Adds to what was found in a block the entries around it.</summary>
internal static class BlockContext
{
    /// <summary>Adds context to entries in the order of the block; it keeps that order.</summary>
    /// <returns>How many entries are missing before the first found and after the last, because the block begins or ends there.</returns>
    public static (int Before, int After) Add(List<FoundLine> found, ReadOnlySpan<byte> lines, LineBlock block, LogQuery query)
    {
        if (found.Count == 0) return default;
        var entries = new EntryBlock(block.Format, block.Context, block.HasContinuations);
        FoundLine[] hits = [.. found.OrderBy(static line => line.Start)];
        found.Clear();
        int covered = 0, missingBefore = 0, missingAfter = 0;
        var time = new DateTimeOffset(block.CarriedTime, TimeSpan.Zero);
        for (int i = 0; i < hits.Length; i++)
        {
            int missing = AddBefore(found, entries, lines, hits[i].Start, covered, time, query.ContextBefore);
            if (i == 0) missingBefore = missing;
            found.Add(hits[i]);
            covered = AddAfter(found, entries, lines, hits[i], i + 1 < hits.Length ? hits[i + 1].Start : lines.Length, query.ContextAfter, out time, out missing);
            if (i + 1 == hits.Length) missingAfter = missing;
        }

        return (missingBefore, missingAfter);
    }

    private static int AddBefore(List<FoundLine> found, EntryBlock entries, ReadOnlySpan<byte> lines, int start, int covered, DateTimeOffset before, int count)
    {
        int first = found.Count;
        while (count > 0 && start > covered)
        {
            var (at, length) = entries.Previous(lines, start);
            if (at < covered) break;
            found.Add(new FoundLine(at, length, entries.TimeOf(lines, at, covered, before)) { IsContext = true });
            start = at;
            count--;
        }

        found.Reverse(first, found.Count - first);
        return start > 0 ? 0 : count;
    }

    private static int AddAfter(List<FoundLine> found, EntryBlock entries, ReadOnlySpan<byte> lines, FoundLine hit, int limit, int count, out DateTimeOffset time, out int missing)
    {
        int start = hit.Start + hit.Length + 1;
        time = hit.Time;
        while (count > 0 && start < limit)
        {
            int length = entries.LengthAt(lines, start);
            time = entries.OwnTimeOf(lines, start) ?? time;
            found.Add(new FoundLine(start, length, time) { IsContext = true });
            start += length + 1;
            count--;
        }

        missing = start < lines.Length ? 0 : count;
        return Math.Min(start, lines.Length);
    }
}

using ProdOps.Logging.Collecting;
using ProdOps.Logging.Formats;

namespace ProdOps.Logging.Searching;

/// <summary>A block of whole lines, and what they belong to.</summary>
internal sealed record LineBlock
{
    public required LogStream Stream { get; init; }

    /// <summary>The file they are in, and where in its content they begin.</summary>
    public required string File { get; init; }

    /// <inheritdoc cref="File"/>
    public required long Offset { get; init; }

    public required LogFormat Format { get; init; }

    /// <summary>What completes their times.</summary>
    public required TimeContext Context { get; init; }

    /// <summary>The time of the line before, in UTC ticks.</summary>
    public required long CarriedTime { get; init; }

    /// <summary>Whether entries may have several lines.</summary>
    public required bool HasContinuations { get; init; }

    public DateTimeOffset? Received { get; init; }

    /// <summary>What is taken off a time for ordering: how far the server's clock was ahead, in ticks.</summary>
    public long ClockShift { get; init; }

    /// <summary>Whether all lines between <see cref="Start"/> and <see cref="End"/> are in the query's window.</summary>
    public bool IsInside { get; init; }

    /// <summary>Where the entries begin and end that can be in the window; the end of the lines if it is not said.</summary>
    public int Start { get; init; }

    /// <inheritdoc cref="Start"/>
    public int End { get; init; } = int.MaxValue;
}

/// <summary>Finds what a query looks for in blocks of lines, one after the other; for one thread.</summary>
internal sealed class BlockSearch(LogQuery query, LineTest test)
{
    private readonly List<FoundLine> _found = [];

    /// <summary>The entries that are looked for, as places in the block, in the order of time.</summary>
    public List<FoundLine> Find(ReadOnlySpan<byte> lines, LineBlock block)
    {
        _found.Clear();
        var scanner = Scan(lines, block);
        bool sorted = true;
        long last = long.MinValue;
        while (scanner.MoveNext())
        {
            if (!Accept(ref scanner, block)) continue;
            var time = scanner.GetTime();
            if (time.UtcTicks < last) sorted = false;
            last = time.UtcTicks;
            _found.Add(new FoundLine(scanner.Start, scanner.Length, time));
        }

        if (sorted) return _found;
        // The order in the file decides among equals: sorting must be stable.
        var ordered = _found.OrderBy(static line => line.Time.UtcTicks).ToList();
        _found.Clear();
        _found.AddRange(ordered);
        return _found;
    }

    /// <summary>How many entries are looked for.</summary>
    public long Count(ReadOnlySpan<byte> lines, LineBlock block)
    {
        if (block.IsInside && !block.HasContinuations && test is { Matcher: null, LooksInside: false })
        {
            var all = lines[block.Start..Math.Min(block.End, lines.Length)];
            return all.Count((byte)'\n') + (all is [] or [.., (byte)'\n'] ? 0 : 1);
        }

        var scanner = Scan(lines, block);
        long count = 0;
        while (scanner.MoveNext())
        {
            if (Accept(ref scanner, block)) count++;
        }

        return count;
    }

    /// <summary>Hands each entry that is looked for to a visitor, without making objects.</summary>
    public void Visit(ReadOnlySpan<byte> lines, LineBlock block, EntryVisitor visitor)
    {
        var scanner = Scan(lines, block);
        while (scanner.MoveNext())
        {
            if (!Accept(ref scanner, block)) continue;
            visitor(scanner.Entry, new EntryFacts(block.Stream.Server, block.Stream.Source, block.Format, block.Context, scanner.GetTime().UtcTicks - block.ClockShift)
            {
                Offset = block.Offset + scanner.Start,
            });
        }
    }

    /// <summary>Makes objects of what was found. They hold copies of their bytes.</summary>
    public static FoundEntries Make(IReadOnlyList<FoundLine> found, ReadOnlySpan<byte> lines, LineBlock block)
    {
        if (found.Count == 0) return FoundEntries.None;
        long length = 0;
        foreach (var line in found) length += line.Length;
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length);
        var entries = new LogEntry[found.Count];
        long[] keys = new long[found.Count];
        var reader = new LogLineReader(block.Format, block.Context);
        int at = 0;
        for (int i = 0; i < entries.Length; i++)
        {
            var line = found[i];
            (line.Elsewhere is { } other ? other.Span : lines.Slice(line.Start, line.Length)).CopyTo(bytes.AsSpan(at));
            entries[i] = new LogEntry(bytes.AsMemory(at, line.Length), reader)
            {
                Time = line.Time,
                ReceivedTime = block.Received,
                Server = block.Stream.Server,
                Source = block.Stream.Source,
                Position = new LogPosition(line.File ?? block.File, line.Elsewhere is null ? block.Offset + line.Start : line.Offset),
                IsContext = line.IsContext,
            };
            keys[i] = line.Time.UtcTicks - block.ClockShift;
            at += line.Length;
        }

        return new FoundEntries(entries, keys);
    }

    private EntryScanner Scan(ReadOnlySpan<byte> lines, LineBlock block) => new(lines[..Math.Min(block.End, lines.Length)], block, test);

    private bool Accept(ref EntryScanner scanner, LineBlock block)
    {
        if (!block.IsInside && !query.Covers(scanner.GetTime().UtcTicks - block.ClockShift)) return false;
        return !test.LooksInside
            || test.IsMatch(scanner.Entry, new EntryFacts(block.Stream.Server, block.Stream.Source, block.Format, block.Context, test.AsksForTime ? scanner.GetTime().UtcTicks : 0));
    }
}

/// <summary>Takes an entry: its bytes and what is known beside them.</summary>
internal delegate void EntryVisitor(ReadOnlySpan<byte> entry, in EntryFacts facts);

/// <summary>An entry that was found in a block of lines.</summary>
internal readonly record struct FoundLine(int Start, int Length, DateTimeOffset Time)
{
    public bool IsContext { get; init; }

    /// <summary>Of context from a neighbouring block: the bytes, and where they stand.</summary>
    public ReadOnlyMemory<byte>? Elsewhere { get; init; }

    /// <inheritdoc cref="Elsewhere"/>
    public string? File { get; init; }

    /// <inheritdoc cref="Elsewhere"/>
    public long Offset { get; init; }
}

/// <summary>Entries in the order of time, each with the time that it is ordered by.</summary>
/// <param name="Entries">The entries.</param>
/// <param name="Keys">UTC ticks.</param>
internal sealed record FoundEntries(LogEntry[] Entries, long[] Keys)
{
    public static FoundEntries None { get; } = new([], []);
}

using ProdOps.Logging.Formats;

namespace ProdOps.Logging.Searching;

/// <summary>Finds entries by their places in a block of lines.</summary>
internal readonly struct EntryBlock(LogFormat format, TimeContext context, bool continued)
{
    /// <summary>The entry that ends before a place.</summary>
    public (int Start, int Length) Previous(ReadOnlySpan<byte> lines, int end)
    {
        int stop = lines[end - 1] == '\n' ? end - 1 : end, start = lines[..stop].LastIndexOf((byte)'\n') + 1;
        while (continued && start > 0 && format.IsContinuation(lines[start..stop].IndexOf((byte)'\n') is >= 0 and int line ? lines.Slice(start, line) : lines[start..stop]))
            start = lines[..(start - 1)].LastIndexOf((byte)'\n') + 1;
        return (start, stop - start);
    }

    /// <summary>The length of the entry that begins at a place, without its last line feed.</summary>
    public int LengthAt(ReadOnlySpan<byte> lines, int start)
    {
        int end = EndOfLine(lines, start);
        while (continued && end + 1 < lines.Length)
        {
            int next = EndOfLine(lines, end + 1);
            if (!format.IsContinuation(lines[(end + 1)..next])) break;
            end = next;
        }

        return end - start;
    }

    public DateTimeOffset? OwnTimeOf(ReadOnlySpan<byte> lines, int start) => format.TryReadTime(lines[start..EndOfLine(lines, start)], context, out var time) ? time : null;

    /// <summary>The time of the entry at a place: its own, or that of the last one before it that has one.</summary>
    public DateTimeOffset TimeOf(ReadOnlySpan<byte> lines, int start, long carried) => TimeOf(lines, start, first: 0, new DateTimeOffset(carried, TimeSpan.Zero));

    /// <inheritdoc cref="TimeOf(ReadOnlySpan{byte}, int, long)"/>
    /// <param name="lines">The block.</param>
    /// <param name="start">Where the entry begins.</param>
    /// <param name="first">How far back to look.</param>
    /// <param name="before">The time of what is before that.</param>
    public DateTimeOffset TimeOf(ReadOnlySpan<byte> lines, int start, int first, DateTimeOffset before)
    {
        while (true)
        {
            if (OwnTimeOf(lines, start) is { } time) return time;
            if (start <= first) return before;
            start = lines[..(start - 1)].LastIndexOf((byte)'\n') + 1;
        }
    }

    private static int EndOfLine(ReadOnlySpan<byte> lines, int start)
    {
        int length = lines[start..].IndexOf((byte)'\n');
        return length < 0 ? lines.Length : start + length;
    }
}

using ProdOps.Logging.Formats;

namespace ProdOps.Logging.Searching;

/// <summary>Finds moments in lines of which none is earlier than one before it, without reading all of their times.</summary>
/// <param name="format">How to read them.</param>
/// <param name="context">What completes their times.</param>
/// <param name="carried">The time of the line before, in UTC ticks.</param>
internal readonly struct SortedTimes(LogFormat format, TimeContext context, long carried)
{
    /// <summary>Where the first entry begins that is of a moment or later; the end of the lines if there is none.</summary>
    /// <param name="lines">Whole lines.</param>
    /// <param name="moment">UTC ticks.</param>
    public int FirstFrom(ReadOnlySpan<byte> lines, long moment)
    {
        // Lines without a time have that of the line before: those at the beginning have it from elsewhere.
        int first = NextTimed(lines, 0, lines.Length, out long time);
        if (carried >= moment && first > 0) return 0;
        if (first == lines.Length || time >= moment) return first;
        int low = first, high = lines.Length, found = lines.Length;
        while (low < high)
        {
            int middle = low + ((high - low) / 2), start = low + lines[low..middle].LastIndexOf((byte)'\n') + 1;
            int timed = NextTimed(lines, start, high, out time);
            if (timed == high)
            {
                high = start;
            }
            else if (time >= moment)
            {
                found = timed;
                high = start;
            }
            else
            {
                low = Math.Min(high, timed + LengthAt(lines, timed) + 1);
            }
        }

        return found;
    }

    /// <summary>Where the next entry with a time of its own begins, before a place.</summary>
    private int NextTimed(ReadOnlySpan<byte> lines, int start, int end, out long ticks)
    {
        while (start < end)
        {
            int length = LengthAt(lines, start);
            var line = lines.Slice(start, length);
            if (!format.IsContinuation(line) && format.TryReadTime(line, context, out var time))
            {
                ticks = time.UtcTicks;
                return start;
            }

            start += length + 1;
        }

        ticks = 0;
        return end;
    }

    private static int LengthAt(ReadOnlySpan<byte> lines, int start)
    {
        int length = lines[start..].IndexOf((byte)'\n');
        return length < 0 ? lines.Length - start : length;
    }
}

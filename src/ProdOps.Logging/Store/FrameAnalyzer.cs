using ProdOps.Logging.Formats;
using ProdOps.Logging.Matching.Literals;
using ProdOps.Logging.Store.Filters;

namespace ProdOps.Logging.Store;

/// <summary>Looks through the lines of one frame for what the index says of them. For one thread; its buffers are used again.</summary>
internal sealed class FrameAnalyzer
{
    /// <summary>Below this a filter costs more than decompressing does.</summary>
    public const int SmallestFiltered = 32 * 1024;

    private TripleMarker? _triples;
    private GramFinder? _grams;
    private byte[] _lower = [];

    /// <summary>Fills in what the lines say: counts, levels, flags; and what their filter is made of, with the number of blocks that it needs.</summary>
    /// <param name="lines">Whole lines.</param>
    /// <param name="format">How to read them.</param>
    /// <param name="context">What completes their times.</param>
    /// <param name="entry">What is filled in, but for the times.</param>
    /// <param name="filter">Takes what the filter is made of; <see langword="null"/> if none is wanted.</param>
    /// <returns>The lines' own times.</returns>
    public FrameTimes Analyze(ReadOnlySpan<byte> lines, LogFormat format, TimeContext context, ref FrameEntry entry, FilterDraft? filter)
    {
        entry.Lines = 0;
        entry.Levels = default;
        entry.RawLength = lines.Length;
        bool sorted = true, continued = false, beginsUntimed = false;
        long least = long.MaxValue, most = long.MinValue, first = 0, last = 0;
        for (int start = 0; start < lines.Length;)
        {
            int length = lines[start..].IndexOf((byte)'\n');
            if (length < 0) length = lines.Length - start;
            var line = lines.Slice(start, length);
            entry.Lines++;
            bool timed = false;
            // Whoever reads a frame takes its first line for an entry, whatever it is.
            if (start > 0 && format.IsContinuation(line))
            {
                continued = true;
            }
            else
            {
                timed = format.TryReadTime(line, context, out var time, out var level);
                entry.Levels[LevelCounts.IndexOf(level)]++;
                if (timed)
                {
                    long ticks = time.UtcTicks;
                    if (most == long.MinValue) first = ticks;
                    else if (ticks < last) sorted = false;
                    if (ticks < least) least = ticks;
                    if (ticks > most) most = ticks;
                    last = ticks;
                }
            }

            if (start == 0) beginsUntimed = !timed;
            start += length + 1;
        }

        bool ascii = false;
        entry.GramBlocks = filter is not null && lines.Length >= SmallestFiltered ? Fill(filter, lines, out ascii) : 0;
        entry.Flags = (sorted ? FrameFlags.Sorted : 0) | (continued ? FrameFlags.HasContinuations : 0)
            | (!ascii && FoldedLetters.AreIn(lines) ? FrameFlags.FoldedLetters : 0);
        return most == long.MinValue ? default : new FrameTimes(beginsUntimed, first, last, least, most);
    }

    private int Fill(FilterDraft filter, ReadOnlySpan<byte> lines, out bool ascii)
    {
        if (_lower.Length < lines.Length + FrameFilter.Padding)
            _lower = GC.AllocateUninitializedArray<byte>(Math.Max(lines.Length, FrameEncoder.FrameLength) + FrameFilter.Padding);
        ascii = AsciiCase.ToLower(lines, _lower);
        _lower.AsSpan(lines.Length, FrameFilter.Padding).Clear();
        var grams = (_grams ??= new()).Find(_lower, lines.Length, GramFinder.Widest);
        filter.Keep(grams);
        (_triples ??= new()).Collect(_lower, lines.Length, filter.Triples, TripleMarker.Widest);
        return FrameFilter.BlocksFor(grams.Length);
    }
}

/// <summary>The times that the lines of a frame have themselves, in UTC ticks; all 0 if none has any.</summary>
/// <param name="BeginsUntimed">The first line has none: it has that of the line before.</param>
/// <param name="First">The first.</param>
/// <param name="Last">The last.</param>
/// <param name="Least">The earliest.</param>
/// <param name="Most">The latest.</param>
internal readonly record struct FrameTimes(bool BeginsUntimed, long First, long Last, long Least, long Most)
{
    /// <summary>Whether any line has a time.</summary>
    public bool Any => Most != 0;

    /// <summary>Fills in the times of an entry, knowing that of the line before, and returns the time of its last line.</summary>
    public long Complete(long carried, ref FrameEntry entry)
    {
        entry.CarriedTime = carried;
        if (!Any)
        {
            entry.MinTime = entry.MaxTime = entry.LastTime = carried;
            return carried;
        }

        entry.MinTime = BeginsUntimed ? Math.Min(carried, Least) : Least;
        entry.MaxTime = BeginsUntimed ? Math.Max(carried, Most) : Most;
        if (BeginsUntimed && carried > First) entry.Flags &= ~FrameFlags.Sorted;
        entry.LastTime = Last;
        return Last;
    }
}

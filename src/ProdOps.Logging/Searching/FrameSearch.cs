using ProdOps.Logging.Collecting;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Store;

namespace ProdOps.Logging.Searching;

/// <summary>Searches frames of the store, one after the other; for one thread.</summary>
internal sealed class FrameSearch(LogQuery query, LineTest test) : IDisposable
{
    private readonly FrameBuffers _buffers = FrameBuffers.Take();

    // What is searched for first is chosen by what is met in the lines: each format has lines of its own.
    private readonly Dictionary<LogFormat, BlockSearch> _blocks = [];
    private readonly ContextReader? _context = query.ContextBefore > 0 || query.ContextAfter > 0 ? new ContextReader(query) : null;

    /// <summary>What a frame holds of what is looked for, in the order of time.</summary>
    public FoundEntries Search(FramePlace place)
    {
        var lines = place.View.Read(place.Frame, _buffers).Span;
        var block = BlockOf(place, lines);
        var found = SearchOf(place).Find(lines, block);
        if (found.Count > 0) _context?.Add(found, lines, place, block);
        return BlockSearch.Make(found, lines, block);
    }

    /// <summary>The latest entries that a frame holds of what is looked for, without context.</summary>
    public FoundEntries SearchNewest(FramePlace place, int newest)
    {
        var lines = place.View.Read(place.Frame, _buffers).Span;
        var block = BlockOf(place, lines);
        var found = SearchOf(place).Find(lines, block);
        if (found.Count > newest) found.RemoveRange(0, found.Count - newest);
        return BlockSearch.Make(found, lines, block);
    }

    /// <summary>How many entries a frame holds of what is looked for.</summary>
    public long Count(FramePlace place)
    {
        var lines = place.View.Read(place.Frame, _buffers).Span;
        return SearchOf(place).Count(lines, BlockOf(place, lines));
    }

    /// <summary>Hands each entry that a frame holds of what is looked for to a visitor.</summary>
    public void Visit(FramePlace place, EntryVisitor visitor)
    {
        var lines = place.View.Read(place.Frame, _buffers).Span;
        SearchOf(place).Visit(lines, BlockOf(place, lines), visitor);
    }

    public void Dispose()
    {
        _buffers.Dispose();
        _context?.Dispose();
    }

    private BlockSearch SearchOf(FramePlace place)
    {
        if (!_blocks.TryGetValue(place.View.Format, out var search)) _blocks.Add(place.View.Format, search = new BlockSearch(query, test.Clone()));
        return search;
    }

    private LineBlock BlockOf(FramePlace place, ReadOnlySpan<byte> lines)
    {
        ref readonly var frame = ref place.Frame;
        var context = place.View.ContextOf(frame);
        bool inside = query.Covers(place.MinKey) && query.Covers(place.MaxKey);
        // Where no line is earlier than one before it, the window is a stretch of the lines.
        var (start, end) = (0, lines.Length);
        if (!inside && (frame.Flags & FrameFlags.Sorted) != 0)
        {
            inside = true;
            var times = new SortedTimes(place.View.Format, context, frame.CarriedTime);
            if (query.After is { } after) start = times.FirstFrom(lines, after.UtcTicks + place.ClockShift);
            if (query.Before is { } before) end = Math.Max(start, times.FirstFrom(lines, before.UtcTicks + place.ClockShift));
        }

        return new LineBlock
        {
            Stream = place.Stream,
            File = place.File,
            Offset = frame.RawOffset,
            Format = place.View.Format,
            Context = context,
            CarriedTime = frame.CarriedTime,
            HasContinuations = (frame.Flags & FrameFlags.HasContinuations) != 0,
            Received = new DateTimeOffset(frame.ReceivedTime, TimeSpan.Zero),
            ClockShift = place.ClockShift,
            IsInside = inside,
            Start = start,
            End = end,
        };
    }
}

/// <summary>A frame and what it belongs to.</summary>
/// <param name="Segment">Which segment of which source.</param>
/// <param name="View">The segment.</param>
/// <param name="Index">Which of its frames.</param>
/// <param name="Order">The stream's place among those searched: it decides among entries of the same time.</param>
/// <param name="CorrectClock">Whether times are corrected by the measured offset.</param>
internal sealed record FramePlace(SegmentPlace Segment, SegmentView View, int Index, int Order, bool CorrectClock)
{
    public ref readonly FrameEntry Frame => ref View.Entries[Index];

    public LogStream Stream => Segment.Stream;

    /// <summary>The segment's path below the store's folder.</summary>
    public string File => Segment.File;

    /// <summary>What is taken off a time for ordering, in ticks.</summary>
    public long ClockShift => ShiftOf(Frame, CorrectClock);

    public long MinKey => Frame.MinTime - ClockShift;

    public long MaxKey => Frame.MaxTime - ClockShift;

    public static long ShiftOf(in FrameEntry frame, bool correctClock) => correctClock && frame.ClockOffset != FrameEntry.NoClock ? frame.ClockOffset : 0;
}

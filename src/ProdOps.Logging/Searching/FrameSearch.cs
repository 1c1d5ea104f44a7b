using ProdOps.Logging.Collecting;
using ProdOps.Logging.Store;

namespace ProdOps.Logging.Searching;

/// <summary>Searches frames of the store, one after the other; for one thread.</summary>
internal sealed class FrameSearch(LogQuery query, LineTest test) : IDisposable
{
    private readonly FrameBuffers _buffers = new();
    private readonly BlockSearch _blocks = new(query, test);
    private readonly ContextReader? _context = query.ContextBefore > 0 || query.ContextAfter > 0 ? new ContextReader(query) : null;

    /// <summary>What a frame holds of what is looked for, in the order of time.</summary>
    public FoundEntries Search(FramePlace place)
    {
        var block = BlockOf(place);
        var lines = place.View.Read(place.Frame, _buffers).Span;
        var found = _blocks.Find(lines, block);
        if (found.Count > 0) _context?.Add(found, lines, place, block);
        return BlockSearch.Make(found, lines, block);
    }

    /// <summary>How many entries a frame holds of what is looked for.</summary>
    public long Count(FramePlace place) => _blocks.Count(place.View.Read(place.Frame, _buffers).Span, BlockOf(place));

    /// <summary>Hands each entry that a frame holds of what is looked for to a visitor.</summary>
    public void Visit(FramePlace place, EntryVisitor visitor) => _blocks.Visit(place.View.Read(place.Frame, _buffers).Span, BlockOf(place), visitor);

    public void Dispose()
    {
        _buffers.Dispose();
        _context?.Dispose();
    }

    private LineBlock BlockOf(FramePlace place) => new()
    {
        Stream = place.Stream,
        File = place.File,
        Offset = place.Frame.RawOffset,
        Format = place.View.Format,
        Context = place.View.ContextOf(place.Frame),
        CarriedTime = place.Frame.CarriedTime,
        HasContinuations = place.Frame.Flags.HasFlag(FrameFlags.HasContinuations),
        Received = new DateTimeOffset(place.Frame.ReceivedTime, TimeSpan.Zero),
        ClockShift = place.ClockShift,
        IsInside = query.Covers(place.MinKey) && query.Covers(place.MaxKey),
    };
}

/// <summary>A frame and what it belongs to.</summary>
/// <param name="Stream">The server and source.</param>
/// <param name="View">The segment.</param>
/// <param name="Index">Which of its frames.</param>
/// <param name="Order">The stream's place among those searched: it decides among entries of the same time.</param>
/// <param name="CorrectClock">Whether times are corrected by the measured offset.</param>
internal sealed record FramePlace(LogStream Stream, SegmentView View, int Index, int Order, bool CorrectClock)
{
    private readonly FrameEntry _frame = View.Frames[Index];

    public ref readonly FrameEntry Frame => ref _frame;

    /// <summary>The segment's path below the store's folder.</summary>
    public required string File { get; init; }

    /// <summary>What is taken off a time for ordering, in ticks.</summary>
    public long ClockShift => CorrectClock && _frame.ClockOffset != FrameEntry.NoClock ? _frame.ClockOffset : 0;

    public long MinKey => _frame.MinTime - ClockShift;

    public long MaxKey => _frame.MaxTime - ClockShift;
}

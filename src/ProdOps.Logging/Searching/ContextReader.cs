using ProdOps.Logging.Store;

namespace ProdOps.Logging.Searching;

/// <summary>Adds to what was found in a frame the entries around it, those of the neighbouring frames and segments of the source too. For one thread.</summary>
internal sealed class ContextReader(LogQuery query) : IDisposable
{
    private readonly FrameBuffers _buffers = FrameBuffers.Take();

    public void Add(List<FoundLine> found, ReadOnlySpan<byte> lines, FramePlace place, LineBlock block)
    {
        var (before, after) = BlockContext.Add(found, lines, block, query);
        if (before > 0) found.InsertRange(0, FromPrevious(place, before));
        if (after > 0) found.AddRange(FromNext(place, after, found[^1].Time));
    }

    public void Dispose() => _buffers.Dispose();

    private List<FoundLine> FromPrevious(FramePlace place, int count)
    {
        var result = new List<FoundLine>();
        TakeLast(place.View, place.Index, place.File, result, count);
        for (int number = place.Segment.Number - 1; number >= 0 && result.Count < count; number--)
        {
            using var view = TryOpen(place.Segment, number);
            if (view is not null) TakeLast(view, view.Frames.Count, place.Segment.FileOf(number), result, count);
        }

        result.Reverse();
        return result;
    }

    private List<FoundLine> FromNext(FramePlace place, int count, DateTimeOffset time)
    {
        var result = new List<FoundLine>();
        TakeFirst(place.View, place.Index + 1, place.File, result, count, ref time);
        for (int number = place.Segment.Number + 1; number < place.Segment.Count && result.Count < count; number++)
        {
            using var view = TryOpen(place.Segment, number);
            if (view is not null) TakeFirst(view, 0, place.Segment.FileOf(number), result, count, ref time);
        }

        return result;
    }

    /// <summary>Takes the entries before a frame, the last one first.</summary>
    private void TakeLast(SegmentView view, int end, string file, List<FoundLine> result, int count)
    {
        for (int index = end - 1; index >= 0 && result.Count < count; index--)
        {
            var frame = view.Frames[index];
            var lines = view.Read(frame, _buffers).Span;
            var block = BlockOf(view, frame);
            for (int start = lines.Length; result.Count < count && start > 0;)
            {
                var (at, length) = block.Previous(lines, start);
                result.Add(Copy(lines, at, length, block.TimeOf(lines, at, frame.CarriedTime), file, frame.RawOffset));
                start = at;
            }
        }
    }

    /// <summary>Takes the entries from a frame on.</summary>
    private void TakeFirst(SegmentView view, int begin, string file, List<FoundLine> result, int count, ref DateTimeOffset time)
    {
        for (int index = begin; index < view.Frames.Count && result.Count < count; index++)
        {
            var frame = view.Frames[index];
            var lines = view.Read(frame, _buffers).Span;
            var block = BlockOf(view, frame);
            for (int start = 0; result.Count < count && start < lines.Length;)
            {
                int length = block.LengthAt(lines, start);
                time = block.OwnTimeOf(lines, start) ?? time;
                result.Add(Copy(lines, start, length, time, file, frame.RawOffset));
                start += length + 1;
            }
        }
    }

    /// <summary>Opens a neighbour; whoever made the plan has told of one that cannot be read.</summary>
    private static SegmentView? TryOpen(SegmentPlace place, int number)
    {
        try
        {
            return place.Open(number);
        }
        catch (Exception error) when (error is FileNotFoundException or ProdOpsException)
        {
            return null;
        }
    }

    private static EntryBlock BlockOf(SegmentView view, in FrameEntry frame) => new(view.Format, view.ContextOf(frame), (frame.Flags & FrameFlags.HasContinuations) != 0);

    private static FoundLine Copy(ReadOnlySpan<byte> lines, int start, int length, DateTimeOffset time, string file, long rawOffset) =>
        new(start, length, time) { IsContext = true, Elsewhere = lines.Slice(start, length).ToArray(), File = file, Offset = rawOffset + start };
}

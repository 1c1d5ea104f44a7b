using ProdOps.Logging.Store;

namespace ProdOps.Logging.Searching;

/// <summary>Adds to what was found in a frame the entries around it, those of the neighbouring frames of the segment too. For one thread.</summary>
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
        for (int index = place.Index - 1; index >= 0 && count > 0; index--)
        {
            var frame = place.View.Frames[index];
            var lines = place.View.Read(frame, _buffers).Span;
            var block = new EntryBlock(place.View.Format, place.View.ContextOf(frame), frame.Flags.HasFlag(FrameFlags.HasContinuations));
            for (int start = lines.Length; count > 0 && start > 0; count--)
            {
                var (at, length) = block.Previous(lines, start);
                result.Add(Copy(lines, at, length, block.TimeOf(lines, at, frame.CarriedTime), frame.RawOffset));
                start = at;
            }
        }

        result.Reverse();
        return result;
    }

    private List<FoundLine> FromNext(FramePlace place, int count, DateTimeOffset time)
    {
        var result = new List<FoundLine>();
        for (int index = place.Index + 1; index < place.View.Frames.Count && count > 0; index++)
        {
            var frame = place.View.Frames[index];
            var lines = place.View.Read(frame, _buffers).Span;
            var block = new EntryBlock(place.View.Format, place.View.ContextOf(frame), frame.Flags.HasFlag(FrameFlags.HasContinuations));
            for (int start = 0; count > 0 && start < lines.Length; count--)
            {
                int length = block.LengthAt(lines, start);
                time = block.OwnTimeOf(lines, start) ?? time;
                result.Add(Copy(lines, start, length, time, frame.RawOffset));
                start += length + 1;
            }
        }

        return result;
    }

    private static FoundLine Copy(ReadOnlySpan<byte> lines, int start, int length, DateTimeOffset time, long rawOffset) =>
        new(start, length, time) { IsContext = true, Elsewhere = lines.Slice(start, length).ToArray(), Offset = rawOffset + start };
}

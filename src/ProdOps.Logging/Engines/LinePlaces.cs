using ProdOps.Logging.Collecting;
using ProdOps.Logging.Formats;

namespace ProdOps.Logging.Engines;

/// <summary>An entry of a batch that is to be sent: where it stands and what is known of it.</summary>
/// <param name="Start">Its first byte in the batch.</param>
/// <param name="Length">Its length without the last line feed.</param>
/// <param name="Ticks">Its time, in UTC ticks.</param>
/// <param name="Received">When it came, in microseconds since 1970, each later than the one before.</param>
internal readonly record struct LinePlace(int Start, int Length, long Ticks, long Received);

/// <summary>A batch cut into entries.</summary>
/// <param name="Stream">What they belong to.</param>
/// <param name="Lines">The batch's lines.</param>
/// <param name="Places">The entries, in their order.</param>
/// <param name="Format">How they are read.</param>
/// <param name="Context">What completes their times.</param>
internal sealed record CutBatch(LogStream Stream, ReadOnlyMemory<byte> Lines, IReadOnlyList<LinePlace> Places, LogFormat Format, TimeContext Context)
{
    public ReadOnlySpan<byte> LineOf(in LinePlace place) => Lines.Span.Slice(place.Start, place.Length);

    public ReadOnlySpan<byte> FirstLineOf(in LinePlace place)
    {
        var line = LineOf(place);
        int end = line.IndexOf((byte)'\n');
        return end < 0 ? line : line[..end];
    }

    /// <summary>Cuts whole lines into entries: what goes on with the line before belongs to it, and a line without a time has that of the line before.</summary>
    /// <param name="batch">The lines.</param>
    /// <param name="format">How they are read.</param>
    /// <param name="carried">The time of the source's last line before, in UTC ticks, or <see langword="null"/>.</param>
    /// <param name="firstReceived">What the first entry counts from.</param>
    public static CutBatch Cut(LogBatch batch, LogFormat format, long? carried, long firstReceived)
    {
        var context = new TimeContext(batch.TimeReference ?? batch.ReceivedTime, batch.Zone ?? TimeZoneInfo.Utc);
        var places = new List<LinePlace>();
        var lines = batch.Lines.Span;
        long ticks = carried ?? FirstTime(lines, format, context);
        for (int start = 0; start < lines.Length;)
        {
            int length = LengthAt(lines, start), end = start + length;
            if (format.TryReadTime(lines.Slice(start, length), context, out var time)) ticks = time.UtcTicks;
            while (end + 1 < lines.Length && LengthAt(lines, end + 1) is var more && format.IsContinuation(lines.Slice(end + 1, more))) end += 1 + more;
            places.Add(new LinePlace(start, end - start, ticks, firstReceived + places.Count));
            start = end + 1;
        }

        return new CutBatch(batch.Stream, batch.Lines, places, format, context);
    }

    private static long FirstTime(ReadOnlySpan<byte> lines, LogFormat format, TimeContext context)
    {
        for (int start = 0; start < lines.Length; start += LengthAt(lines, start) + 1)
        {
            if (format.TryReadTime(lines.Slice(start, LengthAt(lines, start)), context, out var time)) return time.UtcTicks;
        }

        return context.Reference.UtcTicks;
    }

    private static int LengthAt(ReadOnlySpan<byte> lines, int start)
    {
        int length = lines[start..].IndexOf((byte)'\n');
        return length < 0 ? lines.Length - start : length;
    }
}

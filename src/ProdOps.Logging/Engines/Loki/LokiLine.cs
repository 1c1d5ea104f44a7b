namespace ProdOps.Logging.Engines.Loki;

/// <summary>A line as it is sent.</summary>
/// <param name="Place">The entry in its batch.</param>
/// <param name="Text">UTF-8, short enough, and with a mark if it is marked.</param>
/// <param name="Nanoseconds">Its time, since 1970.</param>
/// <param name="IsMarked">Whether a mark is behind it.</param>
internal sealed record LokiLine(LinePlace Place, ReadOnlyMemory<byte> Text, long Nanoseconds, bool IsMarked)
{
    // No earlier moment, and no later one, has nanoseconds in 64 bits.
    private static readonly long Earliest = DateTime.UnixEpoch.Ticks + (long.MinValue / EqualLines.TickLength) + 1, Latest = DateTime.UnixEpoch.Ticks + (long.MaxValue / EqualLines.TickLength) - 1;

    public static long NanosecondsOf(long ticks) => (Math.Clamp(ticks, Earliest, Latest) - DateTime.UnixEpoch.Ticks) * EqualLines.TickLength;

    public static long TicksOf(long nanoseconds) => DateTime.UnixEpoch.Ticks + (long)Math.Floor(nanoseconds / (decimal)EqualLines.TickLength);

    /// <summary>A batch's entries as they are sent.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="equal">Tells equal ones apart.</param>
    /// <param name="longest">The length in bytes that no line may exceed.</param>
    /// <param name="cut">How many were cut.</param>
    public static List<LokiLine> Make(CutBatch batch, EqualLines equal, int longest, out int cut)
    {
        var lines = new List<LokiLine>(batch.Places.Count);
        cut = 0;
        foreach (var place in batch.Places)
        {
            var text = batch.Lines.Slice(place.Start, place.Length);
            if (!System.Text.Unicode.Utf8.IsValid(text.Span)) text = PushBody.Valid(text.Span).ToArray();
            if (text.Length > longest)
            {
                text = Cut(text.Span, longest);
                cut++;
            }

            int number = equal.Take(place.Ticks, text.Span);
            if (number >= EqualLines.PerTick) text = EqualLines.Mark(text.Span, number / EqualLines.PerTick);
            lines.Add(new LokiLine(place, text, NanosecondsOf(place.Ticks) + 1 + (number % EqualLines.PerTick), number >= EqualLines.PerTick));
        }

        return lines;
    }

    /// <summary>The beginning of a line with a mark that it was cut, and not within a character.</summary>
    public static byte[] Cut(ReadOnlySpan<byte> text, int longest)
    {
        var mark = Collecting.Rotation.LineCutter.CutMark;
        int length = Math.Max(0, longest - mark.Length);
        while (length > 0 && (text[length] & 0xC0) == 0x80) length--;
        return [.. text[..length], .. mark];
    }
}

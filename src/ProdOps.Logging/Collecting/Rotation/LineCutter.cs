namespace ProdOps.Logging.Collecting.Rotation;

/// <summary>Finds whole lines in what was read, and cuts those that are too long. The bytes of a line are never changed.</summary>
internal static class LineCutter
{
    /// <summary>The longest line that is kept whole, in bytes.</summary>
    public const int MaximumLine = 1024 * 1024;

    /// <summary>What stands at the end of a line that was cut.</summary>
    public static ReadOnlySpan<byte> CutMark => " [cut]"u8;

    /// <summary>Takes what can be taken.</summary>
    /// <param name="bytes">What was read, beginning where taking stopped before.</param>
    /// <param name="skips">Whether the rest of a line that was cut comes first.</param>
    /// <param name="isEnd">Whether nothing will follow, ever: a last line without an end gets one.</param>
    /// <param name="lines">Takes whole lines.</param>
    /// <returns>How many bytes were used, how many lines were cut, and whether a cut line's rest is yet to come.</returns>
    public static (int Used, int Cut, bool Skips) Take(ReadOnlySpan<byte> bytes, bool skips, bool isEnd, ILineTarget lines)
    {
        int used = 0, cut = 0;
        if (skips)
        {
            int end = bytes.IndexOf((byte)'\n');
            if (end < 0) return (bytes.Length, 0, !isEnd);
            used = end + 1;
        }

        while (used < bytes.Length)
        {
            // Most often all lines but the last are whole and short: one piece.
            var rest = bytes[used..];
            int whole = rest.LastIndexOf((byte)'\n') + 1;
            int pieces = 0;
            while (pieces < whole)
            {
                int next = EndOfShortLines(rest[pieces..whole]);
                if (next > 0) lines.Add(rest.Slice(pieces, next));
                pieces += next;
                if (pieces == whole) break;
                int end = rest[pieces..].IndexOf((byte)'\n') + 1;
                lines.AddCut(rest.Slice(pieces, MaximumLine));
                pieces += end;
                cut++;
            }

            used += whole;
            rest = bytes[used..];
            if (rest.Length > MaximumLine)
            {
                lines.AddCut(rest[..MaximumLine]);
                return (bytes.Length, cut + 1, !isEnd);
            }

            if (!isEnd || rest.IsEmpty) break;
            lines.AddUnended(rest);
            used = bytes.Length;
        }

        return (used, cut, false);
    }

    /// <summary>How far the lines go of which none is too long. The text ends with a line's end.</summary>
    private static int EndOfShortLines(ReadOnlySpan<byte> text)
    {
        int at = 0;
        while (text.Length - at > MaximumLine + 1)
        {
            // The last end within reach: if there is one, no line before it is too long.
            int end = text.Slice(at, MaximumLine + 1).LastIndexOf((byte)'\n');
            if (end < 0) return at;
            at += end + 1;
        }

        return text.Length;
    }
}

/// <summary>Takes whole lines.</summary>
internal interface ILineTarget
{
    /// <summary>Lines with their ends.</summary>
    void Add(ReadOnlySpan<byte> lines);

    /// <summary>A line that was too long, without its end.</summary>
    void AddCut(ReadOnlySpan<byte> start);

    /// <summary>A last line that has no end.</summary>
    void AddUnended(ReadOnlySpan<byte> line);
}

namespace ProdOps.Logging.Matching.Literals;

/// <summary>
/// The two characters beyond ASCII that are a letter of ASCII when case does not matter, as Unicode folds case: the long s (U+017F) is
/// an s and the Kelvin sign (U+212A) a k. They stand in hardly any log, yet a search must not miss them.
/// </summary>
internal static class FoldedLetters
{
    /// <summary>U+017F, which is an s.</summary>
    public static Literal LongS { get; } = new("\u017f"u8.ToArray(), IgnoreCase: false);

    /// <summary>U+212A, which is a k.</summary>
    public static Literal KelvinSign { get; } = new("\u212a"u8.ToArray(), IgnoreCase: false);

    private static readonly SingleLiteralSearch LongSSearch = new(LongS);
    private static readonly SingleLiteralSearch KelvinSignSearch = new(KelvinSign);

    /// <summary>Whether any of the two is in some bytes. What indexes frames of lines can keep the answer as one bit.</summary>
    public static bool AreIn(ReadOnlySpan<byte> text) => IndexOf(text, LiteralFolding.Both) >= 0;

    /// <summary>Where the first of those asked for stands, or -1.</summary>
    public static int IndexOf(ReadOnlySpan<byte> text, LiteralFolding letters)
    {
        // Most lines are ASCII, and that is known soonest.
        int from = text.IndexOfAnyInRange((byte)0x80, byte.MaxValue);
        if (from < 0) return -1;
        int place = letters.LongS ? LongSSearch.IndexOf(text[from..]) : -1;
        if (letters.KelvinSign && KelvinSignSearch.IndexOf(place < 0 ? text[from..] : text[from..(from + place)]) is >= 0 and var earlier) place = earlier;
        return place < 0 ? -1 : from + place;
    }

    /// <summary>Whether a literal has the letter, in either case.</summary>
    public static bool HasLetter(Literal literal, char lower) =>
        literal.Bytes.Span.IndexOfAny((byte)lower, (byte)(lower & ~0x20)) >= 0;

    /// <summary>Whether an ASCII literal stands in a line in any case, with the characters taken for their letters.</summary>
    public static bool IsIn(ReadOnlySpan<byte> literal, ReadOnlySpan<byte> line, LiteralFolding folding)
    {
        for (int from = 0; from < line.Length; from++)
        {
            if (IsAt(literal, line[from..], folding)) return true;
        }

        return false;
    }

    private static bool IsAt(ReadOnlySpan<byte> literal, ReadOnlySpan<byte> text, LiteralFolding folding)
    {
        foreach (byte value in literal)
        {
            if (text.IsEmpty) return false;
            int lower = ToLower(value);
            if (ToLower(text[0]) == lower) text = text[1..];
            else if (lower == 's' && folding.LongS && text.StartsWith(LongS.Bytes.Span)) text = text[LongS.Bytes.Length..];
            else if (lower == 'k' && folding.KelvinSign && text.StartsWith(KelvinSign.Bytes.Span)) text = text[KelvinSign.Bytes.Length..];
            else return false;
        }

        return true;
    }

    private static int ToLower(byte value) => value is >= (byte)'A' and <= (byte)'Z' ? value | 0x20 : value;
}

using System.Text;

namespace ProdOps.Logging.Formats.Values;

/// <summary>Undoes what formats do to texts. The result is never longer than what it is made of; escapes that are none stay as they are.</summary>
internal static class EscapedText
{
    /// <summary>Whether the kind of a field is a text that stands in the line in another form.</summary>
    public static bool IsEscaped(FieldKind kind) => kind is FieldKind.JsonText or FieldKind.JsonBytes or FieldKind.GuardedText or FieldKind.CsvText;

    /// <summary>Decodes to UTF-8.</summary>
    /// <param name="text">The text as it stands in the line.</param>
    /// <param name="kind">How it stands there.</param>
    /// <param name="to">At least as long as the text.</param>
    /// <returns>The bytes written.</returns>
    public static int Decode(ReadOnlySpan<byte> text, FieldKind kind, Span<byte> to) => kind switch
    {
        FieldKind.JsonText => DecodeJson(text, to),
        FieldKind.JsonBytes => DecodeBytes(text, to),
        FieldKind.GuardedText => DecodeGuarded(text, to),
        _ => DecodeCsv(text, to),
    };

    private static int DecodeJson(ReadOnlySpan<byte> text, Span<byte> to)
    {
        int written = 0;
        while (true)
        {
            int escape = text.IndexOf((byte)'\\');
            var plain = escape < 0 ? text : text[..escape];
            plain.CopyTo(to[written..]);
            written += plain.Length;
            if (escape < 0) return written;
            text = text[escape..];
            int length = 2;
            byte letter = text.Length > 1 ? text[1] : (byte)0;
            byte value = letter switch
            {
                (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'\'' => letter,
                (byte)'n' => (byte)'\n',
                (byte)'t' => (byte)'\t',
                (byte)'r' => (byte)'\r',
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                _ => 0,
            };
            if (value != 0)
            {
                to[written++] = value;
            }
            else if (letter == 'u' && TryHex(text[2..], 4, out int unit))
            {
                length = 6;
                var rune = Rune.ReplacementChar;
                if (char.IsHighSurrogate((char)unit) && text.Length > 8 && text[6] == '\\' && text[7] == 'u' && TryHex(text[8..], 4, out int low) && char.IsLowSurrogate((char)low))
                {
                    rune = new Rune((char)unit, (char)low);
                    length = 12;
                }
                else if (!char.IsSurrogate((char)unit))
                {
                    rune = new Rune((char)unit);
                }

                written += rune.EncodeToUtf8(to[written..]);
            }
            else if (letter == 'x' && TryHex(text[2..], 2, out int octet))
            {
                // Go's %q writes bytes that are not UTF-8 so.
                length = 4;
                to[written++] = (byte)octet;
            }
            else
            {
                length = Math.Min(2, text.Length);
                text[..length].CopyTo(to[written..]);
                written += length;
            }

            text = text[length..];
        }
    }

    private static int DecodeBytes(ReadOnlySpan<byte> text, Span<byte> to)
    {
        int written = 0;
        int value = -1;
        foreach (byte letter in text)
        {
            uint digit = (uint)letter - '0';
            if (digit <= 9)
            {
                value = Math.Min(Math.Max(value, 0) * 10 + (int)digit, 255);
            }
            else if (value >= 0)
            {
                to[written++] = (byte)value;
                value = -1;
            }
        }

        if (value >= 0) to[written++] = (byte)value;
        return written;
    }

    private static int DecodeGuarded(ReadOnlySpan<byte> text, Span<byte> to)
    {
        int written = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is (byte)'"' or (byte)'\\' or (byte)']') i++;
            to[written++] = text[i];
        }

        return written;
    }

    private static int DecodeCsv(ReadOnlySpan<byte> text, Span<byte> to)
    {
        int written = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '"' && i + 1 < text.Length && text[i + 1] == '"') i++;
            to[written++] = text[i];
        }

        return written;
    }

    private static bool TryHex(ReadOnlySpan<byte> text, int digits, out int value)
    {
        value = 0;
        if (text.Length < digits) return false;
        for (int i = 0; i < digits; i++)
        {
            if (!char.IsAsciiHexDigit((char)text[i])) return false;
            value = value << 4 | (text[i] <= '9' ? text[i] - '0' : (text[i] | 0x20) - 'a' + 10);
        }

        return true;
    }
}

using System.Buffers;
using System.Globalization;
using System.Text;

namespace ProdOps.Backup.Trees;

/// <summary>
/// Strings as restic's trees hold them: JSON as Go's encoding/json writes it, and inside it, for names, the escapes of
/// Go's strconv.Quote. Both must be met byte by byte, since a tree's name is the hash of its text (backup-format.md 1.10).
/// </summary>
internal static class GoText
{
    private const string Hex = "0123456789abcdef";

    /// <summary>What both encodings leave as it is.</summary>
    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (byte)c).Where(c => !"\"\\<>&"u8.Contains(c)).ToArray());

    /// <summary>Writes a JSON string, quotes included, with encoding/json's HTML escapes.</summary>
    public static void AppendJsonString(Utf8Buffer buffer, ReadOnlySpan<byte> text)
    {
        buffer.Append((byte)'"');
        while (true)
        {
            int plain = text.IndexOfAnyExcept(Plain);
            if (plain < 0) break;
            buffer.Append(text[..plain]);
            text = text[plain..];
            if (Rune.DecodeFromUtf8(text, out var rune, out int length) != OperationStatus.Done)
            {
                buffer.Append("\\ufffd"u8);
                length = 1; // Go replaces every invalid byte by itself.
            }
            else AppendJsonRune(buffer, rune.Value, text[..length]);
            text = text[length..];
        }
        buffer.Append(text);
        buffer.Append((byte)'"');
    }

    /// <summary>Writes a name: strconv.Quote without its quotes, as a JSON string with quotes.</summary>
    public static void AppendName(Utf8Buffer buffer, ReadOnlySpan<byte> name)
    {
        buffer.Append((byte)'"');
        while (true)
        {
            int plain = name.IndexOfAnyExcept(Plain);
            if (plain < 0) break;
            buffer.Append(name[..plain]);
            name = name[plain..];
            if (Rune.DecodeFromUtf8(name, out var rune, out int length) != OperationStatus.Done)
            {
                AppendEscape(buffer, 'x', name[0], 2);
                length = 1;
            }
            else AppendNameRune(buffer, rune.Value, name[..length]);
            name = name[length..];
        }
        buffer.Append(name);
        buffer.Append((byte)'"');
    }

    /// <summary>
    /// Undoes strconv.Quote in place and returns the new length, or -1 for what strconv.Unquote rejects.
    /// </summary>
    public static int Unquote(Span<byte> text)
    {
        int from = 0, to = 0;
        while (from < text.Length)
        {
            byte b = text[from++];
            if (b is (byte)'"' or (byte)'\n') return -1;
            if (b != '\\')
            {
                text[to++] = b;
                continue;
            }
            if (from == text.Length) return -1;
            byte kind = text[from++];
            int simple = "abfnrtv\\\""u8.IndexOf(kind);
            if (simple >= 0)
            {
                text[to++] = "\a\b\f\n\r\t\v\\\""u8[simple];
                continue;
            }
            int digits = kind switch { (byte)'x' => 2, (byte)'u' => 4, (byte)'U' => 8, >= (byte)'0' and <= (byte)'7' => 3, _ => 0 };
            if (digits == 3) from--;
            if (digits == 0 || text.Length - from < digits || !TryReadNumber(text.Slice(from, digits), digits == 3 ? 8u : 16u, out uint value))
                return -1;
            from += digits;
            if (digits is 2 or 3)
            {
                if (value > 255) return -1;
                text[to++] = (byte)value;
            }
            else
            {
                if (!Rune.TryCreate(value, out var rune)) return -1;
                to += rune.EncodeToUtf8(text[to..]);
            }
        }
        return to;
    }

    /// <summary>
    /// Undoes JSON's escapes: <paramref name="text"/> is what stands between the quotes. Returns the length written, at most
    /// that of the text, or -1 for an escape that JSON does not have. A lone surrogate becomes U+FFFD, as in Go.
    /// </summary>
    public static int UnescapeJson(ReadOnlySpan<byte> text, Span<byte> into)
    {
        int to = 0;
        while (true)
        {
            int plain = text.IndexOf((byte)'\\');
            if (plain < 0) plain = text.Length;
            text[..plain].CopyTo(into[to..]);
            to += plain;
            if (plain == text.Length) return to;
            text = text[plain..];
            if (text.Length < 2) return -1;
            int simple = "\"\\/bfnrt"u8.IndexOf(text[1]);
            if (simple >= 0)
            {
                into[to++] = "\"\\/\b\f\n\r\t"u8[simple];
                text = text[2..];
                continue;
            }
            if (!TryReadUnit(text, out uint unit)) return -1;
            text = text[6..];
            Rune rune;
            if (char.IsHighSurrogate((char)unit) && TryReadUnit(text, out uint low) && char.IsLowSurrogate((char)low))
            {
                rune = new Rune((char)unit, (char)low);
                text = text[6..];
            }
            else if (!Rune.TryCreate(unit, out rune)) rune = Rune.ReplacementChar;
            to += rune.EncodeToUtf8(into[to..]);
        }
    }

    /// <summary>Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space.</summary>
    public static bool IsPrint(int rune) => rune == ' ' || CharUnicodeInfo.GetUnicodeCategory(rune) is not (
        UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Control or
        UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);

    private static void AppendJsonRune(Utf8Buffer buffer, int rune, ReadOnlySpan<byte> utf8)
    {
        switch (rune)
        {
            case '"': buffer.Append("\\\""u8); break;
            case '\\': buffer.Append("\\\\"u8); break;
            case '\n': buffer.Append("\\n"u8); break;
            case '\r': buffer.Append("\\r"u8); break;
            case '\t': buffer.Append("\\t"u8); break;
            case '\b': buffer.Append("\\b"u8); break;
            case '\f': buffer.Append("\\f"u8); break;
            case < ' ' or '<' or '>' or '&' or 0x2028 or 0x2029:
                buffer.Append("\\u"u8);
                AppendHex(buffer, rune, 4);
                break;
            default: buffer.Append(utf8); break;
        }
    }

    private static void AppendNameRune(Utf8Buffer buffer, int rune, ReadOnlySpan<byte> utf8)
    {
        switch (rune)
        {
            // A backslash of strconv.Quote is doubled by JSON, as is a quote's.
            case '"': buffer.Append("\\\\\\\""u8); break;
            case '\\': buffer.Append("\\\\\\\\"u8); break;
            case >= '\a' and <= '\r':
                buffer.Append("\\\\"u8);
                buffer.Append("abtnvfr"u8[rune - '\a']);
                break;
            case '<' or '>' or '&':
                buffer.Append("\\u"u8);
                AppendHex(buffer, rune, 4);
                break;
            case < ' ' or 0x7f: AppendEscape(buffer, 'x', rune, 2); break;
            default:
                if (IsPrint(rune)) buffer.Append(utf8);
                else if (rune < 0x10000) AppendEscape(buffer, 'u', rune, 4);
                else AppendEscape(buffer, 'U', rune, 8);
                break;
        }
    }

    private static void AppendEscape(Utf8Buffer buffer, char kind, int value, int digits)
    {
        buffer.Append("\\\\"u8);
        buffer.Append((byte)kind);
        AppendHex(buffer, value, digits);
    }

    private static void AppendHex(Utf8Buffer buffer, int value, int digits)
    {
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) buffer.Append((byte)Hex[(value >> shift) & 15]);
    }

    private static bool TryReadUnit(ReadOnlySpan<byte> text, out uint unit)
    {
        unit = 0;
        return text.Length >= 6 && text[0] == '\\' && text[1] == 'u' && TryReadNumber(text.Slice(2, 4), 16, out unit);
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> digits, uint radix, out uint value)
    {
        value = 0;
        foreach (byte digit in digits)
        {
            uint number = digit switch
            {
                >= (byte)'0' and <= (byte)'9' => digit - (uint)'0',
                >= (byte)'a' and <= (byte)'f' => digit - (uint)'a' + 10,
                >= (byte)'A' and <= (byte)'F' => digit - (uint)'A' + 10,
                _ => uint.MaxValue,
            };
            if (number >= radix) return false;
            value = value * radix + number;
        }
        return true;
    }
}

using System.Buffers;
using System.Globalization;
using System.Text;

namespace ProdOps.Logging.Collecting.Journal;

/// <summary>Writes an entry as one line of JSON, as <c>journalctl -o json --all</c> does: texts as strings, other bytes as lists of numbers, a name that comes twice as a list of its values.</summary>
internal static class JournalJson
{
    public static void Write(JournalEntry entry, ArrayBufferWriter<byte> json)
    {
        json.Write("{"u8);
        bool isFirst = true;
        for (int i = 0; i < entry.Count; i++)
        {
            var name = entry.NameOf(i);
            if (IsBefore(entry, i)) continue;
            if (!isFirst) json.Write(","u8);
            isFirst = false;
            WriteText(name, json);
            json.Write(":"u8);
            int more = FindNext(entry, i);
            if (more < 0)
            {
                WriteValue(entry, i, json);
                continue;
            }

            json.Write("["u8);
            WriteValue(entry, i, json);
            for (; more >= 0; more = FindNext(entry, more))
            {
                json.Write(","u8);
                WriteValue(entry, more, json);
            }

            json.Write("]"u8);
        }

        json.Write("}\n"u8);
    }

    /// <summary>Whether bytes are a text to systemd (basic/utf8.c, utf8_is_printable): UTF-8 without control characters but tab and line feed.</summary>
    public static bool IsText(ReadOnlySpan<byte> value)
    {
        while (value.Length > 0)
        {
            if (Rune.DecodeFromUtf8(value, out var rune, out int length) != OperationStatus.Done) return false;
            int code = rune.Value;
            if (code is (< 0x20 and not '\t' and not '\n') or (>= 0x7F and <= 0x9F) or (>= 0xFDD0 and <= 0xFDEF) || (code & 0xFFFE) == 0xFFFE) return false;
            value = value[length..];
        }

        return true;
    }

    private static bool IsBefore(JournalEntry entry, int field)
    {
        for (int i = 0; i < field; i++)
            if (entry.NameOf(i).SequenceEqual(entry.NameOf(field))) return true;
        return false;
    }

    private static int FindNext(JournalEntry entry, int field)
    {
        for (int i = field + 1; i < entry.Count; i++)
            if (entry.NameOf(i).SequenceEqual(entry.NameOf(field))) return i;
        return -1;
    }

    private static void WriteValue(JournalEntry entry, int field, ArrayBufferWriter<byte> json)
    {
        var value = entry.ValueOf(field);
        if (entry.IsDropped(field)) json.Write("null"u8);
        else if (IsText(value)) WriteText(value, json);
        else
        {
            json.Write("["u8);
            Span<byte> digits = stackalloc byte[4];
            for (int i = 0; i < value.Length; i++)
            {
                if (i > 0) json.Write(","u8);
                value[i].TryFormat(digits, out int length, default, CultureInfo.InvariantCulture);
                json.Write(digits[..length]);
            }

            json.Write("]"u8);
        }
    }

    private static void WriteText(ReadOnlySpan<byte> text, ArrayBufferWriter<byte> json)
    {
        json.Write("\""u8);
        while (text.IndexOfAny(Escaped) is >= 0 and var at)
        {
            json.Write(text[..at]);
            byte value = text[at];
            switch (value)
            {
                case (byte)'"': json.Write("\\\""u8); break;
                case (byte)'\\': json.Write("\\\\"u8); break;
                case (byte)'\n': json.Write("\\n"u8); break;
                case (byte)'\t': json.Write("\\t"u8); break;
                default: json.Write(Encoding.ASCII.GetBytes($"\\u{value:x4}")); break;
            }

            text = text[(at + 1)..];
        }

        json.Write(text);
        json.Write("\""u8);
    }

    private static readonly SearchValues<byte> Escaped = SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, 0x20).Select(code => (byte)code)]);
}

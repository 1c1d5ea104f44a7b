using System.Buffers;
using System.Globalization;
using System.Text;

namespace ProdOps.Logging.Formats;

/// <summary>Text of a log for a terminal: nothing in it can move the cursor, change colours, or turn the direction of what follows.</summary>
internal static class PlainText
{
    private static readonly SearchValues<char> Dangerous = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(code => code != '\t').Concat(Enumerable.Range(0x7F, 0x21)).Concat(Enumerable.Range(0x202A, 5)).Concat(Enumerable.Range(0x2066, 4)).Select(code => (char)code),
            '\u200E', '\u200F', '\u061C', '\u2028', '\u2029', '\uFEFF']);

    /// <summary>
    /// The text with its controls made visible: those of ASCII but the tab as their pictures (U+2400 and on), all others, and those that turn the direction of text, as <c>\x9B</c> or <c>\u202E</c>.
    /// </summary>
    public static string Neutralize(string text)
    {
        int at = text.AsSpan().IndexOfAny(Dangerous);
        if (at < 0) return text;
        var plain = new StringBuilder(text.Length + 16);
        int copied = 0;
        while (true)
        {
            plain.Append(text, copied, at - copied);
            Append(plain, text[at]);
            copied = at + 1;
            int next = text.AsSpan(copied).IndexOfAny(Dangerous);
            if (next < 0) break;
            at = copied + next;
        }

        return plain.Append(text, copied, text.Length - copied).ToString();
    }

    private static void Append(StringBuilder plain, char control)
    {
        if (control < 0x20) plain.Append((char)(0x2400 + control));
        else if (control == 0x7F) plain.Append('\u2421');
        else if (control < 0x100) plain.Append(CultureInfo.InvariantCulture, $"\\x{(int)control:X2}");
        else plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)control:X4}");
    }
}

using System.Buffers;
using System.Text;
using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Notifications;

/// <summary>Texts of servers as one harmless line: nothing in them ends a header, begins a line of its own, or turns the direction of what follows.</summary>
internal static class PlainLine
{
    private const int LongestAnswer = 200;

    // What Unicode has besides control characters: separators of lines, marks of direction, the byte order mark.
    private static readonly SearchValues<char> Invisible = SearchValues.Create("\u2028\u2029\u200E\u200F\u061C\uFEFF\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069");

    /// <summary>The text with a space in the place of each such character, and with an ellipsis where it is longer than the limit.</summary>
    /// <param name="text">The text.</param>
    /// <param name="limit">The longest that is kept, in UTF-16 code units.</param>
    public static string Of(string? text, int limit)
    {
        if (string.IsNullOrEmpty(text)) return "";
        var line = new StringBuilder(Math.Min(text.Length, limit) + 1);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            bool pair = char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            if (line.Length + (pair ? 2 : 1) > limit) return line.ToString().Trim() + "…";
            if (pair) line.Append(c).Append(text[++i]);
            else if (char.IsSurrogate(c)) line.Append('\uFFFD');
            else if (!char.IsControl(c) && !Invisible.Contains(c)) line.Append(c);
            else if (line.Length > 0 && line[^1] != ' ') line.Append(' ');
        }

        return line.ToString().Trim();
    }

    /// <summary>What the other side says, which may repeat what it was sent.</summary>
    public static string OfAnswer(string? text) => SecretRedactor.Shared.Redact(Of(text, LongestAnswer));
}

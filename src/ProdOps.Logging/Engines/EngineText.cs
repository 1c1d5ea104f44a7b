using System.Text;

namespace ProdOps.Logging.Engines;

/// <summary>An engine's own words, made fit for a message of ours: one line, not long, without what drives a terminal.</summary>
internal static class EngineText
{
    private const int Longest = 500;

    public static string Clean(string text)
    {
        var result = new StringBuilder(Math.Min(text.Length, Longest));
        foreach (var rune in text.EnumerateRunes())
        {
            if (result.Length >= Longest) return result.Append('…').ToString();
            // Format characters too: those that turn the direction of writing.
            bool isControl = Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator;
            if (!isControl) result.Append(rune);
            else if (result.Length > 0 && result[^1] != ' ') result.Append(' ');
        }

        return result.ToString().Trim();
    }
}

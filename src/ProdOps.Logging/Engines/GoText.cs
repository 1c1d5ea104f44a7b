using System.Globalization;
using System.Text;

namespace ProdOps.Logging.Engines;

/// <summary>Writes texts as Go's string literals, which both engines' query languages have.</summary>
internal static class GoText
{
    /// <summary>A text between double quotes. Nothing in it ends them.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 8).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '"' or '\\') quoted.Append('\\').Append((char)rune.Value);
            else if (rune.Value < 0x20 || rune.Value is >= 0x7F and < 0xA0 or 0x2028 or 0x2029 or 0xFEFF) quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else quoted.Append(rune.ToString());
        }

        return quoted.Append('"').ToString();
    }
}

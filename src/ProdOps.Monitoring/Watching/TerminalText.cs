using System.Globalization;
using System.Text;

namespace ProdOps.Monitoring.Watching;

/// <summary>Texts of servers in the cells of a screen: nothing in them drives a terminal, and each takes the cells that it is given, however wide its characters are.</summary>
internal static class TerminalText
{
    // What is double wide by Unicode's East Asian Width, W and F, in blocks; and pictures.
    private static readonly (int First, int Last)[] Wide =
    [
        (0x1100, 0x115F), (0x231A, 0x231B), (0x2329, 0x232A), (0x23E9, 0x23EC), (0x2E80, 0x303E), (0x3041, 0xA4CF), (0xA960, 0xA97F), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE30, 0xFE6F), (0xFF00, 0xFF60),
        (0xFFE0, 0xFFE6), (0x16FE0, 0x18DFF), (0x1AFF0, 0x1B2FF), (0x1F000, 0x1FAFF), (0x20000, 0x3FFFD),
    ];

    /// <summary>
    /// The text in so many cells: filled with blanks, or cut with an ellipsis. Control characters and separators of lines become blanks, one for several; marks that stand on others, turn the direction or
    /// are not seen are left out, since terminals do not agree on how wide they are; what has no meaning is a question mark.
    /// </summary>
    public static string Fit(string? text, int cells, bool toRight = false)
    {
        if (cells <= 0) return "";
        var fitted = new StringBuilder(cells);
        int used = 0, atEllipsis = 0, cut = 0;
        bool isCut = false;
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            if (Shown(rune) is not { } shown) continue;
            if (shown.Value == ' ' && (fitted.Length == 0 || fitted[^1] == ' ')) continue;
            int width = IsWide(shown) ? 2 : 1;
            if (used + width > cells)
            {
                isCut = shown.Value != ' ';
                if (isCut) break;
                continue;
            }

            fitted.Append(shown);
            used += width;
            // Where it is cut so that the ellipsis has a cell.
            if (used < cells) (cut, atEllipsis) = (fitted.Length, used);
        }

        if (isCut)
        {
            fitted.Length = cut;
            fitted.Append('…');
            used = atEllipsis + 1;
        }

        return toRight ? new string(' ', cells - used) + fitted : fitted.Append(' ', cells - used).ToString();
    }

    private static Rune? Shown(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator => new Rune(' '),
        UnicodeCategory.Format or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.SpacingCombiningMark => null,
        UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate => new Rune('?'),
        // A filler is a letter by its category, and seen by nobody.
        _ => rune.Value is 0x115F or 0x1160 or 0x3164 or 0xFFA0 ? null : rune,
    };

    private static bool IsWide(Rune rune)
    {
        if (rune.Value < Wide[0].First) return false;
        foreach (var (first, last) in Wide)
        {
            if (rune.Value <= last) return rune.Value >= first;
        }

        return false;
    }
}

using System.Text;
using ProdOps.Logging.Matching.Literals;

namespace ProdOps.Logging.Matching.Regular;

/// <summary>A character of a literal that is put together from an expression.</summary>
/// <param name="Value">The character; a letter of ASCII in lower case if either case will do.</param>
/// <param name="EitherCase">Either case of a letter of ASCII will do.</param>
/// <param name="Beyond">So will the one of <see cref="FoldedLetters"/> that is this letter.</param>
internal readonly record struct LiteralUnit(char Value, bool EitherCase, bool Beyond)
{
    /// <summary>The members of a set, or <see langword="null"/> if there are too many, or bytes that are no characters are among them.</summary>
    public static List<LiteralUnit>? MembersOf(CharSet set, int limit)
    {
        if (set.Contains('\ufffd')) return null;
        char[] members = [.. set.Members().Take(3 * limit + 1)];
        if (members.Length > 3 * limit) return null;
        var units = new List<LiteralUnit>();
        foreach (char member in members)
        {
            bool isLetter = char.IsAsciiLetter(member);
            char other = (char)(member ^ 0x20);
            if (isLetter && char.IsAsciiLetterLower(member) && set.Contains(other)) continue;
            if (isLetter && set.Contains(other)) units.Add(new LiteralUnit(other, true, set.Contains(BeyondOf(other))));
            // It is part of its letter if that is there in both cases.
            else if (member is '\u017f' or '\u212a' && AsciiOf(member) is var letter && set.Contains(letter) && set.Contains((char)(letter ^ 0x20))) continue;
            else units.Add(new LiteralUnit(member, false, false));
        }

        return units.Count <= limit ? units : null;
    }

    /// <summary>Makes the literals of which a text holds one that holds one of these.</summary>
    /// <param name="texts">What may stand there.</param>
    /// <param name="folding">Which characters beyond ASCII are letters of them.</param>
    /// <param name="isExact">Whether, the other way round, a text that holds one of the literals holds one of these.</param>
    /// <returns><see langword="null"/> if one of them cannot stand in any text.</returns>
    public static List<Literal>? ToLiterals(IReadOnlyList<LiteralUnit[]> texts, out LiteralFolding folding, out bool isExact)
    {
        folding = default;
        isExact = true;
        var (longS, noLongS, kelvinSign, noKelvinSign) = (false, false, false, false);
        var literals = new List<Literal>();
        foreach (var units in texts)
        {
            string text = string.Concat(units.Select(unit => unit.Value));
            bool eitherCase = Array.Exists(units, unit => unit.EitherCase);
            foreach (var unit in units)
            {
                if (eitherCase && !unit.EitherCase && char.IsAsciiLetter(unit.Value)) isExact = false;
                if (eitherCase && (unit.Value | 0x20) == 's') (longS, noLongS) = (longS | unit.Beyond, noLongS | !unit.Beyond);
                if (eitherCase && (unit.Value | 0x20) == 'k') (kelvinSign, noKelvinSign) = (kelvinSign | unit.Beyond, noKelvinSign | !unit.Beyond);
            }

            if (!IsWellFormed(text)) return null;
            var bytes = Encoding.UTF8.GetBytes(eitherCase ? ToLower(text) : text);
            if (!literals.Exists(known => known.IgnoreCase == eitherCase && known.Bytes.Span.SequenceEqual(bytes)))
                literals.Add(new Literal(bytes, eitherCase));
        }

        folding = new LiteralFolding(longS, kelvinSign);
        isExact &= !(longS && noLongS) && !(kelvinSign && noKelvinSign);
        return literals;
    }

    private static char BeyondOf(char letter) => letter switch { 's' => '\u017f', 'k' => '\u212a', _ => '\uffff' };

    private static char AsciiOf(char beyond) => beyond == '\u017f' ? 's' : 'k';

    private static string ToLower(string text) => string.Concat(text.Select(unit => char.IsAsciiLetterUpper(unit) ? (char)(unit | 0x20) : unit));

    private static bool IsWellFormed(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }

        return true;
    }
}

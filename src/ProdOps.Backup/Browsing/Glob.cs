using System.Text;

namespace ProdOps.Backup.Browsing;

/// <summary>
/// A pattern for one name, by the rules of Go's path/filepath.Match: <c>*</c>, <c>?</c>, <c>[a-z]</c>, <c>[^a-z]</c>, and a backslash before a character
/// that means itself.
/// </summary>
internal sealed class Glob
{
    private readonly Part[] _parts;

    private Glob(Part[] parts) => _parts = parts;

    private enum Kind { Literal, Any, Star, Set }

    public static bool IsWild(ReadOnlySpan<char> pattern) => pattern.ContainsAny(@"*?[\");

    /// <exception cref="ProdOpsException"><c>PatternInvalid</c></exception>
    public static Glob Parse(string pattern)
    {
        var parts = new List<Part>();
        Rune[] runes = [.. Decode(pattern)];
        for (int i = 0; i < runes.Length;)
        {
            switch (runes[i].Value)
            {
                case '*':
                    if (parts is not [.., { Kind: Kind.Star }]) parts.Add(new Part(Kind.Star));
                    i++;
                    break;
                case '?':
                    parts.Add(new Part(Kind.Any));
                    i++;
                    break;
                case '[':
                    parts.Add(ParseSet(pattern, runes, ref i));
                    break;
                default:
                    parts.Add(new Part(Kind.Literal, [(TakeRune(pattern, runes, ref i), default)]));
                    break;
            }
        }

        return new Glob([.. parts]);
    }

    public bool Matches(ReadOnlySpan<char> name)
    {
        // One level of going back is enough: a later star can always do what an earlier one could.
        int part = 0, starPart = -1;
        var rest = name;
        ReadOnlySpan<char> starRest = default;
        while (true)
        {
            if (part < _parts.Length && _parts[part].Kind == Kind.Star)
            {
                starPart = ++part;
                starRest = rest;
                continue;
            }

            if (rest.IsEmpty && part == _parts.Length) return true;
            if (!rest.IsEmpty && part < _parts.Length && _parts[part].Matches(First(rest, out int length)))
            {
                part++;
                rest = rest[length..];
                continue;
            }

            if (starPart < 0 || starRest.IsEmpty) return false;
            First(starRest, out int skipped);
            rest = starRest = starRest[skipped..];
            part = starPart;
        }
    }

    private static Part ParseSet(string pattern, Rune[] runes, ref int i)
    {
        bool negated = ++i < runes.Length && runes[i].Value == '^';
        if (negated) i++;
        var ranges = new List<(Rune, Rune)>();
        while (true)
        {
            if (i >= runes.Length) throw BackupErrors.PatternInvalid(pattern, "a [ has no ]");
            if (runes[i].Value == ']' && ranges.Count > 0) break;
            if (runes[i].Value is ']' or '-') throw BackupErrors.PatternInvalid(pattern, "a set in [ ] is malformed");
            var low = TakeRune(pattern, runes, ref i);
            var high = low;
            if (i < runes.Length && runes[i].Value == '-')
            {
                if (++i >= runes.Length || runes[i].Value is ']' or '-') throw BackupErrors.PatternInvalid(pattern, "a range in [ ] has no end");
                high = TakeRune(pattern, runes, ref i);
            }

            ranges.Add((low, high));
        }

        i++;
        return new Part(Kind.Set, [.. ranges], negated);
    }

    private static Rune TakeRune(string pattern, Rune[] runes, ref int i)
    {
        if (runes[i].Value == '\\' && ++i >= runes.Length) throw BackupErrors.PatternInvalid(pattern, "it ends with a backslash");
        return runes[i++];
    }

    private static IEnumerable<Rune> Decode(string text)
    {
        for (int i = 0; i < text.Length;)
        {
            yield return First(text.AsSpan(i), out int length);
            i += length;
        }
    }

    // A lone surrogate stands for a byte that is no UTF-8: Go, too, takes such a byte for one (replacement) character.
    private static Rune First(ReadOnlySpan<char> text, out int length)
    {
        Rune.DecodeFromUtf16(text, out var rune, out length);
        return rune;
    }

    private readonly record struct Part(Kind Kind, (Rune Low, Rune High)[]? Ranges = null, bool Negated = false)
    {
        public bool Matches(Rune rune) => Kind switch
        {
            Kind.Literal => Ranges![0].Low == rune,
            Kind.Set => Ranges!.Any(range => range.Low <= rune && rune <= range.High) != Negated,
            _ => true,
        };
    }
}

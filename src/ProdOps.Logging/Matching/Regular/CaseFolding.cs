namespace ProdOps.Logging.Matching.Regular;

/// <summary>Which characters are one where case does not matter.</summary>
internal sealed class CaseFolding
{
    private readonly Lazy<Dictionary<char, List<char>>> _groups;
    private readonly bool _longS;

    private CaseFolding(Func<char, char> fold, bool longS, params string[] more)
    {
        _longS = longS;
        _groups = new(() => Group(fold, more));
    }

    /// <summary>
    /// As .NET's regular expressions have it with CultureInvariant: what has the same lower case. Its table is newer than that of
    /// <see cref="char.ToLowerInvariant"/> by a few letters.
    /// </summary>
    public static CaseFolding Regex { get; } = new(char.ToLowerInvariant, longS: false,
        "\u019b\ua7dc", "\u0264\ua7cb", "\u1c89\u1c8a", "\ua7cc\ua7cd", "\ua7da\ua7db");

    /// <summary>As Unicode folds case one character by one: the micro sign is a mu, the long s an s.</summary>
    public static CaseFolding Text { get; } = new(unit => char.ToUpperInvariant(char.ToLowerInvariant(unit)), longS: true);

    /// <summary>Adds what is one with any character from the first to the last.</summary>
    public void AddEquivalents(CharSet set, char first, char last)
    {
        for (int unit = first; unit <= last; unit++)
        {
            if (unit >= 0x80)
            {
                if (_groups.Value.TryGetValue((char)unit, out var group)) group.ForEach(equivalent => set.Add(equivalent));
                continue;
            }

            if (!char.IsAsciiLetter((char)unit)) continue;
            set.Add((char)(unit ^ 0x20));
            if ((unit | 0x20) == 'k') set.Add('\u212a');
            if (_longS && (unit | 0x20) == 's') set.Add('\u017f');
        }
    }

    private static Dictionary<char, List<char>> Group(Func<char, char> fold, string[] more)
    {
        var byFold = new Dictionary<char, List<char>>();
        for (int unit = 0; unit < CharSet.Units; unit++)
        {
            char folded = fold((char)unit);
            if (!byFold.TryGetValue(folded, out var group)) byFold[folded] = group = [];
            group.Add((char)unit);
        }

        var groups = new Dictionary<char, List<char>>();
        foreach (var group in byFold.Values.Where(group => group.Count > 1).Concat(more.Select(pair => pair.ToList())))
        {
            foreach (char unit in group)
                groups[unit] = group;
        }

        return groups;
    }
}

using System.Globalization;

namespace ProdOps.Logging.Matching.Regular;

/// <summary>A set of UTF-16 code units, which are what .NET's regular expressions call characters: ranges in order that do not touch.</summary>
internal sealed class CharSet : IEquatable<CharSet>
{
    public const int Units = 1 << 16;

    private static readonly Lazy<CharSet> LazyWord = new(() => Where(unit => char.GetUnicodeCategory(unit)
        is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
        or UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation));

    private static readonly Lazy<CharSet> LazyBoundaryWord = new(() => new CharSet().Add(Word).Add('\u200c', '\u200d'));
    private static readonly Lazy<CharSet> LazyDigit = new(() => Where(unit => char.GetUnicodeCategory(unit) == UnicodeCategory.DecimalDigitNumber));
    private static readonly Lazy<CharSet> LazySpace = new(() => Where(char.IsWhiteSpace));

    private List<(int First, int Last)> _ranges = [];
    private volatile bool _isOrdered = true;

    /// <summary>\w, as .NET has it.</summary>
    public static CharSet Word => LazyWord.Value;

    /// <summary>What \b takes for part of a word: joiners too.</summary>
    public static CharSet BoundaryWord => LazyBoundaryWord.Value;

    /// <summary>\d.</summary>
    public static CharSet Digit => LazyDigit.Value;

    /// <summary>\s.</summary>
    public static CharSet Space => LazySpace.Value;

    /// <summary>Its ranges, in order.</summary>
    public IReadOnlyList<(int First, int Last)> Ranges => Ordered();

    public static CharSet Where(Func<char, bool> isMember)
    {
        var set = new CharSet();
        for (int unit = 0; unit < Units; unit++)
        {
            if (!isMember((char)unit)) continue;
            int first = unit;
            while (unit + 1 < Units && isMember((char)(unit + 1)))
                unit++;
            set._ranges.Add((first, unit));
        }

        return set;
    }

    public bool Contains(int unit)
    {
        var ranges = Ordered();
        var (low, high) = (0, ranges.Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (ranges[middle].Last < unit) low = middle + 1;
            else high = middle;
        }

        return low < ranges.Count && ranges[low].First <= unit;
    }

    public CharSet Add(char first, char last)
    {
        _isOrdered &= _ranges.Count == 0 || _ranges[^1].Last + 1 < first;
        _ranges.Add((first, last));
        return this;
    }

    public CharSet Add(char unit) => Add(unit, unit);

    public CharSet Add(CharSet other)
    {
        foreach (var (first, last) in other.Ordered())
            Add((char)first, (char)last);
        return this;
    }

    /// <summary>What is not in another set, as a new set.</summary>
    public CharSet Without(CharSet other)
    {
        var rest = new CharSet();
        var removed = other.Ordered();
        int next = 0;
        foreach (var (first, last) in Ordered())
        {
            int from = first;
            while (next < removed.Count && removed[next].Last < from)
                next++;
            for (int i = next; i < removed.Count && removed[i].First <= last && from <= last; i++)
            {
                if (removed[i].First > from) rest._ranges.Add((from, removed[i].First - 1));
                from = Math.Max(from, removed[i].Last + 1);
            }

            if (from <= last) rest._ranges.Add((from, last));
        }

        return rest;
    }

    /// <summary>All others, as a new set.</summary>
    public CharSet Inverse() => new CharSet().Add('\0', '\uffff').Without(this);

    /// <summary>Its members, in order.</summary>
    public IEnumerable<char> Members()
    {
        foreach (var (first, last) in Ordered())
        {
            for (int unit = first; unit <= last; unit++)
                yield return (char)unit;
        }
    }

    public bool Equals(CharSet? other)
    {
        if (ReferenceEquals(this, other)) return true;
        return other is not null && Ordered().SequenceEqual(other.Ordered());
    }

    public override bool Equals(object? obj) => Equals(obj as CharSet);

    public override int GetHashCode()
    {
        // The first range and the number of them tell nearly all apart.
        var ranges = Ordered();
        return HashCode.Combine(ranges.Count, ranges.Count > 0 ? ranges[0] : default);
    }

    private List<(int First, int Last)> Ordered()
    {
        if (_isOrdered) return _ranges;
        // Some sets are shared, and two threads may ask first: each makes a list of its own, and both are the same.
        List<(int First, int Last)> ranges = [.. _ranges];
        ranges.Sort();
        int count = 0;
        foreach (var (first, last) in ranges[1..])
        {
            if (first <= ranges[count].Last + 1) ranges[count] = (ranges[count].First, Math.Max(ranges[count].Last, last));
            else ranges[++count] = (first, last);
        }

        ranges.RemoveRange(count + 1, ranges.Count - count - 1);
        _ranges = ranges;
        _isOrdered = true;
        return ranges;
    }
}

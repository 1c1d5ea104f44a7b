using System.Globalization;
using System.Numerics;

namespace ProdOps.Logging.Matching.Regular;

/// <summary>A set of UTF-16 code units, which are what .NET's regular expressions call characters.</summary>
internal sealed class CharSet : IEquatable<CharSet>
{
    public const int Units = 1 << 16;

    private const int WordSize = 64;

    private static readonly Lazy<CharSet> LazyWord = new(() => Where(unit => char.GetUnicodeCategory(unit)
        is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
        or UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation));

    private static readonly Lazy<CharSet> LazyBoundaryWord = new(() => new CharSet().Add(Word).Add('\u200c', '\u200d'));
    private static readonly Lazy<CharSet> LazyDigit = new(() => Where(unit => char.GetUnicodeCategory(unit) == UnicodeCategory.DecimalDigitNumber));
    private static readonly Lazy<CharSet> LazySpace = new(() => Where(char.IsWhiteSpace));

    private readonly ulong[] _bits = new ulong[Units / WordSize];

    /// <summary>\w, as .NET has it.</summary>
    public static CharSet Word => LazyWord.Value;

    /// <summary>What \b takes for part of a word: joiners too.</summary>
    public static CharSet BoundaryWord => LazyBoundaryWord.Value;

    /// <summary>\d.</summary>
    public static CharSet Digit => LazyDigit.Value;

    /// <summary>\s.</summary>
    public static CharSet Space => LazySpace.Value;

    public int Count => _bits.Sum(BitOperations.PopCount);

    public static CharSet Where(Func<char, bool> isMember)
    {
        var set = new CharSet();
        for (int unit = 0; unit < Units; unit++)
        {
            if (isMember((char)unit)) set._bits[unit / WordSize] |= 1ul << unit;
        }

        return set;
    }

    public bool Contains(int unit) => (_bits[unit / WordSize] >> unit & 1) != 0;

    public CharSet Add(char first, char last)
    {
        for (int unit = first; unit <= last; unit++)
        {
            if (unit % WordSize == 0 && unit + WordSize - 1 <= last)
            {
                _bits[unit / WordSize] = ulong.MaxValue;
                unit += WordSize - 1;
            }
            else
            {
                _bits[unit / WordSize] |= 1ul << unit;
            }
        }

        return this;
    }

    public CharSet Add(char unit) => Add(unit, unit);

    public CharSet Add(CharSet other)
    {
        for (int i = 0; i < _bits.Length; i++)
            _bits[i] |= other._bits[i];
        return this;
    }

    public CharSet Remove(CharSet other)
    {
        for (int i = 0; i < _bits.Length; i++)
            _bits[i] &= ~other._bits[i];
        return this;
    }

    /// <summary>All others, as a new set.</summary>
    public CharSet Inverse()
    {
        var inverse = new CharSet();
        for (int i = 0; i < _bits.Length; i++)
            inverse._bits[i] = ~_bits[i];
        return inverse;
    }

    /// <summary>Its members, in order.</summary>
    public IEnumerable<char> Members()
    {
        for (int i = 0; i < _bits.Length; i++)
        {
            for (ulong rest = _bits[i]; rest != 0; rest &= rest - 1)
                yield return (char)(i * WordSize + BitOperations.TrailingZeroCount(rest));
        }
    }

    /// <summary>Marks each unit that differs from the one before it in being a member.</summary>
    public void MarkEdges(CharSet edges)
    {
        ulong before = 0;
        for (int i = 0; i < _bits.Length; i++)
        {
            edges._bits[i] |= _bits[i] ^ (_bits[i] << 1 | before);
            before = _bits[i] >> (WordSize - 1);
        }
    }

    public bool Equals(CharSet? other) => other is not null && _bits.AsSpan().SequenceEqual(other._bits);

    public override bool Equals(object? obj) => Equals(obj as CharSet);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        // ASCII tells most sets apart.
        hash.Add(_bits[0]);
        hash.Add(_bits[1]);
        hash.Add(_bits[2]);
        return hash.ToHashCode();
    }
}

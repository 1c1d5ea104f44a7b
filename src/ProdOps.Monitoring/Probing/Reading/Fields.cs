using System.Buffers;
using System.Globalization;

namespace ProdOps.Monitoring.Probing.Reading;

/// <summary>The words of a line, one after the other. A number is digits that fit into 64 bits; anything else is none.</summary>
internal ref struct Fields(ReadOnlySpan<char> line)
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    private ReadOnlySpan<char> _rest = line.Trim(" \t\r");

    /// <summary>What has not been taken yet.</summary>
    public readonly ReadOnlySpan<char> Rest => _rest;

    /// <summary>The next word; empty at the end.</summary>
    public ReadOnlySpan<char> Next()
    {
        int end = _rest.IndexOfAny(' ', '\t');
        var word = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? default : _rest[end..].TrimStart(" \t");
        return word;
    }

    public ulong? NextNumber() => Number(Next());

    public double? NextDecimal() => Decimal(Next());

    public Fields Skip(int words)
    {
        while (words-- > 0) Next();
        return this;
    }

    /// <summary>Takes as many numbers as there is room for.</summary>
    /// <returns><see langword="false"/> if one of them is none.</returns>
    public bool TryNumbers(scoped Span<ulong> numbers)
    {
        foreach (ref ulong number in numbers)
        {
            if (NextNumber() is not { } next) return false;
            number = next;
        }

        return true;
    }

    // The digits are looked at here as well: the framework's parser overlooks NULs behind a number, and takes NaN for one.
    public static ulong? Number(ReadOnlySpan<char> word) =>
        word.IndexOfAnyExceptInRange('0', '9') < 0 && ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : null;

    /// <summary>Digits with a point in them or not: neither a sign nor an exponent, neither NaN nor infinite.</summary>
    public static double? Decimal(ReadOnlySpan<char> word) =>
        word.Length is > 0 and <= 24 && !word.ContainsAnyExcept(Digits) && double.TryParse(word, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) ? number : null;

    /// <summary>A number of units; <see langword="null"/> as well if the product does not fit.</summary>
    public static ulong? Scaled(ulong? number, ulong unit) => number <= ulong.MaxValue / unit ? number * unit : null;
}

using System.Buffers;
using System.Globalization;
using ProdOps.Monitoring.Probing.Reading;

namespace ProdOps.Monitoring.Probing.Exporter;

/// <summary>A value of a series, in a line of the text format. It lives as long as the line does.</summary>
internal readonly ref struct TextSample
{
    private static readonly SearchValues<char> OfNumbers = SearchValues.Create("0123456789.eE+-");

    private readonly ReadOnlySpan<char> _labels;

    private TextSample(ReadOnlySpan<char> name, ReadOnlySpan<char> labels, double value)
    {
        Name = name;
        _labels = labels;
        Value = value;
    }

    public ReadOnlySpan<char> Name { get; }

    /// <summary>May be no number, or without bounds.</summary>
    public double Value { get; }

    /// <summary>Reads a line: a name, labels in braces or not, the value, maybe a time, maybe an exemplar (OpenMetrics 1.0). The last two must be right, and nothing is made of them.</summary>
    /// <returns>False if it is none of the format.</returns>
    public static bool TryParse(ReadOnlySpan<char> line, out TextSample sample)
    {
        sample = default;
        int length = NameLength(line, colons: true);
        var rest = line[length..];
        if (length == 0 || rest is not ([' ' or '\t' or '{', ..])) return false;
        var labels = ReadOnlySpan<char>.Empty;
        if (rest.TrimStart(" \t") is ['{', .. var inner])
        {
            labels = inner;
            if (!TryLabels(labels, out rest)) return false;
        }

        var fields = new Fields(rest);
        if (!TryNumber(fields.Next(), out double value)) return false;
        var next = fields.Next();
        if (next.Length > 0 && next is not "#")
        {
            if (!TryNumber(next, out _)) return false;
            next = fields.Next();
        }

        if (next.Length > 0 && (next is not "#" || !IsExemplar(fields.Rest))) return false;
        sample = new TextSample(line[..length], labels, value);
        return true;
    }

    /// <summary>A label's value as it stands there, escapes and all; empty without such a label.</summary>
    public ReadOnlySpan<char> Raw(ReadOnlySpan<char> label)
    {
        var labels = new TextLabels(_labels);
        while (_labels.Length > 0 && labels.MoveNext()) if (labels.Name.SequenceEqual(label)) return labels.Value;
        return default;
    }

    /// <summary>A label's value as it may be kept and shown; <see langword="null"/> without one.</summary>
    public string? Text(ReadOnlySpan<char> label) => Raw(label) is { Length: > 0 and <= 2 * Sections.MaximumName } raw ? Sections.Name(TextLabels.Decode(raw)) : null;

    /// <summary>How many characters at the beginning are a name; of a metric colons may be part of it.</summary>
    public static int NameLength(ReadOnlySpan<char> text, bool colons)
    {
        int length = 0;
        while (length < text.Length && (text[length] == '_' || char.IsAsciiLetter(text[length]) || (colons && text[length] == ':') || (length > 0 && char.IsAsciiDigit(text[length])))) length++;
        return length;
    }

    private static bool TryLabels(ReadOnlySpan<char> text, out ReadOnlySpan<char> rest)
    {
        var labels = new TextLabels(text);
        while (labels.MoveNext())
        {
        }

        rest = labels.Rest;
        return !labels.IsBroken;
    }

    /// <summary><c>{trace_id="4bf9"} 0.67 1520879607.789</c>.</summary>
    private static bool IsExemplar(ReadOnlySpan<char> text)
    {
        if (text is not ['{', .. var inner] || !TryLabels(inner, out var rest)) return false;
        var fields = new Fields(rest);
        return TryNumber(fields.Next(), out _) && (fields.Rest.Length == 0 || (TryNumber(fields.Next(), out _) && fields.Rest.Length == 0));
    }

    /// <summary>As Go writes it. The framework's parser takes more: white space, NULs behind a number, signs of other countries.</summary>
    private static bool TryNumber(ReadOnlySpan<char> word, out double number)
    {
        if (word.Length is > 0 and <= 64 && !word.ContainsAnyExcept(OfNumbers)) return double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
        var unsigned = word is ['+' or '-', .. var behind] ? behind : word;
        bool infinite = unsigned.Equals("Inf", StringComparison.OrdinalIgnoreCase) || unsigned.Equals("Infinity", StringComparison.OrdinalIgnoreCase);
        number = !infinite ? double.NaN : word[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        return infinite || word.Equals("NaN", StringComparison.OrdinalIgnoreCase);
    }
}

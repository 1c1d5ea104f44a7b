using System.Text;
using ProdOps.Logging.Matching;

namespace ProdOps.Logging.Tests.Matching;

/// <summary>Asks a matcher for its lines as a search does, and in each other way it can be asked.</summary>
internal static class MatchedLines
{
    /// <summary>The numbers of the lines that match.</summary>
    public static List<int> Of(LineMatcher matcher, ReadOnlySpan<byte> lines)
    {
        var found = new List<int>();
        int start = 0;
        int number = 0;
        int counted = 0;
        while (matcher.TryFind(lines, start, out int lineStart, out int lineLength))
        {
            Assert.True(lineStart >= start);
            Assert.True(lineStart == 0 || lines[lineStart - 1] == '\n');
            Assert.True(lineStart + lineLength == lines.Length || lines[lineStart + lineLength] == '\n');
            number += lines[counted..lineStart].Count((byte)'\n');
            counted = lineStart;
            found.Add(number);
            start = lineStart + lineLength + 1;
            if (start >= lines.Length) break;
        }

        return found;
    }

    /// <summary>The numbers of the lines that match, asked one by one.</summary>
    public static List<int> OneByOne(LineMatcher matcher, ReadOnlySpan<byte> lines)
    {
        var found = new List<int>();
        for (int start = 0, number = 0; start < lines.Length; number++)
        {
            int length = Lines.LengthAt(lines, start);
            if (matcher.IsMatch(lines.Slice(start, length))) found.Add(number);
            start += length + 1;
        }

        return found;
    }

    public static List<int> Of(LineMatcher matcher, string text) => Of(matcher, Encoding.UTF8.GetBytes(text));

    /// <summary>Whether a matching line holds what is said to be required.</summary>
    public static bool HoldsRequired(LineMatcher matcher, ReadOnlySpan<byte> line)
    {
        foreach (var group in matcher.Required.Groups)
        {
            bool holds = false;
            foreach (var literal in group)
                holds |= Holds(line, literal);
            if (!holds) return false;
        }

        return true;
    }

    private static bool Holds(ReadOnlySpan<byte> line, Literal literal)
    {
        for (int at = 0; at <= line.Length - literal.Bytes.Length; at++)
        {
            var part = line.Slice(at, literal.Bytes.Length);
            if (literal.IgnoreCase ? Ascii.EqualsIgnoreCase(part, literal.Bytes.Span) || EqualBytes(part, literal) : part.SequenceEqual(literal.Bytes.Span)) return true;
        }

        return false;
    }

    /// <summary>Like <see cref="Ascii.EqualsIgnoreCase(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>, which finds nothing equal that is not ASCII.</summary>
    private static bool EqualBytes(ReadOnlySpan<byte> part, Literal literal)
    {
        for (int i = 0; i < part.Length; i++)
        {
            byte lower = char.IsAsciiLetterUpper((char)part[i]) ? (byte)(part[i] | 0x20) : part[i];
            if (lower != literal.Bytes.Span[i]) return false;
        }

        return true;
    }
}

using System.Buffers;
using System.Text;

namespace ProdOps.Servers.Commands;

/// <summary>The one place where text becomes a word of a POSIX shell's command line (XCU 2.2.2: within single quotes nothing is special).</summary>
internal static class ShellQuote
{
    private static readonly SearchValues<char> Plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,");

    /// <summary>The text as one word, whatever it holds.</summary>
    /// <exception cref="ArgumentException">It holds a NUL, which no argument can carry.</exception>
    public static string Word(string text)
    {
        if (text.Contains('\0')) throw new ArgumentException("A command line cannot hold a NUL character.", nameof(text));
        return text.Length > 0 && !text.AsSpan().ContainsAnyExcept(Plain) ? text : $"'{text.Replace("'", "'\\''")}'";
    }

    /// <summary>A path with wildcards as one word, which the shell expands: <c>*</c>, <c>?</c> and sets such as <c>[a-c]</c> stay what they are, all else is taken as it is.</summary>
    /// <exception cref="ArgumentException">It holds a NUL, which no argument can carry.</exception>
    public static string Pattern(string text)
    {
        var word = new StringBuilder();
        int literal = 0;
        for (int i = 0; i < text.Length; i++)
        {
            int length = text[i] is '*' or '?' ? 1 : text[i] == '[' ? SetLength(text.AsSpan(i)) : 0;
            if (length == 0) continue;
            if (i > literal) word.Append(Word(text[literal..i]));
            word.Append(text, i, length);
            i += length - 1;
            literal = i + 1;
        }

        return literal < text.Length || word.Length == 0 ? word.Append(Word(text[literal..])).ToString() : word.ToString();
    }

    /// <summary>The length of a set of letters, digits and marks that mean nothing to a shell; 0 for any other bracket, which is taken as it is.</summary>
    private static int SetLength(ReadOnlySpan<char> text)
    {
        int end = text.IndexOf(']');
        return end > 1 && !text[1..end].ContainsAnyExcept(OfSets) ? end + 1 : 0;
    }

    private static readonly SearchValues<char> OfSets = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.,:@%+!^");

    /// <summary>The texts as words with a space between each.</summary>
    public static string Words(params IEnumerable<string> texts) => string.Join(' ', texts.Select(Word));

    /// <summary>What stands between the single quotes. <paramref name="destination"/> has room for four times the text.</summary>
    /// <returns>How many characters were written.</returns>
    public static int EscapeWithin(ReadOnlySpan<char> text, Span<char> destination)
    {
        int length = 0;
        foreach (char c in text)
        {
            if (c != '\'') destination[length++] = c;
            else
            {
                "'\\''".CopyTo(destination[length..]);
                length += 4;
            }
        }

        return length;
    }
}

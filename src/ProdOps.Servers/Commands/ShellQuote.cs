using System.Buffers;

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

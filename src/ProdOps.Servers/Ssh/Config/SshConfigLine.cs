using System.Text;

namespace ProdOps.Servers.Ssh.Config;

/// <summary>A line of ssh_config, split as OpenSSH splits it (readconf.c; misc.c's strdelim and argv_split).</summary>
/// <param name="Keyword">The keyword in lower case.</param>
/// <param name="Arguments">The words after it without their quotes; a comment ends them.</param>
/// <param name="Rest">All that follows the keyword as it is written: what commands and ProxyJump take.</param>
internal sealed record SshConfigLine(string Keyword, IReadOnlyList<string> Arguments, string Rest)
{
    private const string Blanks = " \t\r\n";

    /// <summary>Splits a line. <see langword="null"/> for one that says nothing; a problem's text where OpenSSH refuses it.</summary>
    public static SshConfigLine? Parse(string line, out string? problem)
    {
        problem = null;
        string? rest = line.Length == 0 ? line : line[..1] + line[1..].TrimEnd(' ', '\t', '\r', '\n', '\f');
        // C strings end at a NUL, and so does what OpenSSH reads of such a line.
        int end = rest.IndexOf('\0');
        if (end >= 0) rest = rest[..end];
        string? keyword = NextWord(ref rest);
        if (keyword is "") keyword = NextWord(ref rest);
        if (string.IsNullOrEmpty(keyword) || keyword[0] is '#') return null;
        keyword = SshPattern.AsciiLower(keyword);
        rest = rest?.TrimStart(' ', '\t', '\r', '\n');
        if (string.IsNullOrEmpty(rest))
        {
            problem = $"the keyword '{keyword}' has no argument";
            return null;
        }

        if (SplitWords(rest) is { } words) return new(keyword, words, rest);
        problem = "a quote is not closed";
        return null;
    }

    /// <summary>The words of a text: blanks separate, both quotes keep blanks, a backslash keeps a quote, a backslash or an unquoted space.</summary>
    /// <returns><see langword="null"/> when a quote is not closed.</returns>
    public static IReadOnlyList<string>? SplitWords(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is ' ' or '\t') continue;
            if (text[i] == '#') break;
            char quote = '\0';
            word.Clear();
            for (; i < text.Length; i++)
            {
                char c = text[i];
                if (c == '\\' && i + 1 < text.Length && (text[i + 1] is '\'' or '"' or '\\' || (quote == '\0' && text[i + 1] == ' '))) word.Append(text[++i]);
                else if (quote == '\0' && c is (' ' or '\t')) break;
                else if (quote == '\0' && c is ('"' or '\'')) quote = c;
                else if (quote != '\0' && c == quote) quote = '\0';
                else word.Append(c);
            }

            if (quote != '\0') return null;
            words.Add(word.ToString());
        }

        return words;
    }

    /// <summary>The next word up to a blank or one <c>=</c>. A quote may begin anywhere in it; one that is not closed makes the line say nothing.</summary>
    private static string? NextWord(ref string? text)
    {
        if (text is null) return null;
        int end = text.AsSpan().IndexOfAny(Blanks + "\"=");
        string word;
        if (end < 0)
        {
            word = text;
            text = null;
            return word;
        }

        if (text[end] == '"')
        {
            int close = text.IndexOf('"', end + 1);
            word = close < 0 ? "" : text[..end] + text[(end + 1)..close];
            text = close < 0 ? null : text[(close + 1)..].TrimStart(' ', '\t', '\r', '\n');
            return close < 0 ? null : word;
        }

        bool hadEquals = text[end] == '=';
        word = text[..end];
        text = text[(end + 1)..].TrimStart(' ', '\t', '\r', '\n');
        if (!hadEquals && text is ['=', ..]) text = text[1..].TrimStart(' ', '\t', '\r', '\n');
        return word;
    }
}

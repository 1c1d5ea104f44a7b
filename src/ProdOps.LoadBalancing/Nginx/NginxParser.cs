using System.Text;

namespace ProdOps.LoadBalancing.Nginx;

/// <summary>
/// Reads configurations of nginx as its own reader splits them (ngx_conf_read_token of ngx_conf_file.c), with the place of each word, so that one word can be changed and nothing else. What is not whole is read as far as it
/// goes.
/// </summary>
internal static class NginxParser
{
    private const int Deepest = 100;

    /// <summary>Reads a text.</summary>
    public static IReadOnlyList<NginxDirective> Parse(string text)
    {
        var root = new List<NginxDirective>();
        var open = new Stack<List<NginxDirective>>([root]);
        var words = new List<NginxWord>();
        int at = 0;
        while (at < text.Length)
        {
            char c = text[at];
            if (IsSpace(c)) at++;
            else if (c == '#') at = EndOfLine(text, at);
            else if (c == ';')
            {
                Add(open.Peek(), words, []);
                at++;
            }
            else if (c == '{')
            {
                at++;
                bool isCode = words is [{ Text: var name }, ..] && name.EndsWith("_by_lua_block", StringComparison.Ordinal);
                var block = new List<NginxDirective>();
                Add(open.Peek(), words, block);
                if (isCode) at = EndOfCode(text, at);
                else if (open.Count <= Deepest) open.Push(block);
            }
            else if (c == '}')
            {
                // Words without an end are no directive.
                words.Clear();
                if (open.Count > 1) open.Pop();
                at++;
            }
            else words.Add(ReadWord(text, ref at));
        }

        return root;
    }

    private static void Add(List<NginxDirective> directives, List<NginxWord> words, List<NginxDirective> block)
    {
        if (words.Count > 0) directives.Add(new NginxDirective([.. words], block));
        words.Clear();
    }

    private static NginxWord ReadWord(string text, ref int at)
    {
        int start = at;
        var word = new StringBuilder();
        char quote = text[at] is '"' or '\'' ? text[at++] : '\0';
        bool variable = false;
        while (at < text.Length)
        {
            char c = text[at];
            if (c == '\\' && at + 1 < text.Length)
            {
                word.Append(Unescape(text[at + 1]));
                at += 2;
                variable = false;
                continue;
            }

            if (quote != '\0' ? c == quote : IsSpace(c) || c == ';' || (c == '{' && !variable)) break;
            variable = c == '$';
            word.Append(c);
            at++;
        }

        if (quote != '\0' && at < text.Length) at++;
        return new NginxWord(word.ToString(), start, at);
    }

    private static string Unescape(char c) => c switch
    {
        '"' or '\'' or '\\' => c.ToString(),
        't' => "\t",
        'r' => "\r",
        'n' => "\n",
        _ => $"\\{c}",
    };

    /// <summary>The end of a block of Lua, whose braces count but in strings and comments.</summary>
    private static int EndOfCode(string text, int at)
    {
        for (int depth = 1; at < text.Length; at++)
        {
            char c = text[at];
            if (c == '{') depth++;
            else if (c == '}' && --depth == 0) return at + 1;
            else if (c == '-' && at + 1 < text.Length && text[at + 1] == '-') at = EndOfLine(text, at) - 1;
            else if (c is '"' or '\'')
            {
                for (at++; at < text.Length && text[at] != c && text[at] != '\n'; at++)
                    if (text[at] == '\\') at++;
            }
        }

        return text.Length;
    }

    private static int EndOfLine(string text, int at)
    {
        int end = text.IndexOf('\n', at);
        return end < 0 ? text.Length : end;
    }

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n';
}

/// <summary>A directive, with the directives in its braces.</summary>
/// <param name="Words">Its name and its arguments.</param>
/// <param name="Block">What stands in its braces; empty without any.</param>
internal sealed record NginxDirective(IReadOnlyList<NginxWord> Words, IReadOnlyList<NginxDirective> Block)
{
    public string Name => Words[0].Text;
}

/// <summary>A word, and where it stands, quotes included.</summary>
internal readonly record struct NginxWord(string Text, int Start, int End);

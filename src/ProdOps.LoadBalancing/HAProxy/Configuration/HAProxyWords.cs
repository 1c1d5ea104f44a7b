using System.Text;

namespace ProdOps.LoadBalancing.HAProxy.Configuration;

/// <summary>
/// Cuts a line of HAProxy's configuration into words (Configuration Manual, section 2.2): a backslash takes the next character as it is, double quotes keep blanks and let
/// variables through, single quotes keep everything, a <c>#</c> begins a comment. Variables stay as they are written: their values are the process's alone.
/// </summary>
internal static class HAProxyWords
{
    private const int MostWords = 256;

    public static IReadOnlyList<string> Split(ReadOnlySpan<char> line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool began = false;
        char quote = '\0';
        for (int i = 0; i < line.Length && words.Count < MostWords; i++)
        {
            char c = line[i];
            if (c == '\\' && quote != '\'' && i + 1 < line.Length)
            {
                char next = line[++i];
                // Within double quotes a backslash is taken off before what means something there alone.
                if (quote == '"' && next is not ('"' or '\\' or '$' or '\'')) word.Append(c);
                word.Append(next switch { 'n' when quote == 0 => '\n', 'r' when quote == 0 => '\r', 't' when quote == 0 => '\t', _ => next });
                began = true;
            }
            else if (quote != 0)
            {
                if (c == quote) quote = '\0';
                else word.Append(c);
            }
            else if (c is '"' or '\'')
            {
                quote = c;
                began = true;
            }
            else if (c == '#')
            {
                break;
            }
            else if (char.IsWhiteSpace(c))
            {
                if (began) End();
            }
            else
            {
                word.Append(c);
                began = true;
            }
        }

        if (began && words.Count < MostWords) End();
        return words;

        void End()
        {
            words.Add(word.ToString());
            word.Clear();
            began = false;
        }
    }
}

namespace ProdOps.Servers.Inventory;

/// <summary>Lines that an admin puts into a rendered configuration: whether they stay where they are put.</summary>
internal static class BalancerLines
{
    // HAProxy's configuration manual, chapters 2.4 (directives begin with a dot) and 3, 4: what begins a section.
    private static readonly string[] Sections =
    [
        "global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "userlist", "mailers", "cache", "program", "ring", "http-errors", "fcgi-app", "log-forward", "log-profile",
        "crt-store", "traces", "acme", "healthcheck", "dynamic-update",
    ];

    /// <summary>True for a line with which HAProxy would begin another section, read another file or pass lines over.</summary>
    public static bool LeavesSection(string line)
    {
        // Quotes and escapes within a word are no part of it: "ba"ckend is backend.
        string[] words = line.Trim().Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries);
        string word = words[0].Replace("\"", "", StringComparison.Ordinal).Replace("'", "", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal);
        return word.StartsWith('.') || word.Contains('$') || Sections.Contains(word, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>True if all braces and quotes that nginx' lines open are closed by them, and none that they did not open.</summary>
    public static bool StaysWithinBraces(IEnumerable<string> lines)
    {
        int depth = 0;
        char quote = '\0';
        bool ended = true;
        foreach (string line in lines)
        {
            bool comment = false;
            for (int i = 0; i < line.Length && !comment; i++)
            {
                char c = line[i];
                if (c == '\\') i++;
                else if (quote != '\0') quote = c == quote ? '\0' : quote;
                else if (c is '"' or '\'') quote = c;
                else if (c == '{') depth++;
                else if (c == '}' && --depth < 0) return false;
                // nginx begins a comment only where a word would begin.
                else if (c == '#' && (i == 0 || char.IsWhiteSpace(line[i - 1]) || line[i - 1] is ';' or '{' or '}')) comment = true;
                if (!comment && !char.IsWhiteSpace(c)) ended = c is ';' or '}' && quote == '\0';
            }
        }

        // What has no end would take the next line, which is ours, for its own.
        return depth == 0 && quote == '\0' && ended;
    }
}

namespace ProdOps.Servers.Ssh.Config;

/// <summary>OpenSSH's patterns (ssh_config(5), PATTERNS): <c>*</c>, <c>?</c>, and comma-separated lists with <c>!</c> for "but not".</summary>
internal static class SshPattern
{
    /// <summary>Whether the whole text matches. Case counts. It takes time in proportion to both lengths, whatever the pattern.</summary>
    public static bool Matches(ReadOnlySpan<char> text, ReadOnlySpan<char> pattern)
    {
        int t = 0, p = 0, star = -1, resume = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = t;
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == text[t]))
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++resume;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }

    /// <summary>Whether one of a comma-separated list matches and none with a <c>!</c> does. <paramref name="lowerCase"/> lowers the list, not the text.</summary>
    public static bool MatchesList(ReadOnlySpan<char> text, string list, bool lowerCase = false)
    {
        if (lowerCase) list = AsciiLower(list);
        bool found = false;
        foreach (var range in list.AsSpan().Split(','))
        {
            var pattern = list.AsSpan()[range];
            bool negated = pattern is ['!', ..];
            if (negated) pattern = pattern[1..];
            if (!Matches(text, pattern)) continue;
            if (negated) return false;
            found = true;
        }

        return found;
    }

    /// <summary>Host names are compared without regard to case.</summary>
    public static bool MatchesHost(string host, string list) => MatchesList(AsciiLower(host), list, lowerCase: true);

    /// <summary>Lower case for A to Z alone, as C's tolower does in the locale that ssh runs in.</summary>
    public static string AsciiLower(string text) =>
        text.AsSpan().ContainsAnyInRange('A', 'Z') ? string.Create(text.Length, text, static (to, from) =>
        {
            for (int i = 0; i < to.Length; i++) to[i] = char.IsAsciiLetterUpper(from[i]) ? (char)(from[i] | 0x20) : from[i];
        }) : text;
}

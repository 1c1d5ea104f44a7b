namespace ProdOps.Logging.Collecting.Files;

/// <summary>The shell's wildcards over full paths (XCU 2.13): <c>*</c>, <c>?</c> and <c>[a-c]</c>, none of which fits a slash, nor a dot at a name's beginning.</summary>
internal static class GlobPattern
{
    public static bool IsMatch(ReadOnlySpan<char> pattern, ReadOnlySpan<char> path)
    {
        // On a mismatch the last star takes one character more: no recursion, no exponential time.
        int p = 0, n = 0, star = -1, retry = 0;
        while (n < path.Length)
        {
            bool isHidden = path[n] == '.' && (n == 0 || path[n - 1] == '/');
            if (p < pattern.Length && pattern[p] == '*' && !isHidden)
            {
                star = p++;
                retry = n;
            }
            else if (p < pattern.Length && MatchesOne(pattern, p, path[n], isHidden, out int next))
            {
                p = next;
                n++;
            }
            else if (star >= 0 && path[retry] != '/')
            {
                p = star + 1;
                n = ++retry;
            }
            else return false;
        }

        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }

    private static bool MatchesOne(ReadOnlySpan<char> pattern, int p, char c, bool isHidden, out int next)
    {
        next = p + 1;
        switch (pattern[p])
        {
            case '?': return c != '/' && !isHidden;
            case '\\' when p + 1 < pattern.Length:
                next = p + 2;
                return pattern[p + 1] == c;
            case '[' when EndOfSet(pattern, p) is > 0 and var end:
                next = end + 1;
                return c != '/' && !isHidden && IsInSet(pattern[(p + 1)..end], c);
            default: return pattern[p] == c;
        }
    }

    /// <summary>Where the bracket that closes a set is; a closing one that comes first is a member.</summary>
    public static int EndOfSet(ReadOnlySpan<char> pattern, int start)
    {
        int at = start + 1;
        if (at < pattern.Length && pattern[at] is '!' or '^') at++;
        int end = at + 1 < pattern.Length ? pattern[(at + 1)..].IndexOf(']') : -1;
        return end < 0 ? -1 : at + 1 + end;
    }

    private static bool IsInSet(ReadOnlySpan<char> set, char c)
    {
        bool isNegated = set is ['!' or '^', ..];
        if (isNegated) set = set[1..];
        bool isIn = false;
        for (int i = 0; i < set.Length; i++)
        {
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                isIn |= c >= set[i] && c <= set[i + 2];
                i += 2;
            }
            else isIn |= set[i] == c;
        }

        return isIn != isNegated;
    }
}

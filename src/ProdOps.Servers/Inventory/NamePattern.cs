namespace ProdOps.Servers.Inventory;

/// <summary>PowerShell's wildcards over names: <c>*</c>, <c>?</c> and <c>[a-c]</c>; case does not count.</summary>
internal static class NamePattern
{
    public static bool HasWildcards(string text) => text.AsSpan().ContainsAny('*', '?', '[');

    /// <summary>True if the whole name fits, or is the text itself: a server of a pool may be called by its address, [2001:db8::1]:8080.</summary>
    public static bool IsMatchOrSame(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name) => pattern.Equals(name, StringComparison.OrdinalIgnoreCase) || IsMatch(pattern, name);

    /// <summary>True if the whole name fits. A bracket that is never closed stands for itself.</summary>
    public static bool IsMatch(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        // On a mismatch the last star takes one character more: no recursion, no exponential time.
        int p = 0, n = 0;
        int star = -1, retry = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                retry = n;
            }
            else if (p < pattern.Length && MatchesOne(pattern, p, name[n], out int next))
            {
                p = next;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++retry;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }

    private static bool MatchesOne(ReadOnlySpan<char> pattern, int p, char c, out int next)
    {
        next = p + 1;
        if (pattern[p] == '?') return true;
        int length = pattern[p] == '[' ? pattern[(p + 1)..].IndexOf(']') : -1;
        if (length <= 0) return Upper(pattern[p]) == Upper(c);
        next = p + length + 2;
        var set = pattern.Slice(p + 1, length);
        for (int i = 0; i < set.Length; i++)
        {
            bool range = i + 2 < set.Length && set[i + 1] == '-';
            if (range ? Upper(c) >= Upper(set[i]) && Upper(c) <= Upper(set[i + 2]) : Upper(set[i]) == Upper(c)) return true;
            if (range) i += 2;
        }

        return false;
    }

    private static char Upper(char c) => char.ToUpperInvariant(c);
}

namespace ProdOps.Servers.Ssh.Config;

/// <summary>glob(3), as far as Include needs it: <c>*</c>, <c>?</c> and <c>[…]</c> within one name; hidden files only where the pattern begins with a dot.</summary>
internal static class SshGlob
{
    /// <summary>The paths that match, sorted as bytes.</summary>
    public static IReadOnlyList<string> Expand(string pattern)
    {
        if (!HasWildcard(pattern)) return File.Exists(Unescape(pattern)) ? [Unescape(pattern)] : [];
        string root = Path.GetPathRoot(pattern) is { Length: > 0 } start ? start : "";
        IEnumerable<string> found = [root];
        var parts = pattern[root.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < parts.Length; i++)
        {
            string part = parts[i];
            bool last = i == parts.Length - 1;
            found = found.SelectMany(folder => Step(folder, part, last));
        }

        return [.. found.Order(StringComparer.Ordinal)];
    }

    /// <summary>Whether a name matches one part of a pattern.</summary>
    public static bool Matches(ReadOnlySpan<char> name, ReadOnlySpan<char> pattern)
    {
        if (name is ['.', ..] && pattern is not ['.', ..]) return false;
        int n = 0, p = 0, star = -1, resume = 0;
        while (n < name.Length)
        {
            int next = p;
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = n;
            }
            else if (p < pattern.Length && MatchesOne(name[n], pattern, ref next))
            {
                p = next;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++resume;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }

    private static IEnumerable<string> Step(string folder, string part, bool last)
    {
        if (!HasWildcard(part))
        {
            string path = Join(folder, Unescape(part));
            return (last ? File.Exists(path) : Directory.Exists(path)) ? [path] : [];
        }

        try
        {
            var entries = last ? Directory.EnumerateFiles(folder.Length == 0 ? "." : folder) : Directory.EnumerateDirectories(folder.Length == 0 ? "." : folder);
            return [.. entries.Select(entry => Path.GetFileName(entry)).Where(name => Matches(name, part)).Select(name => Join(folder, name))];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string Join(string folder, string name) => folder.Length == 0 || folder[^1] is '/' or '\\' ? folder + name : $"{folder}/{name}";

    private static bool HasWildcard(string pattern) => pattern.AsSpan().ContainsAny('*', '?', '[');

    private static string Unescape(string text) => OperatingSystem.IsWindows() || !text.Contains('\\') ? text : RemoveBackslashes(text);

    private static string RemoveBackslashes(string text)
    {
        var kept = new System.Text.StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length) i++;
            kept.Append(text[i]);
        }

        return kept.ToString();
    }

    private static bool MatchesOne(char c, ReadOnlySpan<char> pattern, ref int p)
    {
        switch (pattern[p])
        {
            case '?':
                p++;
                return true;
            case '\\' when p + 1 < pattern.Length:
                p += 2;
                return pattern[p - 1] == c;
            case '[' when pattern[(p + 1)..].IndexOf(']') is var close and >= 0:
                return MatchesSet(c, pattern, close + p + 1, ref p);
            default:
                return pattern[p++] == c;
        }
    }

    private static bool MatchesSet(char c, ReadOnlySpan<char> pattern, int close, ref int p)
    {
        int i = p + 1;
        bool negated = pattern[i] is '!' or '^';
        if (negated) i++;
        if (i == close && pattern[(close + 1)..].IndexOf(']') is var later and >= 0) close += later + 1;
        bool found = false;
        for (; i < close; i++)
        {
            if (i + 2 < close && pattern[i + 1] == '-')
            {
                found |= c >= pattern[i] && c <= pattern[i + 2];
                i += 2;
            }
            else
            {
                found |= pattern[i] == c;
            }
        }

        p = close + 1;
        return found != negated;
    }
}

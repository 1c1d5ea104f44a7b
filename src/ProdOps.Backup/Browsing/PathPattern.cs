namespace ProdOps.Backup.Browsing;

/// <summary>
/// A pattern for paths by restic's rules (internal/filter): its names are matched one by one; with a leading <c>/</c> from the root, else
/// anywhere; <c>**</c> stands for any number of names; what is below a match matches too.
/// </summary>
internal sealed class PathPattern
{
    private readonly Glob?[] _names;
    private readonly bool _rooted;

    /// <exception cref="ProdOpsException"><c>PatternInvalid</c></exception>
    public PathPattern(string pattern, bool ignoreCase)
    {
        if (pattern.Length == 0) throw BackupErrors.PatternInvalid(pattern, "it is empty");
        _rooted = pattern[0] == '/';
        string[] names = PathSegments.Split(ignoreCase ? pattern.ToLowerInvariant() : pattern);
        // A run of ** is one.
        _names = [.. names.Where((name, i) => name != "**" || i == 0 || names[i - 1] != "**").Select(name => name == "**" ? null : Glob.Parse(name))];
    }

    /// <summary>Whether a path matches depends on its folders' names, too.</summary>
    public bool DependsOnFolders => _rooted || _names.Length != 1;

    /// <param name="names">The path's names, in lower case if the pattern ignores case.</param>
    public bool Matches(ReadOnlySpan<string> names)
    {
        if (_rooted) return MatchesPrefix(_names, names, ended: false);
        for (int start = 0; start < names.Length; start++)
        {
            if (MatchesPrefix(_names, names[start..], ended: false)) return true;
        }

        return false;
    }

    /// <summary>Whether something below a folder may match.</summary>
    public bool MayMatchBelow(ReadOnlySpan<string> names) => !_rooted || MatchesPrefix(_names, names, ended: true);

    /// <param name="pattern">What is left of the pattern.</param>
    /// <param name="names">What is left of the path.</param>
    /// <param name="ended">Whether a path that ends before the pattern will do.</param>
    private static bool MatchesPrefix(ReadOnlySpan<Glob?> pattern, ReadOnlySpan<string> names, bool ended)
    {
        while (!pattern.IsEmpty)
        {
            if (names.IsEmpty && ended) return true;
            if (pattern[0] is not { } glob)
            {
                for (int skipped = 0; skipped <= names.Length; skipped++)
                {
                    if (MatchesPrefix(pattern[1..], names[skipped..], ended)) return true;
                }

                return false;
            }

            if (names.IsEmpty || !glob.Matches(names[0])) return false;
            pattern = pattern[1..];
            names = names[1..];
        }

        return true;
    }
}

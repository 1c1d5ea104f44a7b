namespace ProdOps.Servers.Inventory;

/// <summary>Paths with wildcards in any of their parts.</summary>
internal static class FilePattern
{
    public static bool HasWildcards(string pattern) => pattern.AsSpan().ContainsAny('*', '?');

    /// <summary>The files that a full path with wildcards stands for, by name. A folder that cannot be read has none.</summary>
    public static IReadOnlyList<string> Expand(string pattern)
    {
        if (!HasWildcards(pattern)) return File.Exists(pattern) ? [pattern] : [];
        string root = Path.GetPathRoot(pattern) ?? "/";
        string[] parts = pattern[root.Length..].Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
        IEnumerable<string> folders = [root];
        foreach (string part in parts[..^1]) folders = folders.SelectMany(folder => List(folder, part, folders: true));
        return [.. folders.SelectMany(folder => List(folder, parts[^1], folders: false)).Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> List(string folder, string part, bool folders)
    {
        try
        {
            if (!HasWildcards(part)) return (folders ? Directory.Exists(Path.Join(folder, part)) : File.Exists(Path.Join(folder, part))) ? [Path.Join(folder, part)] : [];
            var options = new EnumerationOptions { MatchType = MatchType.Simple, MatchCasing = MatchCasing.PlatformDefault, AttributesToSkip = 0, IgnoreInaccessible = true };
            return folders ? Directory.GetDirectories(folder, part, options) : Directory.GetFiles(folder, part, options);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}

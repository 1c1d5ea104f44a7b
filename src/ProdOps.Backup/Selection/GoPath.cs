namespace ProdOps.Backup.Selection;

/// <summary>Paths as Go's path package treats them.</summary>
internal static class GoPath
{
    /// <summary>The shortest equal path, by its text alone: no doubled slashes, no <c>.</c>, no <c>..</c> but at the start of a relative path.</summary>
    public static string Clean(string path)
    {
        bool isAbsolute = path.StartsWith('/');
        var parts = new List<string>();
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".") continue;
            if (part != "..") parts.Add(part);
            else if (parts.Count > 0 && parts[^1] != "..") parts.RemoveAt(parts.Count - 1);
            else if (!isAbsolute) parts.Add(part);
        }
        string clean = string.Join('/', parts);
        return isAbsolute ? "/" + clean : clean.Length == 0 ? "." : clean;
    }
}

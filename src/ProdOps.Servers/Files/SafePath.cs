namespace ProdOps.Servers.Files;

/// <summary>Which relative paths may be believed.</summary>
internal static class SafePath
{
    /// <summary>Parts with a slash between; none is empty, <c>.</c> or <c>..</c>, and no NUL is in it.</summary>
    public static bool IsSafe(string path)
    {
        if (path.Length == 0 || path.Contains('\0')) return false;
        foreach (var part in path.AsSpan().Split('/'))
            if (path.AsSpan()[part] is "" or "." or "..") return false;
        return true;
    }
}

using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring;

/// <summary>How a folder or file of the snapshot stands to the paths that were asked for.</summary>
internal enum SubPathRelation
{
    Outside,

    /// <summary>A folder on the way to one of them.</summary>
    Above,

    /// <summary>One of them, or below one.</summary>
    Inside,
}

/// <summary>The paths of the snapshot to restore, and which of them were met.</summary>
internal sealed class SubPaths
{
    private readonly List<(string Text, byte[] Path)> _paths = [];
    private readonly HashSet<string> _missing = [];

    public SubPaths(IReadOnlyList<string> paths)
    {
        foreach (string text in paths)
        {
            byte[] path = Normalize(text);
            if (path.Length == 0) IncludesRoot = true;
            else
            {
                _paths.Add((text, path));
                _missing.Add(text);
            }
        }
        IncludesRoot |= paths.Count == 0;
    }

    /// <summary>Everything is asked for.</summary>
    public bool IncludesRoot { get; }

    /// <summary>The paths the snapshot does not have.</summary>
    public IEnumerable<string> Missing => IncludesRoot ? [] : _missing;

    public bool AllMissing => !IncludesRoot && _missing.Count == _paths.Count;

    public SubPathRelation RelationOf(ReadOnlySpan<byte> path)
    {
        if (IncludesRoot) return SubPathRelation.Inside;
        var relation = SubPathRelation.Outside;
        foreach (var (text, wanted) in _paths)
        {
            if (path.SequenceEqual(wanted)) _missing.Remove(text);
            if (IsAtOrBelow(path, wanted)) relation = SubPathRelation.Inside;
            else if (relation == SubPathRelation.Outside && IsAtOrBelow(wanted, path)) relation = SubPathRelation.Above;
        }
        // A path below another that was asked for is met inside of it, where nobody asks any more.
        if (relation == SubPathRelation.Inside) ForgetBelow(path);
        return relation;
    }

    /// <summary>Nobody looked below a folder, and the reason was told: what was asked for there is not reported a second time.</summary>
    public void ForgetBelow(ReadOnlySpan<byte> folder)
    {
        foreach (var (text, wanted) in _paths)
        {
            if (IsAtOrBelow(wanted, folder)) _missing.Remove(text);
        }
    }

    public static bool IsAtOrBelow(ReadOnlySpan<byte> path, ReadOnlySpan<byte> folder) =>
        path.StartsWith(folder) && (path.Length == folder.Length || path[folder.Length] == '/');

    /// <summary>A path from the snapshot's root: <c>/a/b</c> whether written <c>a/b</c>, <c>/a//b/</c> or <c>\a\b</c> on Windows; empty for the root.</summary>
    public static byte[] Normalize(string text)
    {
        string path = OperatingSystem.IsWindows() ? text.Replace('\\', '/') : text;
        // C:\data is stored as /C/data.
        if (path.Length >= 2 && path[1] == ':' && OperatingSystem.IsWindows()) path = path[0] + "/" + path[2..];
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").ToArray();
        if (parts.Contains("..")) throw BackupErrors.RestorePathInvalid(text);
        return parts.Length == 0 ? [] : FileNames.Encode("/" + string.Join('/', parts));
    }
}

namespace ProdOps.Logging.Store;

/// <summary>What is in a stream's folder.</summary>
internal static class StoreFolder
{
    // Logs tell more than others should read.
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static void Create(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, Private);
    }

    /// <summary>The segments' paths, oldest first.</summary>
    public static List<string> Segments(string folder)
    {
        if (!Directory.Exists(folder)) return [];
        var found = new List<(DateTime Hour, int Number, string Path)>();
        foreach (string path in Directory.EnumerateFiles(folder, "*" + StoreNames.SegmentSuffix))
        {
            if (StoreNames.TryParse(Path.GetFileName(path.AsSpan()), out var hour, out int number)) found.Add((hour, number, path));
        }

        // Numbers count up over all of a stream: they tell the order, the hours only help who looks at the folder.
        found.Sort(static (a, b) => a.Number.CompareTo(b.Number));
        return found.ConvertAll(item => item.Path);
    }

    public static string? NewestSegment(string folder)
    {
        string? newest = null;
        int most = -1;
        foreach (string path in Directory.EnumerateFiles(folder, "*" + StoreNames.SegmentSuffix))
        {
            if (!StoreNames.TryParse(Path.GetFileName(path.AsSpan()), out _, out int number) || number <= most) continue;
            newest = path;
            most = number;
        }

        return newest;
    }

    /// <summary>The path of a new segment whose lines begin at a time.</summary>
    public static string NextSegment(string folder, DateTimeOffset first)
    {
        int number = NewestSegment(folder) is { } newest && StoreNames.TryParse(Path.GetFileName(newest.AsSpan()), out _, out int last) ? last + 1 : 1;
        return Path.Combine(folder, StoreNames.Segment(first, number));
    }
}

using ProdOps.Logging.Collecting.Rotation;

namespace ProdOps.Logging.Files;

/// <summary>A log and the files it was rotated to: <c>syslog.2.gz</c>, <c>syslog.1</c>, <c>syslog</c>; oldest first.</summary>
/// <param name="Base">The path of the log itself, whether it is there or not.</param>
/// <param name="Files">The files.</param>
internal sealed record RotatedSet(string Base, IReadOnlyList<string> Files)
{
    /// <summary>Puts files together that are of one log.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="modifiedOf">When a file was last written to, for what names do not tell; <see langword="null"/> to ask the disk.</param>
    public static List<RotatedSet> Group(IEnumerable<string> paths, Func<string, DateTime>? modifiedOf = null)
    {
        string[] all = [.. paths.Distinct(StringComparer.Ordinal)];
        var known = all.ToHashSet(StringComparer.Ordinal);
        return
        [
            .. all.Select(path => (Path: path, Name: NameOf(path, known))).GroupBy(item => item.Name?.BasePath ?? item.Path, StringComparer.Ordinal)
                .Select(group => new RotatedSet(group.Key, Ordered([.. group], modifiedOf ?? File.GetLastWriteTimeUtc))),
        ];
    }

    /// <summary>A name for the source: the file's, with its folder's before it where that says what writes it (<c>nginx-access</c>).</summary>
    public string SourceName
    {
        get
        {
            // A server's path has slashes on every admin's machine.
            string name = Path.GetFileName(Base);
            if (name.EndsWith(".log", StringComparison.OrdinalIgnoreCase) && name.Length > 4) name = name[..^4];
            string folder = Path.GetDirectoryName(Base)?.Replace('\\', '/') ?? "", parent = Path.GetFileName(folder);
            bool tells = folder.StartsWith("/var/log/", StringComparison.Ordinal) && !name.Contains(parent, StringComparison.OrdinalIgnoreCase);
            return tells ? $"{parent}-{name}" : name;
        }
    }

    /// <summary>The reading of a name that holds: its log is there, or the name leaves no doubt. Of several, the one with the shortest log.</summary>
    private static RotatedName? NameOf(string path, HashSet<string> known) =>
        RotatedName.ReadingsOf(path).Where(reading => known.Contains(reading.BasePath) || IsBeyondDoubt(path, reading)).OrderBy(reading => reading.BasePath.Length)
            .Select(reading => (RotatedName?)reading).FirstOrDefault();

    /// <summary>access.log.1, access.1.log, access-20261126.log; but worker-1.log and dump.1.sql are files of their own.</summary>
    private static bool IsBeyondDoubt(string path, RotatedName reading) => reading.Stamp is not null ? reading.HasDate
        : reading.Number is null || (reading.Separator == '.' && reading.Number < 10_000 && (path.StartsWith(reading.BasePath, StringComparison.Ordinal) || reading.BasePath.EndsWith(".log", StringComparison.OrdinalIgnoreCase)));

    private static string[] Ordered(IReadOnlyList<(string Path, RotatedName? Name)> files, Func<string, DateTime> modifiedOf)
    {
        var rotated = files.Where(file => file.Name is not null).Select(file => (file.Path, Modified: modifiedOf(file.Path).Ticks, file.Name));
        return [.. RotationOrder.Of(rotated, file => file.Path, file => file.Modified, file => file.Name).Select(file => file.Path), .. files.Where(file => file.Name is null).Select(file => file.Path)];
    }
}

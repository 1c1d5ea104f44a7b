namespace ProdOps.Logging.Collecting.Rotation;

/// <summary>The files of one log: the log itself, if it is there, and what it was before, oldest first.</summary>
/// <param name="Path">The log's path.</param>
/// <param name="State">How far it was read; <see langword="null"/> for a new one.</param>
/// <param name="Live">The file at the path.</param>
/// <param name="Rotated">Those that it was.</param>
internal sealed record LogFamily(string Path, FamilyState? State, FileFact? Live, IReadOnlyList<FileFact> Rotated);

/// <summary>Tells which files belong to which log, by names and by what is known of their identities.</summary>
internal static class FamilyList
{
    /// <summary>The logs of a source, in the order of their paths.</summary>
    public static IReadOnlyList<LogFamily> Of(FileCheckpoint checkpoint, ProbeFacts facts)
    {
        var states = checkpoint.Families.DistinctBy(family => family.Path).ToDictionary(family => family.Path, StringComparer.Ordinal);
        var present = Distinct(facts.Files, states);
        var byPath = present.ToDictionary(file => file.Path, StringComparer.Ordinal);
        // What a rotated file is of: a log that is there or was read. A log is what no such name can be found for.
        var names = new Dictionary<string, RotatedName>(StringComparer.Ordinal);
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in present.Where(file => !states.ContainsKey(file.Path)))
        {
            // Of x.log.1.gz it is x.log, whether or not x.log.1 is there as well.
            foreach (var reading in RotatedName.ReadingsOf(file.Path).OrderBy(reading => reading.BasePath.Length))
            {
                bool isThere = byPath.ContainsKey(reading.BasePath) || states.ContainsKey(reading.BasePath);
                // Between a rotation and the next line there may be no log. But worker-1.log and worker-2.log are two logs where there is no worker.log.
                if (!isThere && !(IsMarkLast(file.Path, reading) && facts.IsLog(reading.BasePath))) continue;
                names[file.Path] = reading;
                owners[file.Path] = reading.BasePath;
                break;
            }
        }

        // A log that was moved to a name of another kind is known by its identity.
        var claims = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var state in states.Values)
            foreach (var mark in state.Trailing.Append(state.Active)) claims.TryAdd(mark.Id, state.Path);
        foreach (var file in present)
            if (!states.ContainsKey(file.Path) && !owners.ContainsKey(file.Path) && claims.TryGetValue(file.Id, out string? owner)) owners[file.Path] = owner;
        var rotated = present.Where(file => owners.ContainsKey(file.Path)).ToLookup(file => Root(owners, file.Path), StringComparer.Ordinal);
        var paths = present.Select(file => file.Path).Where(path => !owners.ContainsKey(path)).Concat(states.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return [.. paths.Select(path => new LogFamily(path, states.GetValueOrDefault(path), byPath.GetValueOrDefault(path), RotationOrder.Of(rotated[path], file => file.Path, file => file.Modified, file => names.TryGetValue(file.Path, out var name) ? name : null)))];
    }

    /// <summary>Each file once: a link to a log is the log, and of a file that is being packed the plain one counts.</summary>
    private static List<FileFact> Distinct(IReadOnlyList<FileFact> files, Dictionary<string, FamilyState> states)
    {
        var paths = files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. files.DistinctBy(file => file.Path).Where(file => !file.IsPacked || !IsBeingPacked(RotatedName.Unpacked(file.Path).Path))
                .GroupBy(file => file.Id, StringComparer.Ordinal)
                .Select(same => same.OrderByDescending(file => states.ContainsKey(file.Path)).ThenBy(file => RotatedName.ReadingsOf(file.Path).Count()).ThenBy(file => file.Path, StringComparer.Ordinal).First()),
        ];

        // The plain one is removed when the packed one is complete. Beside x.log itself, x.log.gz is one of its rotations.
        bool IsBeingPacked(string plain) => paths.Contains(plain) && RotatedName.ReadingsOf(plain).Any();
    }

    private static bool IsMarkLast(string path, RotatedName reading) =>
        path.StartsWith(reading.BasePath, StringComparison.Ordinal) && (reading.IsBackup || reading.Stamp is not null || reading.Number is < 1000);

    /// <summary>x.log-20261126.1 is of x.log, also where x.log-20261126 is there.</summary>
    private static string Root(Dictionary<string, string> owners, string path)
    {
        string root = owners[path];
        for (int depth = 0; depth < 4 && owners.TryGetValue(root, out string? above); depth++) root = above;
        return root;
    }
}

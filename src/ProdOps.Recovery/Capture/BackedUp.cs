using ProdOps.Backup.Selection;
using ProdOps.Backup.Sets;
using ProdOps.Servers.Inventory;

namespace ProdOps.Recovery.Capture;

/// <summary>What of a server the environment's backup sets have.</summary>
/// <param name="sets">The sets that back this server up.</param>
internal sealed class BackedUp(IReadOnlyList<BackupSet> sets)
{
    private readonly (BackupSet Set, PatternSet Exclude, PatternSet ExcludeIgnoreCase)[] _files =
        [.. sets.Where(set => !set.IsStream).Select(set => (set, PatternSet.Parse(set.Exclude), PatternSet.Parse(set.ExcludeIgnoreCase, ignoreCase: true)))];

    public static BackedUp Nothing { get; } = new([]);

    /// <summary>What an environment's sets have of a server.</summary>
    public static BackedUp Of(ProdOpsEnvironment? environment, Server server) => environment is null ? Nothing
        : new BackedUp([.. environment.Backups.Where(set => SetSelection.Servers(environment, set).Any(member => member.Name == server.Name))]);

    /// <summary>The set that has a path, or everything below it; of several the one that names it most closely. <see langword="null"/> if none has it, or if some of it may be left out.</summary>
    public string? SetOf(string path)
    {
        if (path.EndsWith("/*", StringComparison.Ordinal)) path = path[..^2];
        return _files.SelectMany(entry => entry.Set.Path.Select(root => (entry, Root: root.Length > 1 ? root.TrimEnd('/') : root)))
            .Where(place => (place.Root == "/" || path == place.Root || path.StartsWith(place.Root + "/", StringComparison.Ordinal)) && !LeavesOut(place.entry, path))
            .OrderByDescending(place => place.Root.Length).ThenBy(place => place.entry.Set.Name, StringComparer.Ordinal).Select(place => place.entry.Set.Name).FirstOrDefault();
    }

    /// <summary>The set that has a database.</summary>
    public string? SetOf(RecoveryDatabase database) => sets.FirstOrDefault(set => database.Engine switch
    {
        "PostgreSql" => Has(set.PostgreSql, database.Name),
        "MariaDb" => Has(set.MariaDb, database.Name),
        "Sqlite" => set.Sqlite.Contains(database.Name),
        "Redis" => set.Redis,
        _ => false,
    })?.Name;

    private static bool Has(IReadOnlyList<string> patterns, string name) => patterns.Any(pattern => pattern == name || NamePattern.IsMatch(pattern, name));

    // One pattern that names the path, or something below it, leaves out the very thing; *.tmp leaves out what nobody misses.
    private static bool LeavesOut((BackupSet Set, PatternSet Exclude, PatternSet ExcludeIgnoreCase) entry, string path) => entry.Exclude.Matches(path) || entry.ExcludeIgnoreCase.Matches(path)
        || entry.Set.Exclude.Concat(entry.Set.ExcludeIgnoreCase).Any(pattern => pattern.StartsWith(path + "/", StringComparison.Ordinal));
}

/// <summary>A database as backup sets name it.</summary>
/// <param name="Engine">E.g. <c>PostgreSql</c>.</param>
/// <param name="Name">Its name; a SQLite's path.</param>
internal readonly record struct RecoveryDatabase(string Engine, string Name);

using ProdOps.Backup.Browsing;
using ProdOps.Backup.Repositories;
using ProdOps.Servers.Inventory;

namespace ProdOps.Backup.Databases.Loading;

/// <summary>Which dumps are wanted: of each kind the names, wildcards among them, and paths of dumps. Nothing at all means the only one there is.</summary>
internal sealed record DumpSelection
{
    public IReadOnlyList<(DatabaseKind Kind, string Name)> Names { get; init; } = [];

    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>What the parameters of a cmdlet name.</summary>
    public static DumpSelection Of(IEnumerable<string> postgreSql, IEnumerable<string> mariaDb, IEnumerable<string> sqlite, bool redis) => new()
    {
        Names =
        [
            .. postgreSql.Select(name => (DatabaseKind.PostgreSql, name)), .. mariaDb.Select(name => (DatabaseKind.MariaDb, name)),
            .. sqlite.Select(name => (DatabaseKind.Sqlite, name)), .. redis ? [(DatabaseKind.Redis, "")] : Array.Empty<(DatabaseKind, string)>(),
        ],
    };

    public bool IsEmpty => Names.Count + Paths.Count == 0;

    /// <summary>Whether a snapshot can hold all that is wanted, by the paths that it says it is of.</summary>
    public bool MayBeIn(SnapshotFile snapshot)
    {
        if (IsEmpty) return snapshot.Paths.Any(IsOfDatabases);
        return Names.All(wanted => snapshot.Paths.Any(path => Covers(path, wanted))) && Paths.All(wanted => snapshot.Paths.Any(path => IsAtOrBelow(wanted, path)));
    }

    /// <summary>The dumps of a snapshot that are wanted, each once.</summary>
    /// <exception cref="ProdOpsException"><c>DumpNotFound</c>, <c>NotADump</c>, <c>DumpNotNamed</c>.</exception>
    public async Task<IReadOnlyList<DatabaseDump>> PickAsync(SnapshotBrowser browser, SnapshotFile snapshot, CancellationToken cancellationToken)
    {
        var all = await DatabaseDump.ListAsync(browser, cancellationToken);
        if (IsEmpty) return all.Count == 1 ? all : throw BackupErrors.DumpNotNamed(snapshot.Id.ToShortString(), all);
        var picked = new List<DatabaseDump>();
        foreach (var (kind, name) in Names)
        {
            var found = all.Where(dump => dump.Kind == kind && (dump.Name == name || kind == DatabaseKind.Redis)).ToList();
            if (found.Count == 0 && NamePattern.HasWildcards(name)) found = [.. all.Where(dump => dump.Kind == kind && NamePattern.IsMatch(name, dump.Name))];
            if (found.Count == 0) throw BackupErrors.DumpNotFound(snapshot.Id.ToShortString(), kind, name, all);
            picked.AddRange(found.Where(dump => !picked.Contains(dump)));
        }
        foreach (string path in Paths)
        {
            var dump = all.FirstOrDefault(dump => dump.Path == path)
                ?? throw (await browser.FindAsync(path, cancellationToken) is null ? BackupErrors.ItemNotFound(path, snapshot.Id.ToShortString()) : BackupErrors.NotADump(path));
            if (!picked.Contains(dump)) picked.Add(dump);
        }
        return picked;
    }

    private static bool IsOfDatabases(string path) => Enum.GetValues<DatabaseKind>().Any(kind => IsAtOrBelow(path, DatabaseDump.FolderOf(kind)));

    private static bool Covers(string path, (DatabaseKind Kind, string Name) wanted)
    {
        if (path == DatabaseDump.FolderOf(wanted.Kind)) return true;
        return DatabaseDump.FromPath(path) is { } dump && dump.Kind == wanted.Kind
            && (dump.Kind == DatabaseKind.Redis || dump.Name == wanted.Name || (NamePattern.HasWildcards(wanted.Name) && NamePattern.IsMatch(wanted.Name, dump.Name)));
    }

    private static bool IsAtOrBelow(string path, string folder) =>
        path.StartsWith(folder, StringComparison.Ordinal) && (path.Length == folder.Length || folder == "/" || path[folder.Length] == '/');
}

using ProdOps.Backup.Browsing;

namespace ProdOps.Backup.Databases;

/// <summary>The kinds of databases that snapshots have dumps of.</summary>
internal enum DatabaseKind
{
    PostgreSql,
    MariaDb,
    Sqlite,
    Redis,
}

/// <summary>A database's dump in a snapshot.</summary>
/// <param name="Kind">What it is a dump of.</param>
/// <param name="Name">The database that was dumped; of SQLite the file's path, of Redis <c>dump.rdb</c>.</param>
/// <param name="Path">Where the snapshot has it.</param>
internal sealed record DatabaseDump(DatabaseKind Kind, string Name, string Path)
{
    public string KindName => NameOf(Kind);

    public static string NameOf(DatabaseKind kind) => kind switch
    {
        DatabaseKind.PostgreSql => PostgreSql.Name,
        DatabaseKind.MariaDb => MariaDb.Name,
        DatabaseKind.Sqlite => Sqlite.Name,
        _ => Redis.Name,
    };

    /// <summary>The tag that a backup of this kind carries.</summary>
    public static string TagOf(DatabaseKind kind) => kind switch
    {
        DatabaseKind.PostgreSql => PostgreSql.Tag,
        DatabaseKind.MariaDb => MariaDb.Tag,
        DatabaseKind.Sqlite => Sqlite.Tag,
        _ => Redis.Tag,
    };

    /// <summary>The folder that has all dumps of a kind.</summary>
    public static string FolderOf(DatabaseKind kind) => kind switch
    {
        DatabaseKind.PostgreSql => PostgreSql.Folder,
        DatabaseKind.MariaDb => MariaDb.Folder,
        DatabaseKind.Sqlite => Sqlite.Folder,
        _ => Redis.Path[..Redis.Path.LastIndexOf('/')],
    };

    /// <summary>What a path of a snapshot is the dump of; <see langword="null"/> if it is none that a database is made of.</summary>
    public static DatabaseDump? FromPath(string path)
    {
        if (path is PostgreSql.Globals or MariaDb.Users) return null;
        if (path == Redis.Path) return new DatabaseDump(DatabaseKind.Redis, "dump.rdb", path);
        if (Inner(path, PostgreSql.Folder, ".dump") is { } postgres) return new DatabaseDump(DatabaseKind.PostgreSql, postgres, path);
        if (Inner(path, MariaDb.Folder, ".sql", MariaDb.UsersName) is { } maria) return new DatabaseDump(DatabaseKind.MariaDb, maria, path);
        return path.StartsWith(Sqlite.Folder + "/", StringComparison.Ordinal) && Sqlite.IsPlain(path[Sqlite.Folder.Length..])
            ? new DatabaseDump(DatabaseKind.Sqlite, path[Sqlite.Folder.Length..], path)
            : null;
    }

    /// <summary>The dumps of a snapshot, kind by kind.</summary>
    public static async Task<IReadOnlyList<DatabaseDump>> ListAsync(SnapshotBrowser browser, CancellationToken cancellationToken)
    {
        var dumps = new List<DatabaseDump>();
        foreach (var kind in Enum.GetValues<DatabaseKind>())
        {
            string folder = FolderOf(kind);
            if (await browser.FindAsync(folder, cancellationToken) is not { Type: BackupItemType.Directory }) continue;
            await foreach (var item in browser.ListAsync(folder, recurse: kind == DatabaseKind.Sqlite, literal: true, cancellationToken))
                if (item.Type == BackupItemType.File && FromPath(item.Path) is { } dump && dump.Kind == kind) dumps.Add(dump);
        }
        return dumps;
    }

    public override string ToString() => $"{KindName} '{Name}'";

    private static string? Inner(string path, string folder, string ending, string taken = "") =>
        path.Length > folder.Length + 1 + ending.Length && path.StartsWith(folder + "/", StringComparison.Ordinal) && path.EndsWith(ending, StringComparison.Ordinal)
        && path.LastIndexOf('/') == folder.Length
            ? DumpName.NameOf(path[(folder.Length + 1)..^ending.Length], taken)
            : null;
}

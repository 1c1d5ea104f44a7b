using System.Globalization;
using static ProdOps.ServerConfigurationClass;
using static ProdOps.ServerConfigurationKind;

namespace ProdOps.Recovery.Capture.Reading;

/// <summary>What database servers tell of themselves. Passwords and their hashes are not asked for.</summary>
internal static class DatabaseReader
{
    private const string Data = "its dump is restored";

    public static void Read(CaptureText text, ItemList items)
    {
        AddPostgreSql(text, items);
        AddMariaDb(text, items);
        AddRedis(text, items);
        foreach (string line in text.Lines("walk"))
            if (line.Split('\t', 3) is ["Q", var size, var path] && Number(size) is { } bytes) items.Add(Database, $"sqlite {path}", Restore, Data, bytes, ("Engine", "Sqlite"), ("Path", path));
    }

    private static void AddPostgreSql(CaptureText text, ItemList items)
    {
        foreach (string cluster in text.Lines("postgresql"))
        {
            if (cluster.Split(' ') is not [var version, var name, var port, var status, var owner, var folder]) continue;
            string section = $"postgresql-{port}";
            if (status != "online" || !text.Has(section) || text.Lines(section).Count == 0)
            {
                // Without Debian's list of clusters a server that does not answer may be one that is not there.
                if (version != "-") items.Gap($"PostgreSQL {version} {name}", status == "online" ? "it does not answer its own system user" : $"it is {status}");
                continue;
            }

            foreach (string line in text.Lines(section))
            {
                switch (line.Split(' '))
                {
                    case ["database", var size, var databaseOwner, var encoding, var database]:
                        items.Add(Database, $"postgresql {database}", database == "postgres" ? Rebuild : Restore, database == "postgres" ? "comes with the server" : Data, Number(size),
                            ("Engine", "PostgreSql"), ("Database", database), ("Owner", databaseOwner), ("Encoding", encoding), ("Port", port), ("Folder", folder == "-" ? null : folder));
                        break;
                    case ["role", var login, var super, var replication, var role]:
                        items.Add(DatabaseRole, $"postgresql {role}", role == owner ? Rebuild : Secret, role == owner ? "comes with the server" : "its password comes from a backup of the roles, or is set anew", null,
                            ("Engine", "PostgreSql"), ("Role", role), ("Login", YesNo(login)), ("Superuser", YesNo(super)), ("Replication", YesNo(replication)), ("Port", port));
                        break;
                }
            }
        }
    }

    private static void AddMariaDb(CaptureText text, ItemList items)
    {
        if (text.Has("mariadb") && !text.Succeeded("mariadb")) items.Gap("MariaDB", "it does not answer root without a password");
        foreach (string line in text.Lines("mariadb"))
        {
            switch (line.Split('\t'))
            {
                case ["database", var size, var encoding, var database]:
                    items.Add(Database, $"mariadb {database}", Restore, Data, Number(size.Split('.')[0]), ("Engine", "MariaDb"), ("Database", database), ("Encoding", encoding));
                    break;
                case ["role", var host, var plugin, var user]:
                    bool own = user is "root" or "mysql" or "debian-sys-maint" && host == "localhost";
                    items.Add(DatabaseRole, $"mariadb {user}@{host}", own ? Rebuild : Secret, own ? "comes with the server" : "its password comes from a backup of the grants, or is set anew", null, ("Engine", "MariaDb"), ("Role", user), ("Host", host), ("Login", plugin));
                    break;
            }
        }
    }

    private static void AddRedis(CaptureText text, ItemList items)
    {
        if (!text.Has("redis")) return;
        var keyspaces = text.Lines("redis").Where(line => line.StartsWith("db", StringComparison.Ordinal) && line.Contains(":keys=", StringComparison.Ordinal)).ToList();
        if (text.Lines("redis").Exists(line => line.Contains("NOAUTH", StringComparison.Ordinal))) items.Gap("Redis", "it wants a password");
        foreach (string line in keyspaces)
            if (line.Split(':', 2) is [var name, var rest]) items.Add(Database, $"redis {name}", Restore, Data, null, ("Engine", "Redis"), ("Database", name), ("Folder", text.Lines("redis-folder").ElementAtOrDefault(1)));
    }

    private static long? Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static string? YesNo(string text) => text == "t" ? "yes" : null;
}

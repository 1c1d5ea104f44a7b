using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Backup.Databases.Testing;

/// <summary>
/// A view, routine, trigger or event of MariaDB runs as the user who made it, and not at all where there is no such user. Dumps name these
/// users and do not make them; in a server that is there for a test only, they are made.
/// </summary>
internal static class MariaDbDefiners
{
    private const string Query =
        "SELECT definer FROM information_schema.views WHERE table_schema = DATABASE() UNION SELECT definer FROM information_schema.routines WHERE routine_schema = DATABASE() "
        + "UNION SELECT definer FROM information_schema.triggers WHERE trigger_schema = DATABASE() UNION SELECT definer FROM information_schema.events WHERE event_schema = DATABASE()";

    public static async Task MakeAsync(IServerShell shell, string database, DatabaseAccess access, CancellationToken cancellationToken)
    {
        var definers = await DatabaseQuery.AskAsync(shell, DatabaseKind.MariaDb, database, access, Query, cancellationToken);
        foreach (var row in definers.Rows)
            foreach (string statement in Statements(row[0])) await DatabaseQuery.AskAsync(shell, DatabaseKind.MariaDb, database, access, statement, cancellationToken);
    }

    /// <summary>What makes a user <c>name@host</c>; nothing for a role, which has no host.</summary>
    public static IReadOnlyList<string> Statements(string definer)
    {
        int at = definer.LastIndexOf('@');
        if (at < 0 || at + 1 == definer.Length) return [];
        string user = $"{Text(definer[..at])}@{Text(definer[(at + 1)..])}";
        return [$"CREATE USER IF NOT EXISTS {user}", $"GRANT ALL ON *.* TO {user}"];
    }

    private static string Text(string text) => $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";
}

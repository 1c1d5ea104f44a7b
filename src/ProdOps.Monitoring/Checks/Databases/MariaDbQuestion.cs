using System.Globalization;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Monitoring.Checks.Databases;

/// <summary>What MariaDB or MySQL is asked by its client, and how its answer reads: names and values, a line each.</summary>
internal sealed class MariaDbQuestion : IDatabaseQuestion
{
    private const string TransactionName = "prodops_transaction";

    // Which of the last two a server knows depends on its age. With --force the client goes on after an error, at the next line.
    private static readonly string[] Measures =
    [
        "SHOW GLOBAL VARIABLES WHERE Variable_name = 'max_connections';", "SHOW GLOBAL STATUS WHERE Variable_name = 'Threads_connected';",
        $"SELECT COALESCE(MAX(TIMESTAMPDIFF(SECOND, trx_started, NOW())), 0) AS {TransactionName} FROM information_schema.innodb_trx;", "SHOW REPLICA STATUS;", "SHOW SLAVE STATUS;",
    ];

    public string Metrics => "mariadb";

    public bool IsMissing(CommandExit exit) => exit.Code == 127;

    public ServerCommand Command(DatabaseAccess access, bool asRoot, string database, string? query, TimeSpan timeout)
    {
        string limit = $"--connect-timeout={Math.Max(1, (long)timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture)}";
        // The first call tells whether anybody gets in: with --force the exit code does not.
        string script = $"$client $login {limit} -N -B -e 'SELECT 1' >/dev/null || exit\nprintf '%s\\n' {ShellQuote.Words(Measures)} | $client $login {limit} -B -E --force\n";
        if (query is not null) script += $"printf '\\036'\n$client $login {limit} -N -B{(database.Length > 0 ? $" --database={ShellQuote.Word(database)}" : "")} -e {ShellQuote.Word(query)}\nprintf '\\036%s' \"$?\"\n";
        return MariaDbClient.Run(script + "exit 0", access, asRoot);
    }

    public DatabaseReport Parse(string measures, string errors)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        string variable = "";
        foreach (var range in measures.AsSpan().Split('\n'))
        {
            var line = measures.AsSpan(range).Trim();
            int colon = line.IndexOf(':');
            if (colon <= 0) continue;
            string name = line[..colon].ToString(), value = line[(colon + 1)..].Trim().ToString();
            if (name == "Variable_name") variable = value;
            else values[name == "Value" ? variable : name] = value;
        }

        if (Number(values, "max_connections") is not { } most || Number(values, "Threads_connected") is not { } used) throw MonitoringErrors.DatabaseAnswerNotUnderstood("MariaDB", measures);
        var transaction = Number(values, TransactionName);
        return new DatabaseReport
        {
            MostConnections = most,
            Connections = used,
            Transaction = transaction,
            TransactionHidden = transaction is null ? "the user may not see transactions: GRANT PROCESS ON *.* TO the user" : null,
            Replication = ReplicationOf(values, errors),
        };
    }

    private static ReplicationReport? ReplicationOf(Dictionary<string, string> values, string errors)
    {
        string? reading = Either(values, "Replica_IO_Running", "Slave_IO_Running"), applying = Either(values, "Replica_SQL_Running", "Slave_SQL_Running");
        if (reading is null || applying is null)
        {
            bool isHidden = errors.Contains("SLAVE MONITOR", StringComparison.OrdinalIgnoreCase) || errors.Contains("REPLICATION CLIENT", StringComparison.OrdinalIgnoreCase);
            return isHidden ? new ReplicationReport { Hidden = "the user may not see whether it is a replica: GRANT REPLICATION CLIENT ON *.* TO the user" } : null;
        }

        double? lag = Number(values, "Seconds_Behind_Source") ?? Number(values, "Seconds_Behind_Master");
        string primary = Either(values, "Source_Host", "Master_Host") ?? "its primary";
        string? problem = reading != "Yes" ? $"it gets nothing from {primary}{Why(values, "Last_IO_Error")}" : applying != "Yes" ? $"it applies nothing of what it gets{Why(values, "Last_SQL_Error")}" : null;
        return new ReplicationReport { Lag = lag, Problem = problem };
    }

    private static string Why(Dictionary<string, string> values, string field) => values.GetValueOrDefault(field) is { Length: > 0 } error ? $": {error}" : "";

    private static string? Either(Dictionary<string, string> values, string one, string other) => values.GetValueOrDefault(one) ?? values.GetValueOrDefault(other);

    private static double? Number(Dictionary<string, string> values, string name) =>
        double.TryParse(values.GetValueOrDefault(name), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;
}

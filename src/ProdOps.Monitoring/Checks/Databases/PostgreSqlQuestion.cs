using System.Globalization;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Monitoring.Checks.Databases;

/// <summary>What PostgreSQL (10 and later) is asked by psql, and how its answer reads.</summary>
internal sealed class PostgreSqlQuestion : IDatabaseQuestion
{
    // A walreceiver that has gone leaves behind that all it got was replayed: "nothing behind" holds only where one is there. Sums over databases are open to every user.
    private const string Measures =
        "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int, "
        + "(SELECT sum(numbackends) FROM pg_stat_database), "
        + "pg_has_role(current_user, 'pg_read_all_stats', 'MEMBER'), "
        + "(SELECT coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()), "
        + "(SELECT count(*) FROM pg_stat_replication), "
        + "pg_is_in_recovery(), "
        + "(SELECT count(*) FROM pg_stat_wal_receiver), "
        + "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() IS NOT DISTINCT FROM pg_last_wal_replay_lsn() END, "
        + "extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())";

    private const int Fields = 9;

    public string Metrics => "postgresql";

    /// <summary>psql's exit code when it did not connect, and what shells have for a program that is not there.</summary>
    public bool IsMissing(CommandExit exit) => exit.Code == 127;

    public ServerCommand Command(DatabaseAccess access, bool asRoot, string database, string? query, TimeSpan timeout)
    {
        string name = ShellQuote.Word(PostgreSqlClient.Connection(database.Length > 0 ? database : "postgres"));
        long milliseconds = Math.Max(1, (long)timeout.TotalMilliseconds);
        string limit = $"SET LOCAL statement_timeout = {milliseconds.ToString(CultureInfo.InvariantCulture)}; ";
        string psql = $"as_owner psql -w -X -A -t -q -v ON_ERROR_STOP=1 -v VERBOSITY=terse -d {name} -c ";
        string script = $"export PGCONNECT_TIMEOUT={Math.Max(1, (long)timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture)}\n"
            + $"m=$({psql}{ShellQuote.Word(limit + Measures)}) || exit\nprintf '%s\\n' \"$m\"\n";
        if (query is not null) script += $"printf '\\036'\n{psql}{ShellQuote.Word(limit + query)}\nprintf '\\036%s' \"$?\"\nexit 0";
        return PostgreSqlClient.Run(script, access, asRoot);
    }

    public DatabaseReport Parse(string measures, string errors)
    {
        string[] fields = measures.Trim().Split('|');
        if (fields.Length != Fields || Number(fields[0]) is not { } most || Number(fields[1]) is not { } used) throw MonitoringErrors.DatabaseAnswerNotUnderstood("PostgreSQL", measures);
        bool sees = fields[2] == "t";
        return new DatabaseReport
        {
            MostConnections = most,
            Connections = used,
            Transaction = sees ? Number(fields[3]) : null,
            TransactionHidden = sees ? null : "the user may not see others' transactions: GRANT pg_monitor TO the user",
            Replicas = sees ? Number(fields[4]) : null,
            Replication = fields[5] != "t" ? null : ReplicationOf(isFed: Number(fields[6]) > 0, isUpToDate: fields[7] == "t", Number(fields[8])),
        };
    }

    private static ReplicationReport ReplicationOf(bool isFed, bool isUpToDate, double? sinceLast) => isFed
        ? new ReplicationReport { Lag = isUpToDate ? 0 : Positive(sinceLast) }
        : new ReplicationReport { Lag = Positive(sinceLast), Problem = $"it gets nothing from its primary{(sinceLast is { } seconds ? $"; the last transaction is {HealthThreshold.Format(Math.Max(0, seconds), "s")} old" : "")}" };

    // Clocks of two servers differ.
    private static double? Positive(double? seconds) => seconds is { } value ? Math.Max(0, value) : null;

    private static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;
}

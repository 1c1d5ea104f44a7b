using ProdOps.Backup.Tests.Databases;
using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Checks.Databases;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;
using ProdOps.Servers.Secrets;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Checks.Services;

[Collection(DatabaseCollection.Name)]
public sealed class DatabaseCheckTests(DatabaseServers servers)
{
    private const string Primary = "97|3|t|0|2|f|0||", Follower = "97|3|t|12.5|0|t|1|t|400.25\n";

    private const string MariaDb = """
        *************************** 1. row ***************************
        Variable_name: max_connections
                Value: 151
        *************************** 1. row ***************************
        Variable_name: Threads_connected
                Value: 140
        *************************** 1. row ***************************
        prodops_transaction: 4000
        *************************** 1. row ***************************
                        Slave_IO_State: Waiting for master to send event
                           Master_Host: db1
                      Slave_IO_Running: Yes
                     Slave_SQL_Running: Yes
                 Seconds_Behind_Master: 31

        """;

    [ProgramFact("psql", "/usr/bin/pg_ctlcluster")]
    public async Task A_real_PostgreSQL_is_asked_and_its_password_is_in_no_argument()
    {
        var options = new DatabaseCheckOptions { Access = servers.PostgreSql, Query = "SELECT count(*) FROM pg_database, pg_sleep(1) WHERE datname = 'postgres'", Expect = "1" };
        // It takes a second, so that whoever reads command lines sees its own.
        using (var watch = new CommandLineWatch())
        {
            var results = await RunAsync(new PostgreSqlQuestion(), options);
            Assert.Equal([null, "connections", "transaction", "query"], results.Select(result => result.Instance));
            Assert.All(results, result => Assert.Equal((HealthState.OK, "db1", "shop"), (result.State, result.Server, result.Check)));
            Assert.Equal(1, results[3].Value);
            Assert.Equal(["postgresql.connections", "postgresql.connections.used", "postgresql.replicas", "postgresql.time", "postgresql.transaction"], results[0].Metrics.Select(metric => metric.Name).Order());
            watch.AssertSawAndDidNotSee("max_connections", DatabaseServers.Password);
        }

        var failing = (await RunAsync(new PostgreSqlQuestion(), options with { Query = "SELECT 1/0" }))[3];
        Assert.Equal((HealthState.Critical, "the query fails: ERROR:  division by zero"), (failing.State, failing.Message));
        var slow = (await RunAsync(new PostgreSqlQuestion(), options with { Query = "SELECT pg_sleep(600)", Timeout = TimeSpan.FromSeconds(1) })).Single(result => result.State != HealthState.OK);
        Assert.Equal(HealthState.Critical, slow.State);
        var wrong = Assert.Single(await RunAsync(new PostgreSqlQuestion(), options with { Access = servers.PostgreSql with { Password = SecretSource.FromBytes("wrong-word"u8) } }));
        Assert.Equal(HealthState.Critical, wrong.State);
        Assert.Contains("password authentication failed", wrong.Message, StringComparison.Ordinal);
        servers.Psql("postgres", "CREATE ROLE watcher LOGIN PASSWORD 'other-word'");
        var watcher = await RunAsync(new PostgreSqlQuestion(), options with { Access = servers.PostgreSql with { User = "watcher", Password = SecretSource.FromBytes("other-word"u8) }, Query = null });
        Assert.Equal((HealthState.Unknown, "the user may not see others' transactions: GRANT pg_monitor TO the user"), (watcher[2].State, watcher[2].Message));
        Assert.Equal(HealthState.OK, watcher[1].State);
    }

    [ProgramFact("psql", "/usr/bin/pg_ctlcluster")]
    public async Task A_real_replica_tells_whether_it_follows()
    {
        using var folder = new ProdOps.Backup.Tests.Storage.TemporaryFolder();
        var primary = servers.PostgreSql;
        string begin = $"set -e; cd /; b=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1); as() {{ {(Environment.IsPrivilegedProcess ? "runuser -u nobody -- " : "")}\"$@\"; }}; ";
        DatabaseServers.Sh($"{begin}chmod 755 {folder.Path}; mkdir {folder["r"]}; {(Environment.IsPrivilegedProcess ? $"chown nobody {folder["r"]}; " : "")}"
            + $"as $b/pg_basebackup -h {primary.Host} -U admin -D {folder["r"]}/data -R -X stream --checkpoint=fast --no-sync; "
            + $"as $b/pg_ctl -D {folder["r"]}/data -w -l {folder["r"]}/log -o '-k {folder["r"]} -c listen_addresses= -c fsync=off -c shared_buffers=16MB' start >/dev/null", "", ("PGPASSWORD", DatabaseServers.Password));
        try
        {
            var options = new DatabaseCheckOptions { Access = primary with { Host = folder["r"] } };
            Assert.Equal(0, (await ReplicationAsync(options, HealthState.OK)).Value);
            Assert.Equal(1, (await RunAsync(new PostgreSqlQuestion(), options with { Access = primary }))[0].Metrics.Single(metric => metric.Name == "postgresql.replicas").Value);
            DatabaseServers.Sh($"psql -X -q -h {folder["r"]} -U admin -d postgres", "ALTER SYSTEM SET primary_conninfo = ''; SELECT pg_reload_conf();", ("PGPASSWORD", DatabaseServers.Password));
            Assert.StartsWith("it gets nothing from its primary", (await ReplicationAsync(options, HealthState.Critical)).Message, StringComparison.Ordinal);
        }
        finally
        {
            DatabaseServers.Sh($"{begin}as $b/pg_ctl -D {folder["r"]}/data -m immediate stop >/dev/null");
        }
    }

    [ProgramFact("mariadbd", "mariadb")]
    public async Task A_real_MariaDB_is_asked()
    {
        var options = new DatabaseCheckOptions { Access = servers.MariaDb, Database = "information_schema", Query = "SELECT DATABASE()", Expect = "information_schema" };
        var results = await RunAsync(new MariaDbQuestion(), options);
        Assert.Equal([null, "connections", "transaction", "query"], results.Select(result => result.Instance));
        Assert.All(results, result => Assert.Equal(HealthState.OK, result.State));
        Assert.Equal(["mariadb.connections", "mariadb.connections.used", "mariadb.time", "mariadb.transaction"], results[0].Metrics.Select(metric => metric.Name).Order());
        Assert.StartsWith("the query fails: ERROR 1064", (await RunAsync(new MariaDbQuestion(), options with { Query = "SELEKT 1" }))[3].Message, StringComparison.Ordinal);
        var wrong = Assert.Single(await RunAsync(new MariaDbQuestion(), options with { Access = servers.MariaDb with { Password = SecretSource.FromBytes("wrong-word"u8) } }));
        Assert.Equal(HealthState.Critical, wrong.State);
        Assert.Contains("Access denied", wrong.Message, StringComparison.Ordinal);
        servers.Mysql("CREATE USER watcher@localhost IDENTIFIED BY 'other-word'");
        var watcher = await RunAsync(new MariaDbQuestion(), options with { Access = servers.MariaDb with { User = "watcher", Password = SecretSource.FromBytes("other-word"u8) }, Query = null });
        Assert.Equal([("connections", HealthState.OK), ("transaction", HealthState.Unknown), ("replication", HealthState.Unknown)], watcher.Skip(1).Select(result => (result.Instance!, result.State)));
    }

    [UnixFact]
    public async Task A_client_that_is_not_there_leaves_it_open()
    {
        var shell = new CheckShell(new Server { Name = "db1" }, (_, _) => Task.FromResult<IServerShell>(new WithoutPrograms()));
        var result = Assert.Single(await new DatabaseCheck(new CheckSubject("db1", "shop"), new MariaDbQuestion(), shell, new DatabaseCheckOptions { Access = new DatabaseAccess { User = "x" } }, TimeProvider.System).RunAsync(CancellationToken.None));
        Assert.Equal((HealthState.Unknown, "neither mariadb nor mysql is installed"), (result.State, result.Message));
    }

    [Theory]
    [InlineData(Primary, null, null, "")]
    [InlineData(Follower, HealthState.OK, 0.0, "not behind its primary")]
    [InlineData("97|3|t|12.5|0|t|1|f|40.25", HealthState.Warning, 40.25, "40.3 s behind its primary")]
    [InlineData("97|3|t|12.5|0|t|1|f|400", HealthState.Critical, 400.0, "6.67 min behind its primary")]
    [InlineData("97|3|t|12.5|0|t|0|t|120", HealthState.Critical, 120.0, "it gets nothing from its primary; the last transaction is 2 min old")]
    [InlineData("97|3|t|12.5|0|t|1|f|", HealthState.Unknown, null, "it follows its primary, and does not tell how far behind it is")]
    public void A_replica_of_PostgreSQL_tells_how_far_behind_it_is(string answer, HealthState? state, double? lag, string message)
    {
        var result = Judge(new PostgreSqlQuestion(), answer).SingleOrDefault(result => result.Instance == "replication");
        Assert.Equal((state, lag, message), (result?.State, result?.Value, result?.Message ?? ""));
    }

    [Theory]
    [InlineData("", "", HealthState.Warning, 31.0, "31 s behind its primary")]
    [InlineData("Slave_IO_Running: Yes", "Slave_IO_Running: Connecting\nLast_IO_Error: no route", HealthState.Critical, 31.0, "it gets nothing from db1: no route")]
    [InlineData("Slave_SQL_Running: Yes", "Slave_SQL_Running: No", HealthState.Critical, 31.0, "it applies nothing of what it gets")]
    [InlineData("Seconds_Behind_Master: 31", "Seconds_Behind_Master: NULL", HealthState.Unknown, null, "it follows its primary, and does not tell how far behind it is")]
    public void A_replica_of_MariaDB_tells_how_far_behind_it_is(string from, string to, HealthState? state, double? lag, string message)
    {
        var results = Judge(new MariaDbQuestion(), from.Length == 0 ? MariaDb : MariaDb.Replace(from, to, StringComparison.Ordinal));
        Assert.Equal([("connections", HealthState.Warning), ("transaction", HealthState.Warning)], results.Skip(1).Take(2).Select(result => (result.Instance!, result.State)));
        var replication = results.Single(result => result.Instance == "replication");
        Assert.Equal((state, lag, message), (replication.State, replication.Value, replication.Message));
        // MySQL 8 has other names for the same.
        var mysql = Judge(new MariaDbQuestion(), MariaDb.Replace("Slave_", "Replica_", StringComparison.Ordinal).Replace("Behind_Master", "Behind_Source", StringComparison.Ordinal).Replace("Master_Host", "Source_Host", StringComparison.Ordinal));
        Assert.Equal(31, mysql.Single(result => result.Instance == "replication").Value);
    }

    [Fact]
    public void Whatever_comes_is_read_or_refused()
    {
        ParserFuzz.Run("PostgreSQL answer", text => Judge(new PostgreSqlQuestion(), text), [Primary, Follower, Primary + "\n\u001e7\u001e0", "97|1e999|t|||t||f|-1"]);
        ParserFuzz.Run("MariaDB answer", text => Judge(new MariaDbQuestion(), text), [MariaDb, "max_connections: 0\nThreads_connected: -1\n"]);
    }

    /// <summary>Beginning to follow, and ceasing to, take a moment.</summary>
    private static async Task<HealthCheckResult> ReplicationAsync(DatabaseCheckOptions options, HealthState wanted)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var result = (await RunAsync(new PostgreSqlQuestion(), options)).Single(result => result.Instance == "replication");
            if (result.State == wanted || limit.IsCancellationRequested) return result;
        }
    }

    private static IReadOnlyList<HealthCheckResult> Judge(IDatabaseQuestion question, string text)
    {
        var subject = new CheckSubject("db1", "shop");
        var report = new DatabaseCheck(subject, question, Shell, new DatabaseCheckOptions(), TimeProvider.System).Read(text, "");
        return new DatabaseResults(subject, question.Metrics).Of(subject.Blank(default), report, TimeSpan.Zero, null);
    }

    private static CheckShell Shell => new(new Server { Name = "db1" }, (_, _) => Task.FromResult<IServerShell>(new LocalShell("db1")));

    private static Task<IReadOnlyList<HealthCheckResult>> RunAsync(IDatabaseQuestion question, DatabaseCheckOptions options) =>
        new DatabaseCheck(new CheckSubject("db1", "shop"), question, Shell, options.Timeout < TimeSpan.FromSeconds(10) ? options : options with { Timeout = TimeSpan.FromSeconds(60) }, TimeProvider.System).RunAsync(CancellationToken.None);

    private sealed class WithoutPrograms : IServerShell
    {
        public string Name => "db1";

        public Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken) =>
            new LocalShell(Name).StartAsync(command with { Text = $"PATH=/nowhere\n{command.Text}" }, cancellationToken);
    }
}

using ProdOps.Backup.Archiving.Streams;
using ProdOps.Backup.Browsing;
using ProdOps.Backup.Databases;
using ProdOps.Backup.Databases.Testing;
using ProdOps.Backup.Restoring;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;
using ProdOps.Servers.Commands;

namespace ProdOps.Backup.Tests.Databases;

/// <summary>A test of a backup loads its dumps into servers of their own, and leaves nothing of them.</summary>
[Collection(DatabaseCollection.Name)]
public sealed class RestoreTestTests(DatabaseServers servers) : IAsyncLifetime, IDisposable
{
    private static readonly LocalShell Shell = new("db1");
    private readonly BackupLab _lab = new();
    private readonly RecordingActivity _activity = new();

    // A server that runs as another user must be able to come to its folder.
    private readonly string _scratch = Directory.CreateTempSubdirectory("prodops-scratch-").FullName;

    public Task InitializeAsync()
    {
        DatabaseServers.Sh($"chmod 755 {_scratch}");
        return _lab.InitializeAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _lab.Dispose();
        Directory.Delete(_scratch, recursive: true);
    }

    [ProgramFact("pg_dump", "psql")]
    public async Task PostgreSql_is_loaded_with_its_roles_and_asked()
    {
        var access = servers.PostgreSql;
        servers.Psql("postgres", "CREATE ROLE tester; CREATE DATABASE pgtest OWNER tester;");
        servers.Psql("pgtest", "CREATE TABLE item (id int PRIMARY KEY, name text); INSERT INTO item SELECT n, 'a,\"b'||n FROM generate_series(1, 500) n; ALTER TABLE item OWNER TO tester;");
        await BackupAsync(await PostgreSql.PlanAsync(Shell, ["pgtest"], access, false, _activity, default));
        var result = await TestAsync(new() { Shell = Shell, ScratchPath = _scratch, Query = "SELECT id, name FROM item ORDER BY id LIMIT 2;" });
        Assert.True(result.Success, string.Join("; ", result.Problems));
        var database = Assert.Single(result.Databases);
        Assert.Equal((1, "1", "pgtest", "PostgreSQL"), (database.Tables, database.Answer, database.Database, database.Kind));
        Assert.Equal([["1", "a,\"b1"], ["2", "a,\"b2"]], database.Rows.Cast<IReadOnlyList<string>>());
        Assert.Contains("PostgreSQL", database.Version, StringComparison.Ordinal);
        Assert.True(database.Duration > TimeSpan.Zero && result.Duration >= database.Duration && database.Duration < TimeSpan.FromMinutes(2));
        Assert.Equal(2, result.FilesTested);
        Assert.Equal(result.EvidenceHash, (await TestAsync(new() { Shell = Shell, Running = access })).EvidenceHash);
        Assert.Equal("", servers.Psql("postgres", "SELECT datname FROM pg_database WHERE datname LIKE 'prodops%'"));
        AssertNothingLeft();

        var wrong = await TestAsync(new() { Shell = Shell, Running = access, Query = "SELECT count(*) FROM item", Judge = (_, first) => Task.FromResult(first == "501" ? null : $"it has {first}") });
        Assert.False(wrong.Success);
        Assert.Equal("TestAnswerUnexpected", Assert.Single(wrong.Problems).ErrorId);
        Assert.Equal("500", wrong.Databases[0].Answer);
        var broken = await TestAsync(new() { Shell = Shell, Running = access, Query = "SELECT nothing" });
        Assert.Equal("TestQueryFailed", Assert.Single(broken.Problems).ErrorId);
        Assert.Contains("nothing", broken.Problems[0].Message, StringComparison.Ordinal);
        Assert.Equal("", servers.Psql("postgres", "SELECT datname FROM pg_database WHERE datname LIKE 'prodops%'"));
    }

    [ProgramFact("pg_dump", "psql")]
    public async Task A_test_that_is_stopped_leaves_no_server_and_no_folder()
    {
        var access = servers.PostgreSql;
        servers.Psql("postgres", "CREATE DATABASE pgstopped;");
        await BackupAsync(await PostgreSql.PlanAsync(Shell, ["pgstopped"], access, false, _activity, default));
        using var stop = new CancellationTokenSource();
        var asked = new TaskCompletionSource();
        var testing = TestAsync(new() { Shell = Shell, ScratchPath = _scratch, Query = "SELECT 1", Judge = async (_, _) => { asked.SetResult(); await Task.Delay(Timeout.Infinite, stop.Token); return null; } }, stop.Token);
        await asked.Task.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.NotEqual("", Leftovers());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => testing);
        AssertNothingLeft();
    }

    [ProgramFact("mariadbd", "mariadb-install-db", "mariadb-dump")]
    public async Task MariaDb_is_loaded_and_asked()
    {
        var access = servers.MariaDb;
        servers.Mysql("CREATE DATABASE testedone; USE testedone; CREATE TABLE item (id int PRIMARY KEY, name text); INSERT INTO item VALUES (1, 'tab\\tline\\nback\\\\slash'), (2, 'two'); CREATE VIEW few AS SELECT * FROM item;");
        await BackupAsync(await MariaDb.PlanAsync(Shell, ["testedone"], access, false, _activity, default));
        var result = await TestAsync(new() { Shell = Shell, ScratchPath = _scratch, Query = "SELECT name, id FROM few ORDER BY id" });
        Assert.True(result.Success, string.Join("; ", result.Problems));
        Assert.Equal((1L, "tab\tline\nback\\slash", 2), (result.Databases[0].Tables, result.Databases[0].Answer, result.Databases[0].Rows.Count));
        AssertNothingLeft();
        var broken = await TestAsync(new() { Shell = Shell, Running = access, Query = "SELECT nothing" });
        Assert.Contains("Unknown column", Assert.Single(broken.Problems).Message, StringComparison.Ordinal);
        Assert.Equal("0\n", servers.Mysql("SELECT count(*) FROM information_schema.schemata WHERE schema_name LIKE 'prodops%'"));
    }

    [ProgramFact("sqlite3", "redis-server", "redis-cli")]
    public async Task Sqlite_and_Redis_are_loaded_and_asked_and_damage_is_a_problem()
    {
        var access = servers.Redis;
        string path = _lab.Source + "/app.db";
        DatabaseServers.Sh($"sqlite3 {path}", "PRAGMA journal_mode=WAL; CREATE TABLE t(n, s); INSERT INTO t VALUES (42, 'x'), (43, NULL);");
        servers.RedisCli("SET tested yes\n");
        var sqlite = await Sqlite.PlanAsync(Shell, [path], false, default);
        await BackupAsync(sqlite);
        var result = await TestAsync(new() { Shell = Shell, ScratchPath = _scratch, Query = "SELECT n, s FROM t ORDER BY n" });
        Assert.True(result.Success, string.Join("; ", result.Problems));
        Assert.Equal([["42", "x"], ["43", ""]], result.Databases[0].Rows.Cast<IReadOnlyList<string>>());
        await BackupAsync(await Redis.PlanAsync(Shell, access, false, default));
        result = await TestAsync(new() { Shell = Shell, ScratchPath = _scratch, Query = "GET tested" });
        Assert.True(result.Success, string.Join("; ", result.Problems));
        Assert.Equal("yes", result.Databases[0].Answer);
        Assert.True(result.Databases[0].Tables > 0);
        result = await TestAsync(new() { Shell = Shell, ScratchPath = _scratch, Query = "NOSUCHCOMMAND tested" });
        Assert.Equal("TestQueryFailed", Assert.Single(result.Problems).ErrorId);

        await BackupAsync([.. sqlite.Select(file => file with { Command = new ServerCommand("head -c 9000 /dev/zero") }), new StreamFile(Redis.Path, new ServerCommand("echo REDIS0011"), "no dump")]);
        result = await TestAsync(new() { Shell = Shell, ScratchPath = _scratch });
        Assert.Equal(["ScratchServerFailed", "ScratchServerFailed"], result.Problems.Select(problem => problem.ErrorId));
        Assert.Equal(0, result.FilesTested);
        AssertNothingLeft();
    }

    [Fact]
    public void Answers_are_read_whatever_is_in_them()
    {
        var csv = QueryAnswer.FromCsv("id,na me,\"a\"\"b\"\r\n1,\"x,\ny\",\n,\"\",3\n");
        Assert.Equal(["id", "na me", "a\"b"], csv.Columns);
        Assert.Equal([["1", "x,\ny", ""], ["", "", "3"]], csv.Rows);
        Assert.Equal([[""]], QueryAnswer.FromCsv("n\n\"\"\n").Rows);
        Assert.Null(QueryAnswer.FromCsv("n\n").First);
        Assert.Empty(QueryAnswer.FromCsv("").Columns);
        Assert.Equal([["a\tb", "\\n", "NULL"]], QueryAnswer.FromBatch("x\ty\tz\na\\tb\t\\\\n\tNULL\n").Rows);
        Assert.Equal([["a"], [""], ["b"]], QueryAnswer.FromLines("a\r\n\nb\n").Rows);
        var random = new Random(31);
        for (int round = 0; round < 20_000; round++)
        {
            string text = new([.. Enumerable.Range(0, random.Next(40)).Select(_ => "ab,\"\n\r\t\\0"[random.Next(9)])]);
            Assert.All(QueryAnswer.FromCsv(text).Rows, row => Assert.NotEmpty(row));
            _ = QueryAnswer.FromBatch(text).First;
            _ = QueryAnswer.FromLines(text).First;
        }
    }

    [Fact]
    public void Those_who_made_a_view_are_made_and_roles_are_not()
    {
        Assert.Equal(["CREATE USER IF NOT EXISTS 'o''brien@x\\\\'@'%'", "GRANT ALL ON *.* TO 'o''brien@x\\\\'@'%'"], MariaDbDefiners.Statements("o'brien@x\\@%"));
        Assert.Empty(MariaDbDefiners.Statements("arole@"));
        Assert.Empty(MariaDbDefiners.Statements(""));
    }

    /// <summary>Folders and processes of the tests' servers.</summary>
    private string Leftovers() => string.Join('\n', Directory.GetFileSystemEntries(_scratch)) + DatabaseServers.Sh($"grep -lsa '{_scratch[..^1]}[{_scratch[^1]}]' /proc/[0-9]*/cmdline || true");

    private void AssertNothingLeft() => Assert.Equal("", Leftovers());

    private async Task<BackupTestResult> TestAsync(DatabaseTestOptions options, CancellationToken cancellationToken = default)
    {
        await using var repository = await TestRepository.OpenAsync(_lab.Storage());
        await repository.LoadIndexAsync(_activity, default);
        var snapshot = await repository.FindSnapshotAsync("latest", _activity, filter: null, default);
        var dumps = await DatabaseDump.ListAsync(new SnapshotBrowser(repository, snapshot, _activity), default);
        return await RestoreTest.RunAsync(repository, snapshot, _lab["scratch"], new RestoreTestDatabases(dumps, options, Here: true), _activity, cancellationToken);
    }

    private async Task BackupAsync(IReadOnlyList<StreamFile> files)
    {
        await using var repository = await TestRepository.OpenAsync(_lab.Storage());
        await StreamBackup.RunAsync(repository, Shell, files, _lab.Request() with { Paths = [.. files.Select(file => file.Path)] }, _activity, default);
    }
}

using System.Text;
using ProdOps.Backup.Archiving.Streams;
using ProdOps.Backup.Databases;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Secrets;

namespace ProdOps.Backup.Tests.Databases;

/// <summary>Dumps of real servers go into a snapshot, and come out of it with restic.</summary>
[Collection(DatabaseCollection.Name)]
public sealed class DumpTests(DatabaseServers servers) : IAsyncLifetime, IDisposable
{
    private static readonly LocalShell Shell = new("db1");
    private readonly BackupLab _lab = new();
    private readonly RecordingActivity _activity = new();

    public Task InitializeAsync() => _lab.InitializeAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _lab.Dispose();

    [ProgramFact("restic", "pg_dump", "psql")]
    public async Task PostgreSql_comes_back_whole_by_restic_and_pg_restore()
    {
        var access = servers.PostgreSql;
        servers.Psql("postgres", "CREATE ROLE clerk; CREATE DATABASE \"we'ird/=na me\"; CREATE DATABASE pgshop;");
        servers.Psql("pgshop", "CREATE TABLE item (id int PRIMARY KEY, name text); INSERT INTO item SELECT n, md5(n::text) FROM generate_series(1, 20000) n; GRANT SELECT ON item TO clerk;");
        var files = await PostgreSql.PlanAsync(Shell, ["pgshop", "we'ird*"], access, false, _activity, default);
        Assert.Equal(["/postgresql/pgshop.dump", "/postgresql/we'ird%2F=na me.dump", "/postgresql/globals.sql"], files.Select(file => file.Path));
        Assert.InRange(files[0].ExpectedSize!.Value, 1_000_000, 100_000_000);
        var snapshot = await BackupAsync(files);
        string back = Restore(snapshot);
        Assert.Contains("CREATE ROLE clerk", File.ReadAllText($"{back}/postgresql/globals.sql"), StringComparison.Ordinal);
        servers.Psql("postgres", "CREATE DATABASE pgcopy;");
        string login = $"-h {access.Host} -U admin";
        DatabaseServers.Sh($"pg_restore {login} -d pgcopy --exit-on-error {back}/postgresql/pgshop.dump", "", ("PGPASSWORD", DatabaseServers.Password));
        string Dump(string database) => DatabaseServers.Sh($"pg_dump {login} {database} | grep -v restrict", "", ("PGPASSWORD", DatabaseServers.Password));
        Assert.Equal(Dump("pgshop"), Dump("pgcopy"));

        servers.Psql("pgshop", "UPDATE item SET name = 'changed' WHERE id = 7;");
        var second = await BackupAsync(await PostgreSql.PlanAsync(Shell, ["pgshop", "we'ird*"], access, false, _activity, default));
        Assert.Equal(snapshot.Id, second.Parent);

        var error = await Assert.ThrowsAsync<ProdOpsException>(() => PostgreSql.PlanAsync(Shell, ["nothere"], access, false, _activity, default));
        Assert.Equal("DatabaseNotFound", error.ErrorId);
        Assert.Contains("pgshop", error.Recommendation, StringComparison.Ordinal);
    }

    [ProgramFact("pg_dump", "psql")]
    public async Task A_dump_that_may_not_read_a_table_leaves_no_snapshot_and_says_which()
    {
        var access = servers.PostgreSql;
        servers.Psql("postgres", "CREATE ROLE poor LOGIN PASSWORD 'poor-but-long'; CREATE DATABASE pgpoor;");
        servers.Psql("pgpoor", "CREATE TABLE rich (id int);");
        var poor = access with { User = "poor", Password = SecretSource.FromBytes("poor-but-long"u8) };
        var files = await PostgreSql.PlanAsync(Shell, ["pgpoor"], poor, false, _activity, default);
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => BackupAsync(files));
        Assert.Equal("DumpFailed", error.ErrorId);
        Assert.Contains("permission denied", error.Message, StringComparison.Ordinal);
        Assert.Contains("rich", error.Message, StringComparison.Ordinal);
        Assert.Empty(_lab.FilesOf("snapshots"));
        servers.Psql("pgpoor", "GRANT SELECT ON rich TO poor;");
        await BackupAsync(files);
        Assert.Contains(_activity.Warnings, warning => warning.Contains("only a superuser", StringComparison.Ordinal));
    }

    [ProgramFact("pg_dump", "psql")]
    public async Task A_server_killed_in_mid_dump_leaves_no_snapshot()
    {
        var access = servers.PostgreSql;
        servers.Psql("postgres", "CREATE DATABASE pgkill;");
        servers.Psql("pgkill", "CREATE TABLE big AS SELECT n, repeat(md5(n::text), 20) AS t FROM generate_series(1, 60000) n;");
        var files = await PostgreSql.PlanAsync(Shell, ["pgkill"], access, false, _activity, default);
        using var watch = new CommandLineWatch();
        // The dump waits for its table, which is locked, and its connection is ended meanwhile.
        var killing = Task.Run(() => servers.Psql("pgkill",
            "BEGIN; LOCK big; DO $$ BEGIN LOOP PERFORM pg_stat_clear_snapshot(); PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pg_dump'; EXIT WHEN FOUND; END LOOP; END $$;"));
        while (servers.Psql("pgkill", "SELECT 1 FROM pg_locks WHERE relation = 'big'::regclass AND mode = 'AccessExclusiveLock' AND granted;").Length == 0) await Task.Delay(20);
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => BackupAsync(files));
        await killing;
        watch.AssertSawAndDidNotSee("pg_dump", DatabaseServers.Password);
        Assert.Equal("DumpFailed", error.ErrorId);
        Assert.Empty(_lab.FilesOf("snapshots"));
    }

    [ProgramFact("pg_dump", "psql")]
    public async Task A_wrong_password_is_told_and_not_shown()
    {
        var wrong = servers.PostgreSql with { Password = SecretSource.FromBytes("wr0ng-horse-battery"u8) };
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => PostgreSql.PlanAsync(Shell, ["*"], wrong, false, _activity, default));
        Assert.Equal("DatabaseQueryFailed", error.ErrorId);
        Assert.Contains("password authentication failed", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wr0ng", error.ToString() + error.Recommendation, StringComparison.Ordinal);
    }

    [ProgramFact("pg_dump", "psql")]
    public async Task What_is_written_meanwhile_is_in_a_dump_wholly_or_not_at_all()
    {
        var access = servers.PostgreSql;
        servers.Psql("postgres", "CREATE DATABASE pglive;");
        servers.Psql("pglive", "CREATE TABLE a_left (n int); CREATE TABLE z_right (n int); CREATE TABLE middle AS SELECT n, md5(n::text) t FROM generate_series(1, 100000) n;");
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested) servers.Psql("pglive", string.Concat(Enumerable.Repeat("BEGIN; INSERT INTO a_left VALUES (1); INSERT INTO z_right VALUES (1); COMMIT;\n", 200)));
        });
        var snapshot = await BackupAsync(await PostgreSql.PlanAsync(Shell, ["pglive"], access, false, _activity, default));
        await stop.CancelAsync();
        await writing;
        string back = Restore(snapshot);
        string counts = DatabaseServers.Sh($"for t in a_left z_right; do pg_restore -a -t $t -f - {back}/postgresql/pglive.dump | grep -c '^1$' || true; done");
        var lines = counts.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(lines[0], lines[1]);
    }

    [ProgramFact("mariadbd", "mariadb-dump")]
    public async Task A_line_feed_in_the_name_of_a_database_is_a_part_of_the_name()
    {
        // What comes after it looks like another database of the list.
        const string name = "line\n0 utf8mb4:utf8mb4_bin feed";
        servers.Mysql($"CREATE DATABASE `{name}`; CREATE TABLE `{name}`.t (n int);");
        try
        {
            var files = await MariaDb.PlanAsync(Shell, [name], servers.MariaDb, false, _activity, default);
            Assert.Equal([$"/mariadb/{name}.sql", "/mariadb/users.sql"], files.Select(file => file.Path));
            Assert.Equal("DatabaseNotFound", (await Assert.ThrowsAsync<ProdOpsException>(() => MariaDb.PlanAsync(Shell, ["feed"], servers.MariaDb, false, _activity, default))).ErrorId);
            Assert.Contains(name, await MariaDb.NamesAsync(Shell, servers.MariaDb, false, default));
            await BackupAsync(files);
        }
        finally
        {
            servers.Mysql($"DROP DATABASE `{name}`");
        }
    }

    [ProgramFact("restic", "mariadbd", "mariadb-dump")]
    public async Task MariaDb_comes_back_whole_with_its_routines_and_users()
    {
        var access = servers.MariaDb;
        servers.Mysql("""
            CREATE DATABASE `my shop` CHARACTER SET latin1; USE `my shop`;
            CREATE TABLE item (id int PRIMARY KEY, name varchar(80), raw blob) ENGINE=InnoDB;
            INSERT INTO item SELECT seq, md5(seq), unhex(md5(seq)) FROM seq_1_to_5000;
            CREATE VIEW few AS SELECT * FROM item WHERE id < 10;
            CREATE TRIGGER up BEFORE UPDATE ON item FOR EACH ROW SET NEW.name = upper(NEW.name);
            CREATE FUNCTION twice(n int) RETURNS int DETERMINISTIC RETURN 2 * n;
            CREATE DATABASE users; CREATE TABLE users.account (id int); INSERT INTO users.account VALUES (4711);
            CREATE USER clerk@localhost IDENTIFIED BY 'clerk-password'; GRANT SELECT ON `my shop`.* TO clerk@localhost;
            """);
        var files = await MariaDb.PlanAsync(Shell, ["my*", "users"], access, false, _activity, default);
        Assert.Equal(["/mariadb/my shop.sql", "/mariadb/%75sers.sql", "/mariadb/users.sql"], files.Select(file => file.Path));
        Assert.True(files[0].ExpectedSize > 10_000);
        string back = Restore(await BackupAsync(files));
        Assert.Contains("clerk", File.ReadAllText($"{back}/mariadb/users.sql"), StringComparison.Ordinal);
        Assert.Contains("4711", File.ReadAllText($"{back}/mariadb/%75sers.sql"), StringComparison.Ordinal);
        servers.Mysql("CREATE DATABASE mycopy");
        servers.Mysql(File.ReadAllText($"{back}/mariadb/my shop.sql"), "mycopy");
        string Dump(string database) => DatabaseServers.Sh($"mariadb-dump --no-defaults -S {access.Host} -u admin --routines --triggers --hex-blob --skip-dump-date --skip-comments '{database}'", "", ("MYSQL_PWD", DatabaseServers.Password));
        Assert.Equal(Dump("my shop").Replace("my shop", "mycopy"), Dump("mycopy"));
        Assert.Equal("latin1\n", servers.Mysql("SELECT default_character_set_name FROM information_schema.schemata WHERE schema_name = 'mycopy'"));

        servers.Mysql("CREATE DATABASE broken; USE broken; CREATE TABLE t (n int); CREATE VIEW v AS SELECT * FROM t; DROP TABLE t;");
        var error = await Assert.ThrowsAsync<ProdOpsException>(async () => await BackupAsync(await MariaDb.PlanAsync(Shell, ["broken"], access, false, _activity, default)));
        Assert.Equal("DumpFailed", error.ErrorId);
        var wrong = access with { Password = SecretSource.FromBytes("wr0ng-horse-battery"u8) };
        error = await Assert.ThrowsAsync<ProdOpsException>(() => MariaDb.PlanAsync(Shell, ["*"], wrong, false, _activity, default));
        Assert.Contains("Access denied", error.Message, StringComparison.Ordinal);
    }

    [ProgramFact("restic", "sqlite3")]
    public async Task Sqlite_comes_back_whole_while_others_write_and_leaves_no_file_behind()
    {
        string path = _lab.Source + "/a'b c.db";
        string word = ShellQuote.Word(path);
        DatabaseServers.Sh($"sqlite3 {word}", "PRAGMA journal_mode=WAL; CREATE TABLE l(n); CREATE TABLE r(n); CREATE TABLE fill(t); WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<50000) INSERT INTO fill SELECT hex(randomblob(40)) FROM c;");
        string before = Leftovers();
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested) DatabaseServers.Sh($"sqlite3 {word}", ".timeout 20000\nBEGIN; INSERT INTO l VALUES(1); INSERT INTO r VALUES(1); COMMIT;");
        });
        var snapshot = await BackupAsync(await Sqlite.PlanAsync(Shell, [path], false, default));
        await stop.CancelAsync();
        await writing;
        string copy = ShellQuote.Word($"{Restore(snapshot)}/sqlite{path}");
        string[] said = DatabaseServers.Sh($"sqlite3 {copy}", "PRAGMA integrity_check; SELECT count(*) FROM fill; SELECT (SELECT count(*) FROM l) = (SELECT count(*) FROM r);").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["ok", "50000", "1"], said);
        Assert.Equal(before, Leftovers());

        File.WriteAllText(path + ".txt", new string('x', 5000));
        var error = await Assert.ThrowsAsync<ProdOpsException>(async () => await BackupAsync(await Sqlite.PlanAsync(Shell, [path + ".txt"], false, default)));
        Assert.Contains("not a database", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<ProdOpsException>(() => Sqlite.PlanAsync(Shell, [_lab.Source + "/none.db"], false, default));
        Assert.Equal("DatabaseQueryFailed", error.ErrorId);
        Assert.False(File.Exists(_lab.Source + "/none.db"));
        Assert.Equal(before, Leftovers());
    }

    [ProgramFact("restic", "redis-server", "redis-cli")]
    public async Task Redis_comes_back_whole()
    {
        var access = servers.Redis;
        servers.RedisCli("SET greeting hello\nLPUSH queue a b c\n");
        string back = Restore(await BackupAsync(await Redis.PlanAsync(Shell, access, false, default)));
        DatabaseServers.Sh($"redis-check-rdb {back}/redis/dump.rdb | grep -q 'Checksum OK'");
        string said = DatabaseServers.Sh($"cd {back}/redis && (redis-server --port 0 --unixsocket s --daemonize yes --save '' >/dev/null) && timeout 20 sh -c 'until redis-cli -s s ping 2>/dev/null | grep -q PONG; do sleep 0.05; done'; redis-cli -s s GET greeting; redis-cli -s s LLEN queue; redis-cli -s s SHUTDOWN NOSAVE");
        Assert.Equal("hello\n3\n", said);

        var wrong = access with { Password = SecretSource.FromBytes("wr0ng-horse-battery"u8) };
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => Redis.PlanAsync(Shell, wrong, false, default));
        Assert.Equal("DatabaseQueryFailed", error.ErrorId);
        Assert.DoesNotContain("wr0ng", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_of_databases_is_read_or_refused()
    {
        Assert.Equal([new DatabaseEntry("a b", 5, "-"), new DatabaseEntry("c", null, "x:y")], DatabaseList.Parse("5 - a b\0 x:y c\0\n"u8)!);
        Assert.Empty(DatabaseList.Parse([])!);
        foreach (string bad in new[] { "Welcome!\n5 - a\0", "5 -\0", "5 - a", "5\0", "\0", "-1 - a\0", "99999999999999999999 - a\0" }) Assert.Null(DatabaseList.Parse(Encoding.UTF8.GetBytes(bad)));
        var random = new Random(17);
        byte[] good = Encoding.UTF8.GetBytes("123 - shop\0 latin1:latin1_bin other one\00 x y\0");
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = [.. good];
            for (int change = random.Next(1, 5); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            _ = DatabaseList.Parse(bytes.AsSpan(0, random.Next(bytes.Length + 1)));
        }
    }

    private static string Leftovers() => DatabaseServers.Sh("ls -d ${TMPDIR:-/var/tmp}/prodops-sqlite-* 2>/dev/null || true");

    private string Restore(BackupSnapshot snapshot)
    {
        string target = _lab[$"back-{snapshot.ShortId}"];
        _lab.Restic.Run("restore", snapshot.Id, "--target", target);
        return target;
    }

    private async Task<BackupSnapshot> BackupAsync(IReadOnlyList<StreamFile> files)
    {
        await using var repository = await TestRepository.OpenAsync(_lab.Storage());
        return await StreamBackup.RunAsync(repository, Shell, files, _lab.Request() with { Paths = [.. files.Select(file => file.Path)] }, _activity, default);
    }
}

using ProdOps.Backup.Archiving.Streams;
using ProdOps.Backup.Browsing;
using ProdOps.Backup.Databases;
using ProdOps.Backup.Databases.Loading;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;
using ProdOps.Servers.Commands;

namespace ProdOps.Backup.Tests.Databases;

/// <summary>Dumps go from the repository back into running database servers.</summary>
[Collection(DatabaseCollection.Name)]
public sealed class LoadTests(DatabaseServers servers) : IAsyncLifetime, IDisposable
{
    private static readonly LocalShell Shell = new("db1");
    private readonly BackupLab _lab = new();
    private readonly RecordingActivity _activity = new();

    public Task InitializeAsync() => _lab.InitializeAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _lab.Dispose();

    [ProgramFact("pg_dump", "psql")]
    public async Task PostgreSql_comes_back_under_its_own_or_another_name_with_its_owner_settings_and_rights()
    {
        var access = servers.PostgreSql;
        servers.Psql("postgres", "CREATE ROLE lowner; CREATE ROLE lreader; CREATE DATABASE \"pg load\" OWNER lowner; ALTER DATABASE \"pg load\" SET work_mem = '7MB'; REVOKE CONNECT ON DATABASE \"pg load\" FROM PUBLIC; GRANT CONNECT ON DATABASE \"pg load\" TO lreader; COMMENT ON DATABASE \"pg load\" IS 'it''s; DATABASE \"x\"';");
        servers.Psql("pg load", "CREATE TABLE item (id int PRIMARY KEY, name text); INSERT INTO item SELECT n, md5(n::text) FROM generate_series(1, 3000) n; ALTER TABLE item OWNER TO lowner;");
        string before = servers.Psql("pg load", Sum), properties = Properties("pg load");
        await BackupAsync(await PostgreSql.PlanAsync(Shell, ["pg load"], access, false, _activity, default));
        const string path = "/postgresql/pg load.dump";

        Assert.Equal("DatabaseExists", (await FailAsync(path, new() { Access = access })).ErrorId);
        servers.Psql("pg load", "DELETE FROM item WHERE id > 10; CREATE TABLE later (n int);");
        await LoadAsync(path, new() { Access = access, Name = "pg=made" });
        Assert.Equal(before, servers.Psql("dbname=pg=made", Sum));
        Assert.Equal(properties, Properties("pg=made"));
        Assert.Equal("10\n", servers.Psql("pg load", "SELECT count(*) FROM item"));

        // A session that sits in the database does not stand in the way, and what was not in the dump is gone.
        var sitting = Task.Run(() => Assert.ThrowsAny<InvalidOperationException>(() => servers.Psql("pg load", "SELECT pg_sleep(60)")));
        servers.Psql("postgres", "DO $$ BEGIN LOOP PERFORM pg_stat_clear_snapshot(); EXIT WHEN EXISTS (SELECT FROM pg_stat_activity WHERE datname = 'pg load' AND query LIKE '%pg_sleep%'); END LOOP; END $$;");
        Assert.True((await LoadAsync(path, new() { Access = access, Force = true })).Replaces);
        await sitting;
        Assert.Equal(before, servers.Psql("pg load", Sum));
        Assert.Equal(properties, Properties("pg load"));
        Assert.Equal("f\n", servers.Psql("pg load", "SELECT EXISTS (SELECT FROM pg_tables WHERE tablename = 'later')"));
        AssertNothingLeft();
    }

    [ProgramFact("pg_dump", "psql")]
    public async Task What_cannot_be_loaded_into_PostgreSql_leaves_what_was_there()
    {
        var access = servers.PostgreSql;
        servers.Psql("postgres", "CREATE ROLE gone; CREATE ROLE hasp LOGIN PASSWORD 'horse'; GRANT gone TO hasp; CREATE DATABASE pgroles;");
        servers.Psql("pgroles", "CREATE TABLE item (id int, name text); INSERT INTO item VALUES (1, 'one'); ALTER TABLE item OWNER TO gone;");
        await BackupAsync(await PostgreSql.PlanAsync(Shell, ["pgroles"], access, false, _activity, default));
        const string path = "/postgresql/pgroles.dump";
        servers.Psql("pgroles", "ALTER TABLE item OWNER TO admin; INSERT INTO item VALUES (2, 'two');");
        servers.Psql("postgres", "DROP ROLE gone; DROP ROLE hasp;");

        var error = await FailAsync(path, new() { Access = access, Force = true });
        Assert.Equal("DatabaseLoadFailed", error.ErrorId);
        Assert.Contains("role \"gone\" does not exist", error.Message, StringComparison.Ordinal);
        Assert.Contains("'pgroles' is as it was.", error.Message, StringComparison.Ordinal);
        Assert.Contains("-IncludeRoles", error.Recommendation, StringComparison.Ordinal);
        Assert.Equal("2\n", servers.Psql("pgroles", "SELECT count(*) FROM item"));
        AssertNothingLeft();

        await LoadAsync(path, new() { Access = access, Name = "pgnoowner", NoOwner = true });
        Assert.Equal("admin\n", servers.Psql("pgnoowner", "SELECT tableowner FROM pg_tables WHERE tablename = 'item'"));
        await LoadAsync(path, new() { Access = access, Name = "pgwith", Roles = true });
        Assert.Equal("gone\n", servers.Psql("pgwith", "SELECT tableowner FROM pg_tables WHERE tablename = 'item'"));
        Assert.Equal("t|t\n", servers.Psql("postgres", "SELECT pg_has_role('hasp', 'gone', 'MEMBER'), rolcanlogin FROM pg_roles WHERE rolname = 'hasp'"));

        // Damage in the repository is met while the dump is loaded into a database that nobody knows yet.
        await DamageAsync(path);
        Assert.Equal("BlobDamaged", (await FailAsync(path, new() { Access = access, Force = true, NoOwner = true })).ErrorId);
        Assert.Equal("2\n", servers.Psql("pgroles", "SELECT count(*) FROM item"));
        AssertNothingLeft();
    }

    [ProgramFact("pg_dump", "psql")]
    public async Task A_restore_that_is_stopped_puts_away_what_it_has_begun()
    {
        var access = servers.PostgreSql;
        servers.Psql("postgres", "CREATE DATABASE pgstop;");
        servers.Psql("pgstop", "CREATE TABLE item (id int); INSERT INTO item VALUES (1); CREATE FUNCTION slow() RETURNS boolean LANGUAGE sql AS 'SELECT pg_sleep(60) IS NULL'; ALTER TABLE item ADD CONSTRAINT c CHECK (slow()) NOT VALID; UPDATE pg_constraint SET convalidated = true WHERE conname = 'c';");
        await BackupAsync(await PostgreSql.PlanAsync(Shell, ["pgstop"], access, false, _activity, default));
        using var stop = new CancellationTokenSource();
        var loading = LoadAsync("/postgresql/pgstop.dump", new() { Access = access, Name = "pgnever" }, stop.Token);
        servers.Psql("postgres", "DO $$ BEGIN LOOP PERFORM pg_stat_clear_snapshot(); EXIT WHEN EXISTS (SELECT FROM pg_stat_activity WHERE datname LIKE 'prodops%' AND query LIKE 'COPY%'); END LOOP; END $$;");
        using var watch = new CommandLineWatch();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loading);
        AssertNothingLeft();
        Assert.Equal("0\n", servers.Psql("postgres", "SELECT count(*) FROM pg_database WHERE datname = 'pgnever'"));
        watch.AssertSawAndDidNotSee("psql", DatabaseServers.Password);
    }

    [ProgramFact("mariadbd", "mariadb-dump")]
    public async Task MariaDb_comes_back_under_its_own_or_another_name()
    {
        var access = servers.MariaDb;
        servers.Mysql("CREATE DATABASE loadme CHARACTER SET latin1; USE loadme; CREATE TABLE item (id int PRIMARY KEY, name text); INSERT INTO item SELECT seq, md5(seq) FROM seq_1_to_2000; CREATE VIEW few AS SELECT * FROM item WHERE id < 3;");
        const string sum = "SELECT md5(group_concat(name ORDER BY id)) FROM item WHERE id < 30; SELECT count(*) FROM few; SELECT @@character_set_database";
        string before = servers.Mysql(sum, "loadme");
        await BackupAsync(await MariaDb.PlanAsync(Shell, ["loadme"], access, false, _activity, default));
        const string path = "/mariadb/loadme.sql";
        Assert.Equal("DatabaseExists", (await FailAsync(path, new() { Access = access })).ErrorId);
        servers.Mysql("DELETE FROM item; CREATE TABLE later (n int)", "loadme");
        await LoadAsync(path, new() { Access = access, Name = "load`ed too" });
        Assert.Equal(before, servers.Mysql($"USE `load``ed too`; {sum}"));
        await LoadAsync(path, new() { Access = access, Force = true });
        Assert.Equal(before, servers.Mysql(sum, "loadme"));
        Assert.Equal("few\nitem\n", servers.Mysql("SHOW TABLES", "loadme"));
        Assert.Equal("SystemDatabase", (await FailAsync(path, new() { Access = access, Name = "mysql", Force = true })).ErrorId);

        await DamageAsync(path);
        Assert.Equal("BlobDamaged", (await FailAsync(path, new() { Access = access, Force = true })).ErrorId);
        Assert.Equal("2000\n", servers.Mysql("SELECT count(*) FROM item", "loadme"));
        Assert.Equal("BlobDamaged", (await FailAsync(path, new() { Access = access, Name = "halfway" })).ErrorId);
        Assert.Equal("0\n", servers.Mysql("SELECT count(*) FROM information_schema.schemata WHERE schema_name = 'halfway'"));
    }

    [ProgramFact("mariadbd", "mariadb-dump")]
    public async Task What_MariaDb_refuses_is_told_with_what_is_left()
    {
        var access = servers.MariaDb;
        servers.Mysql("CREATE DATABASE refused; USE refused; CREATE TABLE item (id int); INSERT INTO item VALUES (1);");
        await BackupAsync([new StreamFile("/mariadb/refused.sql", new ServerCommand("echo 'CREATE TABLE t (n int); INSERT INTO nothere VALUES (1);'"), "a dump")]);
        var error = await FailAsync("/mariadb/refused.sql", new() { Access = access, Name = "refused2" });
        Assert.Equal("DatabaseLoadFailed", error.ErrorId);
        Assert.Contains("nothere' doesn't exist", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("VALUES", error.Message, StringComparison.Ordinal);
        Assert.Contains("No database 'refused2' was made.", error.Message, StringComparison.Ordinal);
        Assert.Equal("0\n", servers.Mysql("SELECT count(*) FROM information_schema.schemata WHERE schema_name = 'refused2'"));
        error = await FailAsync("/mariadb/refused.sql", new() { Access = access, Force = true });
        Assert.Contains("'refused' holds a part of the dump only", error.Message, StringComparison.Ordinal);
    }

    [ProgramFact("mariadbd", "mariadb-dump")]
    public async Task What_a_dump_has_its_client_do_beside_SQL_is_not_done()
    {
        string mark = _lab["mark"];
        await BackupAsync([new StreamFile("/mariadb/shelled.sql", new ServerCommand($"printf '%s\\n' 'CREATE TABLE t (n int);' '\\! touch {mark}' 'CREATE TABLE u (n int);'"), "a dump")]);
        var error = await FailAsync("/mariadb/shelled.sql", new() { Access = servers.MariaDb });
        Assert.Equal("DatabaseLoadFailed", error.ErrorId);
        Assert.Contains("sandbox", error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.False(File.Exists(mark));
    }

    [ProgramFact("mariadbd", "mariadb-dump")]
    public async Task A_restore_into_MariaDb_that_is_stopped_tells_what_it_leaves()
    {
        var access = servers.MariaDb;
        servers.Mysql("CREATE DATABASE slow;");
        await BackupAsync([new StreamFile("/mariadb/slow.sql", new ServerCommand("echo 'CREATE TABLE t (n int); SELECT SLEEP(60);'"), "a dump")]);
        foreach (string name in new[] { "slow", "slow2" })
        {
            using var stop = new CancellationTokenSource();
            var loading = LoadAsync("/mariadb/slow.sql", new() { Access = access, Name = name, Force = true }, stop.Token);
            servers.Mysql($"DELIMITER //\nBEGIN NOT ATOMIC WHILE NOT EXISTS (SELECT 1 FROM information_schema.processlist WHERE info = 'SELECT SLEEP(60)' AND db = '{name}') DO DO SLEEP(0.02); END WHILE; END//\n");
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loading);
        }
        Assert.Contains(_activity.Warnings, warning => warning.Contains("'slow' holds a part of the dump only", StringComparison.Ordinal));
        Assert.Contains(_activity.Warnings, warning => warning.Contains("No database 'slow2' was made", StringComparison.Ordinal));
        Assert.Equal("slow\n", servers.Mysql("SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'slow%'"));
    }

    [ProgramFact("sqlite3")]
    public async Task Sqlite_takes_the_files_place_unless_a_program_has_it_open()
    {
        string path = _lab.Source + "/a'b.db";
        string word = ShellQuote.Word(path);
        DatabaseServers.Sh($"sqlite3 {word}", "PRAGMA journal_mode=WAL; CREATE TABLE t(n); INSERT INTO t VALUES (42);");
        DatabaseServers.Sh($"chmod 640 {word}");
        await BackupAsync(await Sqlite.PlanAsync(Shell, [path], false, default));
        DatabaseServers.Sh($"sqlite3 {word}", "DROP TABLE t;");
        Assert.Equal("DatabaseExists", (await FailAsync(Sqlite.Folder + path, new())).ErrorId);
        await LoadAsync(Sqlite.Folder + path, new() { Force = true });
        Assert.Equal("42\n", DatabaseServers.Sh($"sqlite3 {word} 'SELECT n FROM t'"));
        Assert.Equal("640\n", DatabaseServers.Sh($"stat -c %a {word}"));

        File.WriteAllText(path + "-wal", "");
        Assert.Contains("has not closed it", (await FailAsync(Sqlite.Folder + path, new() { Force = true })).Message, StringComparison.Ordinal);
        File.Delete(path + "-wal");
        Assert.Contains("no folder", (await FailAsync(Sqlite.Folder + path, new() { Name = _lab.Source + "/none/new.db" })).Message, StringComparison.Ordinal);
        Assert.Equal("DatabaseFileNotAbsolute", (await FailAsync(Sqlite.Folder + path, new() { Name = "new.db" })).ErrorId);
        await LoadAsync(Sqlite.Folder + path, new() { Name = _lab.Source + "/new.db" });
        Assert.Equal("42\n", DatabaseServers.Sh($"sqlite3 {_lab.Source}/new.db 'SELECT n FROM t'"));
        // A link stays one, and what it points to is replaced; a folder takes nothing in.
        string link = _lab.Source + "/link.db";
        File.CreateSymbolicLink(link, _lab.Source + "/new.db");
        DatabaseServers.Sh($"sqlite3 {link}", "DROP TABLE t;");
        DatabaseServers.Sh($"chmod 600 {_lab.Source}/new.db");
        await LoadAsync(Sqlite.Folder + path, new() { Name = link, Force = true });
        Assert.Equal("42\n", DatabaseServers.Sh($"sqlite3 {_lab.Source}/new.db 'SELECT n FROM t'"));
        Assert.Equal("600\n", DatabaseServers.Sh($"stat -c %a {_lab.Source}/new.db"));
        Assert.NotNull(File.ResolveLinkTarget(link, returnFinalTarget: false));
        Assert.Contains("is a folder", (await FailAsync(Sqlite.Folder + path, new() { Name = _lab.Source, Force = true })).Message, StringComparison.Ordinal);
        File.Delete(link);

        await BackupAsync([new StreamFile(Sqlite.Folder + path, new ServerCommand("head -c 5000 /dev/zero"), "no database")]);
        Assert.Contains("is as it was", (await FailAsync(Sqlite.Folder + path, new() { Force = true })).Message, StringComparison.Ordinal);
        Assert.Equal("42\n", DatabaseServers.Sh($"sqlite3 {word} 'SELECT n FROM t'"));
        Assert.Equal(["a'b.db", "new.db"], Directory.GetFiles(_lab.Source).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
    }

    [ProgramFact("redis-server", "redis-cli")]
    public async Task Redis_is_refused_while_it_runs_and_reads_the_file_when_it_starts()
    {
        var access = servers.Redis;
        servers.RedisCli("SET greeting hello\n");
        await BackupAsync(await Redis.PlanAsync(Shell, access, false, default));
        string folder = _lab["redis"], file = folder + "/dump.rdb";
        Directory.CreateDirectory(folder);
        string own = servers.RedisCli("CONFIG GET dir\n").Split('\n')[1] + "/dump.rdb";
        var error = await FailAsync(Redis.Path, new() { Access = access, Name = own });
        Assert.Equal("RedisRuns", error.ErrorId);
        Assert.Contains(own, error.Recommendation, StringComparison.Ordinal);
        await LoadAsync(Redis.Path, new() { Access = access, Name = file });
        Assert.Equal("DatabaseExists", (await FailAsync(Redis.Path, new() { Access = access, Name = file })).ErrorId);
        string said = DatabaseServers.Sh($"cd {folder} && (redis-server --port 0 --unixsocket s --daemonize yes --save '' >/dev/null) && timeout 20 sh -c 'until redis-cli -s s ping 2>/dev/null | grep -q PONG; do sleep 0.05; done'; redis-cli -s s GET greeting; redis-cli -s s SHUTDOWN NOSAVE");
        Assert.Equal("hello\n", said);
        Directory.CreateDirectory(folder + "/appendonlydir");
        File.WriteAllText(folder + "/appendonlydir/x", "x");
        Assert.Contains("appendonlydir instead", (await FailAsync(Redis.Path, new() { Access = access, Name = file, Force = true })).Message, StringComparison.Ordinal);
    }

    private const string Sum = "SELECT md5(string_agg(id || name, ',' ORDER BY id)) FROM item";

    private string Properties(string database) => servers.Psql("postgres",
        $"SELECT pg_get_userbyid(datdba), encoding, datcollate, (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(datacl) a), setconfig, shobj_description(d.oid, 'pg_database') FROM pg_database d LEFT JOIN pg_db_role_setting ON setdatabase = d.oid WHERE datname = '{database}'");

    private void AssertNothingLeft() => Assert.Equal("", servers.Psql("postgres", "SELECT datname FROM pg_database WHERE datname LIKE 'prodops%'"));

    private async Task<ProdOpsException> FailAsync(string path, DatabaseLoadOptions options) => await Assert.ThrowsAsync<ProdOpsException>(() => LoadAsync(path, options));

    private async Task<DatabaseLoad> LoadAsync(string path, DatabaseLoadOptions options, CancellationToken cancellationToken = default)
    {
        await using var repository = await TestRepository.OpenAsync(_lab.Storage());
        await repository.LoadIndexAsync(_activity, default);
        var snapshot = await repository.FindSnapshotAsync("latest", _activity, filter: null, default);
        var load = DatabaseLoad.Create(Shell, DatabaseDump.FromPath(path)!, options, _activity, TimeProvider.System);
        await load.CheckAsync(cancellationToken);
        await load.RunAsync(new SnapshotBrowser(repository, snapshot, _activity), cancellationToken);
        return load;
    }

    /// <summary>Spoils the pack that has a file's last piece.</summary>
    private async Task DamageAsync(string path)
    {
        var node = await _lab.FindAsync("latest", path);
        await using var repository = await TestRepository.OpenAsync(_lab.Storage());
        await repository.LoadIndexAsync(_activity, default);
        Assert.True(repository.Index.TryFind(new BlobHandle(BlobType.Data, node.Content![^1]), out var place));
        string file = _lab.FilesOf("data").Single(name => name.EndsWith(place.Pack.ToString(), StringComparison.Ordinal));
        File.SetAttributes(file, FileAttributes.Normal);
        byte[] bytes = File.ReadAllBytes(file);
        bytes[place.Offset + place.Length / 2] ^= 1;
        File.WriteAllBytes(file, bytes);
    }

    private async Task BackupAsync(IReadOnlyList<StreamFile> files)
    {
        await using var repository = await TestRepository.OpenAsync(_lab.Storage());
        await StreamBackup.RunAsync(repository, Shell, files, _lab.Request() with { Paths = [.. files.Select(file => file.Path)] }, _activity, default);
    }
}

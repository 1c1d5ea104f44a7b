namespace ProdOps.Lab.Tests.Backup;

/// <summary>Databases of a whole host, as Debian installs them, over SSH as its packages' own users.</summary>
[Collection(LabCollection.Name)]
public sealed class DatabaseTests(Fleet fleet)
{
    private const string Fill = """
        cd /; systemctl restart postgresql mariadb
        runuser -u postgres -- psql -q -v ON_ERROR_STOP=1 -c "DROP DATABASE IF EXISTS shop" -c "DROP DATABASE IF EXISTS shop_look" -c "CREATE DATABASE shop" postgres
        runuser -u postgres -- psql -q -v ON_ERROR_STOP=1 -c "CREATE TABLE orders AS SELECT n AS id, md5(n::text) AS note FROM generate_series(1, 50000) n" shop
        mariadb -e "DROP DATABASE IF EXISTS shop; CREATE DATABASE shop; USE shop; CREATE TABLE orders (id int PRIMARY KEY, note text); INSERT INTO orders SELECT seq, md5(seq) FROM seq_1_to_20000"
        """;

    private const string Counts = """
        cd /; runuser -u postgres -- psql -X -A -t -c "SELECT count(*), sum(id) FROM orders" shop
        mariadb -N -B -e "SELECT count(*), sum(id) FROM shop.orders"
        """;

    private const string Leftovers = """
        cd /; ls -d /var/tmp/prodops-* /tmp/prodops-* 2>/dev/null || true
        pgrep -af 'prodops-[t]est' || true
        runuser -u postgres -- psql -X -A -t -c "SELECT datname FROM pg_database WHERE datname LIKE 'prodops%'" postgres
        """;

    [LabFact]
    public async Task A_hosts_databases_go_into_a_backup_and_back_into_its_running_servers()
    {
        var host = await fleet.UpAsync("db1");
        await host.RunAsync(Fill);
        await host.AccountAsync("dora", "sudo=nopassword");
        string before = await host.RunAsync(Counts);
        using var admin = new Admin("dora", host);
        await InitializeAsync(admin);
        Assert.Equal("Complete", (await admin.RunAsync("(Invoke-Backup -Server db1 -PostgreSql '*' -MariaDb shop).Status")).Text);
        await host.RunAsync("runuser -u postgres -- psql -q -c 'DELETE FROM orders WHERE id > 5' shop; mariadb -e 'DROP TABLE shop.orders'");
        Assert.Equal("DatabaseExists", (await admin.RunAsync("Restore-BackupDatabase -PostgreSql shop -ToServer db1 -Confirm:$false")).ErrorId);
        Assert.Equal("False", (await admin.RunAsync("(Restore-BackupDatabase -PostgreSql shop -As shop_look -ToServer db1 -Confirm:$false).Replaced")).Text);
        Assert.Equal("5 50000", await host.RunAsync("cd /; echo $(for d in shop shop_look; do runuser -u postgres -- psql -X -A -t -c 'SELECT count(*) FROM orders' $d; done)"));
        Assert.Equal(["MariaDB shop on db1", "PostgreSQL shop on db1"], (await admin.RunAsync("Restore-BackupDatabase -PostgreSql shop -MariaDb shop -Force -ToServer db1 -Confirm:$false")).Sorted);
        Assert.Equal(before, await host.RunAsync(Counts));

        string tested = (await admin.RunAsync("$t = Test-Backup -Restore -PostgreSql shop -Query 'SELECT count(*) FROM orders' -Expect 50000 -ToServer db1; \"$($t.Success) $($t.Databases[0].Server) $($t.Databases[0].Tables)\"")).Text;
        Assert.Equal("True db1 1", tested);
        Assert.Equal("", await host.RunAsync(Leftovers));

        var running = admin.Start("Test-Backup -Restore -PostgreSql shop -Query 'SELECT pg_sleep(600)' -ToServer db1");
        await host.WaitAsync("pgrep -f \"postgres: postgres shop .*SELECT\"", seconds: 60);
        await running.StopAsync();
        Assert.Equal("", await host.RunAsync(Leftovers));
    }

    [LabFact]
    public async Task A_server_that_is_killed_in_mid_dump_leaves_no_snapshot()
    {
        var host = await fleet.UpAsync("db1");
        await host.RunAsync(Fill);
        using var admin = Admin.Impatient(host);
        await InitializeAsync(admin);
        // The dump waits for its table, which somebody holds.
        await host.RunAsync("setsid runuser -u postgres -- psql -q -c 'BEGIN; LOCK orders' -c 'SELECT pg_sleep(600)' shop >/dev/null 2>&1 </dev/null &");
        await host.WaitAsync(Query("SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE relname = \\$\\$orders\\$\\$"));
        var running = admin.Start("Invoke-Backup -Server db1 -PostgreSql shop");
        await host.WaitAsync(Query("SELECT count(*) FROM pg_locks WHERE NOT granted"));
        await host.RunAsync("pkill -KILL -x postgres");
        var answer = await running.EndAsync();
        Assert.Equal("DumpFailed", answer.ErrorId);
        Assert.Empty(answer.Output);

        // And now the whole machine.
        await host.RunAsync("setsid mariadb -e 'LOCK TABLES shop.orders WRITE; SELECT SLEEP(600)' >/dev/null 2>&1 </dev/null &");
        await host.WaitAsync("mariadb -N -B -e \"SHOW PROCESSLIST\" | grep -q SLEEP");
        running = admin.Start("Invoke-Backup -Server db1 -MariaDb shop");
        await host.WaitAsync("mariadb -N -B -e \"SHOW PROCESSLIST\" | grep -q Waiting.for.table.metadata.lock");
        await host.KillAsync();
        try
        {
            answer = await running.EndAsync();
            Assert.Equal("ConnectionLost", answer.ErrorId);
            Assert.Empty(answer.Output);
            Assert.Empty(Directory.GetFiles(Path.Combine(admin.Folder, "repository", "snapshots")));
        }
        finally
        {
            await host.BootAsync();
        }
    }

    private static string Query(string sql) => $"runuser -u postgres -- psql -X -A -t -c \"{sql}\" shop | grep -qv ^0";

    private static async Task InitializeAsync(Admin admin)
    {
        string password = admin.WriteSecret("password", "lab");
        _ = (await admin.RunAsync($"$env:RESTIC_REPOSITORY = '{admin.Folder}/repository'; $env:RESTIC_PASSWORD_FILE = '{password}'; $null = Initialize-BackupRepository; 'done'")).Text;
    }
}

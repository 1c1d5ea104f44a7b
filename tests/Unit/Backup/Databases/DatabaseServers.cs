using System.Diagnostics;
using ProdOps.Servers.Databases;
using ProdOps.Servers.Secrets;

namespace ProdOps.Backup.Tests.Databases;

/// <summary>
/// Private database servers in a folder of their own, on Unix sockets, as a user without rights: the system's own are neither needed nor touched.
/// Each is started when the first test wants it.
/// </summary>
public sealed class DatabaseServers : IDisposable
{
    public const string Password = "pa'ss w0rd-of-tests";

    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-db-").FullName;
    private readonly List<string> _stops = [];
    private readonly Lock _lock = new();
    private bool _postgres, _mariadb, _redis;

    public DatabaseServers() => Sh($"chmod 755 {_folder}");

    internal static SecretSource Secret => SecretSource.FromBytes(System.Text.Encoding.UTF8.GetBytes(Password));

    internal DatabaseAccess PostgreSql => new() { Host = Start(ref _postgres, StartPostgreSql, "pg"), User = "admin", Password = Secret };

    internal DatabaseAccess MariaDb => new() { Host = Start(ref _mariadb, StartMariaDb, "my") + "/s", User = "admin", Password = Secret };

    internal DatabaseAccess Redis => new() { Host = Start(ref _redis, StartRedis, "rd") + "/s", Password = Secret };

    public string Psql(string database, string sql) => Sh($"psql -X -A -t -q -v ON_ERROR_STOP=1 -h {_folder}/pg -U admin -d '{database}'", sql, ("PGPASSWORD", Password));

    public string Mysql(string sql, string database = "") => Sh($"mariadb --no-defaults -N -B -S {_folder}/my/s -u admin {database}", sql, ("MYSQL_PWD", Password));

    public string RedisCli(string commands) => Sh($"redis-cli --no-auth-warning -s {_folder}/rd/s", commands, ("REDISCLI_AUTH", Password));

    /// <summary>Runs a script and returns what it printed.</summary>
    public static string Sh(string script, string input = "", params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("/bin/bash", ["-c", script]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{script}\nended with {process.ExitCode}: {error.Result}");
    }

    public void Dispose()
    {
        foreach (string stop in _stops) Sh(stop);
        Directory.Delete(_folder, recursive: true);
    }

    private string Start(ref bool isStarted, Action<string> start, string name)
    {
        string folder = Path.Combine(_folder, name);
        lock (_lock)
        {
            if (isStarted) return folder;
            Sh($"mkdir {folder}; {(System.Environment.IsPrivilegedProcess ? $"chown nobody {folder}" : ":")}");
            start(folder);
            isStarted = true;
            return folder;
        }
    }

    // PostgreSQL and MariaDB refuse to run as root.
    private static string Unprivileged => System.Environment.IsPrivilegedProcess ? "runuser -u nobody -- " : "";

    private void StartPostgreSql(string folder)
    {
        const string find = "cd /; b=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1); ";
        string quoted = Password.Replace("'", "'\\''");
        Sh($"{find}printf '%s' '{quoted}' > {folder}/p; chmod 644 {folder}/p; {Unprivileged}$b/initdb -D {folder}/data -U admin -A scram-sha-256 --pwfile={folder}/p -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null; "
            + $"{Unprivileged}$b/pg_ctl -D {folder}/data -w -l {folder}/log -o \"-k {folder} -c listen_addresses= -c fsync=off -c shared_buffers=16MB\" start >/dev/null");
        _stops.Add($"{find}{Unprivileged}$b/pg_ctl -D {folder}/data -m immediate stop");
    }

    private void StartMariaDb(string folder)
    {
        string quoted = Password.Replace("'", "''");
        Sh($"cd /; {Unprivileged}mariadb-install-db --no-defaults --datadir={folder}/data --auth-root-authentication-method=normal --skip-test-db >/dev/null 2>&1 && "
            + $"({Unprivileged}mariadbd --no-defaults --datadir={folder}/data --socket={folder}/s --skip-networking --pid-file={folder}/pid --innodb-flush-log-at-trx-commit=0 >{folder}/log 2>&1 </dev/null &) && "
            + $"mariadb-admin --no-defaults -S {folder}/s -u root --wait=30 ping >/dev/null && "
            + $"mariadb --no-defaults -S {folder}/s -u root", $"CREATE USER admin@localhost IDENTIFIED BY '{quoted}'; GRANT ALL ON *.* TO admin@localhost WITH GRANT OPTION;");
        _stops.Add($"kill -9 $(cat {folder}/pid)");
    }

    private void StartRedis(string folder)
    {
        string quoted = Password.Replace("'", "\\x27");
        File.WriteAllText($"{folder}/conf", $"port 0\nunixsocket {folder}/s\nunixsocketperm 777\nrequirepass \"{quoted}\"\nsave \"\"\nrepl-diskless-sync-delay 0\ndir {folder}\npidfile {folder}/pid\ndaemonize yes\nlogfile {folder}/log\n");
        Sh($"cd /; {Unprivileged}redis-server {folder}/conf && timeout 20 sh -c 'until redis-cli -s {folder}/s ping >/dev/null 2>&1 && [ -s {folder}/pid ]; do sleep 0.05; done'");
        _stops.Add($"kill -9 $(cat {folder}/pid)");
    }
}

/// <summary>The servers are shared by all tests of databases.</summary>
[CollectionDefinition(Name)]
public sealed class DatabaseCollection : ICollectionFixture<DatabaseServers>
{
    public const string Name = "Databases";
}

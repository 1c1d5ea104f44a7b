using System.Globalization;
using System.Management.Automation;
using System.Text;
using System.Text.RegularExpressions;

namespace ProdOps.HelpDrift.Tests;

/// <summary>
/// The folder that stands in for the root while an example runs, as docs/writing-help.md describes it. It is built once and
/// put back for every example, at the same path, since snapshots hold absolute paths.
/// </summary>
public sealed partial class ExampleSandbox : IDisposable
{
    private readonly BuiltModule _module = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-examples-").FullName;

    public ExampleSandbox()
    {
        Write("etc/hosts", "127.0.0.1 localhost\n");
        Write("etc/nginx/nginx.conf", "events {}\n");
        Write("etc/prodops/repository.key", "the password\n");
        Write("etc/prodops/new.key", "another password\n");
        Write("srv/www/index.html", "<h1>Shop</h1>\n");
        Write("srv/www/shop/cart.js", "let cart = [];\n");
        Write("srv/www/upload/photo.jpg", new string('x', 12 << 20));
        Write("srv/www/node_modules/left-pad/index.js", "module.exports = x => x;\n");
        Write("srv/shop/environment.psd1", """
            @{
                Name         = 'shop'
                Objectives   = @{ Availability = '99.9%'; RecoveryPoint = '26h'; RecoveryTime = '15m' }
                Servers      = @(
                    @{ Name = 'localhost'; Role = 'Monitor' }
                    @{ Name = 'web1'; Address = '10.77.0.13'; Role = 'App'; Group = 'rack-a'; DependsOn = 'db1' }
                    @{ Name = 'db1'; Address = '10.77.0.15'; Role = 'Database' }
                )
                Repositories = @{ local = @{ Path = '/srv/backup'; Password = @{ File = '/etc/prodops/repository.key' } } }
                Backups      = @{
                    etc = @{ Path = '/etc'; Schedule = '15 * * * *'; Keep = @{ Hourly = 24; Daily = 14 } }
                    www = @{ Server = 'localhost'; Path = '/srv/www'; Exclude = 'node_modules'; Schedule = '30 2 * * *'; Keep = @{ Daily = 14; Monthly = 12 } }
                }
                Monitoring   = @{
                    Rules  = @( @{ Name = 'disk.used'; Warning = '> 80%'; Role = 'Database' } )
                    Checks = @(
                        @{ Name = 'shop'; Http = 'http://{server}:8080/health'; Server = 'role:App'; Expect = 'ok'; Warning = '> 2s' }
                        @{ Name = 'port'; Tcp = 5432; Server = 'db1'; Interval = '1m' }
                    )
                    Channels = @{ log = @{ Script = 'cat >> /tmp/messages.json' } }
                    Notify   = @( @{ Name = 'ops'; Channel = 'log' } )
                }
            }
            """);
        // A file that the environment names must be its owner's alone.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path.Combine(Root, "etc/prodops/repository.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.CreateDirectory(Path.Combine(Root, "tmp"));
        foreach (string name in new[] { "RESTIC_REPOSITORY", "RESTIC_PASSWORD", "RESTIC_PASSWORD_COMMAND" }) Environment.SetEnvironmentVariable(name, null);
        Environment.SetEnvironmentVariable("RESTIC_PASSWORD_FILE", Path.Combine(Root, "etc/prodops/repository.key"));
        WriteLogs();
        Environment.SetEnvironmentVariable("PRODOPS_LOG_STORE", Path.Combine(Root, "srv/logs"));
        Environment.SetEnvironmentVariable("PRODOPS_EVIDENCE_STORE", Path.Combine(Root, "srv/evidence"));
        Environment.SetEnvironmentVariable("PRODOPS_MONITORING_STORE", Path.Combine(Root, "srv/monitoring"));
        WriteMonitoring();
        Run("Import-Log /srv/log/nginx-access.log, /srv/log/shop.log -Server web1; Import-Log /srv/log/syslog, /srv/log/syslog.1 -Server db1");
        Run("Initialize-BackupRepository /srv/backup");
        if (ExampleCommands.HasSqlite)
        {
            Directory.CreateDirectory(Path.Combine(Root, "srv/app"));
            using (var sqlite = System.Diagnostics.Process.Start("sqlite3", [Path.Combine(Root, "srv/app/app.db"), "CREATE TABLE orders (id INTEGER, total REAL); INSERT INTO orders VALUES (1, 9.5), (2, 20);"])) sqlite.WaitForExit();
            Run("Invoke-Backup -Sqlite /srv/app/app.db -Repository /srv/backup -HostName app1 -Time 2026-11-19T02:00:00Z");
        }
        Run("Invoke-Backup /etc, /srv/www -Repository /srv/backup -HostName web1 -Tag nightly -Time 2026-11-20T02:00:00Z");
        Write("srv/www/index.html", "<h1>The shop</h1>\n");
        Run("Invoke-Backup /etc, /srv/www -Repository /srv/backup -HostName web1 -Tag nightly");
        Copy(Root, Template);
    }

    private string Root => Path.Combine(_folder, "root");

    private string Template => Path.Combine(_folder, "template");

    public void Dispose()
    {
        _module.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public void Reset()
    {
        Directory.Delete(Root, recursive: true);
        Copy(Template, Root);
    }

    /// <summary>Runs a script with its paths below the sandbox; an error of any kind is thrown.</summary>
    public void Run(string script)
    {
        using var shell = PowerShell.Create(_module.Runspace);
        shell.AddScript("$ErrorActionPreference = 'Stop'\n" + SystemPath().Replace(script, Root + "$0"), useLocalScope: true).Invoke();
        Assert.Empty(shell.Streams.Error);
    }

    private void Write(string path, string text)
    {
        path = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, path.EndsWith(".psd1", StringComparison.Ordinal) ? SystemPath().Replace(text, Root + "$0") : text);
    }

    /// <summary>Two hours until now, the lines of three programs; one of them rotated.</summary>
    private void WriteLogs()
    {
        var access = new StringBuilder();
        var syslog = new StringBuilder();
        var shop = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        var now = TimeProvider.System.GetUtcNow();
        for (int i = 240; i > 0; i--)
        {
            var time = now.AddSeconds(-30 * i);
            int status = i % 12 == 0 ? 502 : i % 7 == 0 ? 404 : 200;
            access.Append(culture, $"192.0.2.{i % 9} - - [{time.ToString("dd/MMM/yyyy:HH:mm:ss", culture)} +0000] \"GET /api/orders/{i} HTTP/1.1\" {status} {i * 10} \"-\" \"curl/8.5.0\"\n");
            shop.Append(culture, $"{{\"time\":\"{time:yyyy-MM-ddTHH:mm:ss.fff}Z\",\"level\":\"{(status > 500 ? "error" : "info")}\",\"msg\":\"{(status > 500 ? "upstream timed out" : "order placed")}\",\"path\":\"/api/orders\",\"duration\":0.{i:000}}}\n");
            syslog.Append(culture, $"{time:yyyy-MM-ddTHH:mm:ss.ffffff}+00:00 db1 sshd[{900 + i}]: {(i % 5 == 0 ? $"error: Failed password for root from 198.51.100.{i % 4} port {40000 + i} ssh2" : $"Accepted publickey for admin from 192.0.2.7 port {50000 + i} ssh2")}\n");
            if (i != 120) continue;
            Write("srv/log/syslog.1", syslog.ToString());
            syslog.Clear();
        }

        Write("srv/log/nginx-access.log", access.ToString());
        Write("srv/log/shop.log", shop.ToString());
        Write("srv/log/syslog", syslog.ToString());
    }

    /// <summary>What a monitor would have kept of a week, with an incident that is over and one that is not.</summary>
    private void WriteMonitoring()
    {
        // Loads the engine, which the fixture reaches by reflection; that there is no store is what it says.
        Run("try { Get-Metric -Store /srv/none } catch { }");
        using var store = new MonitoringFixture(Path.Combine(Root, "srv/monitoring"));
        store.AddSamples("db1", "disk.used", "/var", "%", 1100, 10, i => 60 + (i * 0.02));
        store.AddSamples("db1", "disk.free", "/var", "B", 1100, 10, i => (40L << 30) - (i * (20L << 20)));
        store.AddSamples("web1", "disk.used", "/", "%", 1100, 10, _ => 42);
        store.AddSamples("web1", "cpu.busy", null, "%", 1440, 5, i => 20 + (i % 30));
        store.AddSamples("web1", "memory.available", null, "%", 300, 5, i => 40 - (i % 20));
        store.Seal();
        var now = TimeProvider.System.GetUtcNow();
        store.AddIncident("db1", now.AddHours(-3));
        store.AddOpenIncident("web1", now.AddMinutes(-10));
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string folder in Directory.GetDirectories(from)) Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        foreach (string file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    [GeneratedRegex(@"(?<![\w./~])/(etc|srv|tmp)\b")]
    private static partial Regex SystemPath();
}

using System.Globalization;
using System.Text;

namespace ProdOps.Cmdlets.Tests.Logging;

/// <summary>Three logs of two servers, and a store with them; none of it changes.</summary>
public sealed class LogFixture : IDisposable
{
    /// <summary>When the first line was written.</summary>
    public static readonly DateTimeOffset Begin = new(2026, 11, 20, 10, 0, 0, TimeSpan.Zero);

    private const int Lines = 150;

    public LogFixture()
    {
        Folder = Directory.CreateTempSubdirectory("prodops-log-cmdlets-").FullName;
        Directory.CreateDirectory(Logs);
        File.WriteAllText(Path.Combine(Logs, "nginx-access.log"), Access());
        File.WriteAllText(Path.Combine(Logs, "syslog"), Syslog());
        File.WriteAllText(Path.Combine(Logs, "shop.log"), Shop());
        using var engine = new Engine();
        engine.Run($"Import-Log '{Logs}/nginx-access.log', '{Logs}/shop.log' -Server web1 -Store '{Store}'; Import-Log '{Logs}/syslog' -Server db1 -Store '{Store}'");
    }

    /// <summary>Everything is in here.</summary>
    public string Folder { get; }

    /// <summary>The folder of the log files.</summary>
    public string Logs => Path.Combine(Folder, "logs");

    /// <summary>The store's folder.</summary>
    public string Store => Path.Combine(Folder, "store");

    /// <summary>How many lines there are in all.</summary>
    public static int Total => 3 * Lines;

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string Access()
    {
        var random = new Random(11);
        var log = new StringBuilder();
        for (int i = 0; i < Lines; i++)
        {
            string path = Pick(random, "/", "/api/orders/7", "/api/users", "/static/app.js", "/API/Health");
            string bytes = random.Next(8) == 0 ? "-" : random.Next(50_000).ToString(CultureInfo.InvariantCulture);
            log.Append(CultureInfo.InvariantCulture, $"192.0.2.{random.Next(9)} - {Pick(random, "-", "anna")} [{Begin.AddSeconds(i).ToString("dd/MMM/yyyy:HH:mm:ss", CultureInfo.InvariantCulture)} +0000] ");
            log.Append(CultureInfo.InvariantCulture, $"\"{Pick(random, "GET", "POST", "DELETE")} {path} HTTP/1.1\" {Pick(random, "200", "200", "302", "404", "500", "502")} {bytes} \"-\" \"{Pick(random, "curl/8.5.0", "Mozilla/5.0 (X11)")}\"\n");
        }

        return log.ToString();
    }

    private static string Syslog()
    {
        var random = new Random(12);
        var log = new StringBuilder();
        for (int i = 0; i < Lines; i++)
        {
            string message = Pick(random, "error: Failed password for root from 198.51.100.7 port 4022 ssh2", "Accepted publickey for admin", "Started session 7 of user root.", "warning: disk is nearly full");
            log.Append(CultureInfo.InvariantCulture, $"{Begin.AddSeconds(i):yyyy-MM-ddTHH:mm:ss}.250+00:00 db1 {Pick(random, "sshd", "systemd", "CRON", "kernel")}{(random.Next(3) == 0 ? "" : $"[{random.Next(1, 4000)}]")}: {message}\n");
        }

        return log.ToString();
    }

    private static string Shop()
    {
        var random = new Random(13);
        var log = new StringBuilder();
        for (int i = 0; i < Lines; i++)
        {
            log.Append(CultureInfo.InvariantCulture, $"{{\"time\":\"{Begin.AddSeconds(i):yyyy-MM-ddTHH:mm:ss}.500Z\",\"level\":\"{Pick(random, "info", "warn", "error")}\",\"msg\":\"{Pick(random, "order placed", "payment refused", "timed out")}\"");
            if (random.Next(4) > 0) log.Append(CultureInfo.InvariantCulture, $",\"number\":{random.Next(-3, 12)}");
            if (random.Next(4) > 0) log.Append(CultureInfo.InvariantCulture, $",\"amount\":{random.Next(900) / 10.0:0.0#}");
            if (random.Next(4) > 0) log.Append(random.Next(2) == 0 ? ",\"ok\":true" : ",\"ok\":false");
            if (random.Next(4) > 0) log.Append(CultureInfo.InvariantCulture, $",\"user\":\"{Pick(random, "zo\\u00eb", "Anna", "say \\\"hi\\\"", "C:\\\\temp", "[x]", "")}\"");
            log.Append("}\n");
        }

        return log.ToString();
    }

    private static string Pick(Random random, params string[] values) => values[random.Next(values.Length)];
}

[CollectionDefinition("Logs")]
public sealed class LogFixtureGroup : ICollectionFixture<LogFixture>;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary>The built-in formats of lines, by name. They are carried out by the logging engine; its tests hold this list to them.</summary>
internal static class LogFormatNames
{
    public static IReadOnlyList<string> All { get; } =
    [
        "apache-access", "apache-error", "docker-json", "haproxy-http", "haproxy-tcp", "journald", "json", "key-value", "logfmt", "mysql-error", "mysql-slow",
        "nginx-access", "nginx-error", "plain", "postgresql", "postgresql-csv", "syslog",
    ];
}

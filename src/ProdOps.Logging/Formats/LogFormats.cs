using ProdOps.Logging.Formats.Access;
using ProdOps.Logging.Formats.Databases;
using ProdOps.Logging.Formats.Json;
using ProdOps.Logging.Formats.Pairs;
using ProdOps.Logging.Formats.Proxies;
using ProdOps.Logging.Formats.Syslog;

namespace ProdOps.Logging.Formats;

/// <summary>The formats that are built in.</summary>
internal static class LogFormats
{
    /// <summary>Lines of no format: what is told of them is their time, if they begin with one, and a level that stands out.</summary>
    public static LogFormat Plain { get; } = new PlainFormat();

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<LogFormat> All { get; } =
    [
        new ApacheAccessFormat(),
        new ApacheErrorFormat(),
        new DockerJsonFormat(),
        new HaproxyFormat("haproxy-http", HaproxyShape.Http),
        new HaproxyFormat("haproxy-tcp", HaproxyShape.Tcp),
        new JournaldFormat(),
        new JsonFormat(),
        new KeyValueFormat(),
        new LogfmtFormat(),
        new MySqlErrorFormat(),
        new MySqlSlowFormat(),
        new NginxAccessFormat(),
        new NginxErrorFormat(),
        Plain,
        new PostgreSqlFormat(),
        new PostgreSqlCsvFormat(),
        new SyslogFormat(),
    ];

    /// <summary>The format of this name, whatever its case; <see langword="null"/> if there is none.</summary>
    public static LogFormat? Find(string name) => All.FirstOrDefault(format => format.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}

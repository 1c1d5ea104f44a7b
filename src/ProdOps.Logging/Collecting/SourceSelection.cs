using ProdOps.Logging.Collecting.Rotation;
using ProdOps.Logging.Files;
using ProdOps.Servers.Inventory;

namespace ProdOps.Logging.Collecting;

/// <summary>Which sources a server has: those that the environment says, else what is found there.</summary>
internal static class SourceSelection
{
    /// <summary>Where logs are, where nobody says it.</summary>
    public static IReadOnlyList<string> UsualPaths { get; } =
    [
        "/var/log/syslog", "/var/log/messages", "/var/log/auth.log", "/var/log/secure", "/var/log/daemon.log", "/var/log/kern.log",
        "/var/log/nginx/*.log", "/var/log/apache2/*.log", "/var/log/httpd/*log", "/var/log/haproxy.log", "/var/log/postgresql/*.log",
        "/var/log/mysql/*.log", "/var/log/mysql/error.log", "/var/log/redis/*.log",
    ];

    private static readonly string[] SystemLogs = ["/var/log/syslog", "/var/log/messages"];

    /// <summary>The environment's sources of a server; <see langword="null"/> where it has none at all, so that what is found counts.</summary>
    public static IReadOnlyList<LogSourceDefinition>? Of(Server server, ProdOpsEnvironment? environment)
    {
        if (environment is not { Logging.Sources: { Count: > 0 } sources }) return null;
        var resolver = new ServerResolver(environment);
        return [.. sources.Where(source => source.Server.Count == 0 || source.Server.Any(IsMeant))];

        bool IsMeant(string text)
        {
            try
            {
                return resolver.Resolve(text).Any(found => found.Name.Equals(server.Name, StringComparison.OrdinalIgnoreCase));
            }
            catch (ProdOpsException)
            {
                return false;
            }
        }
    }

    /// <summary>A source for each log that was found at the usual places, and the journal where there is no system log in a file.</summary>
    public static IReadOnlyList<LogSourceDefinition> Found(IReadOnlyList<FileFact> files, bool hasJournal)
    {
        var facts = new ProbeFacts(0, files);
        List<LogSourceDefinition> sources =
        [
            .. FamilyList.Of(FileCheckpoint.Empty, facts).Select(family => family.Path).Distinct(StringComparer.Ordinal)
                .Select(path => new LogSourceDefinition { Name = NameOf(path), Path = [path] }).DistinctBy(source => source.Name, StringComparer.OrdinalIgnoreCase),
        ];
        if (hasJournal && !sources.Exists(source => SystemLogs.Contains(source.Path[0]))) sources.Add(new LogSourceDefinition { Name = "journal", Journal = true });
        return sources;
    }

    public static LogSourceKind KindOf(LogSourceDefinition source) => source.Journal ? LogSourceKind.Journal : source.Command is not null ? LogSourceKind.Command : LogSourceKind.File;

    // A name is a folder's in the store.
    private static string NameOf(string path) => string.Concat(new RotatedSet(path, []).SourceName.Select(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '-')).TrimStart('.', '-', '_') is { Length: > 0 } name ? name : "log";
}

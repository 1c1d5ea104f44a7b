using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;
using ProdOps.Servers.Inventory.Sections;

namespace ProdOps.Servers.Inventory;

/// <summary>What <c>Logging</c> must be, beside having the right keys: sources of one kind each, with a name of their own on each server.</summary>
/// <param name="environment">The environment around it.</param>
/// <param name="problems">Takes what is wrong.</param>
internal sealed class LoggingRules(ProdOpsEnvironment environment, List<EnvironmentProblem> problems)
{
    private static readonly Key[] SourceKinds = [LogSourcesSection.Path, LogSourcesSection.Journal, LogSourcesSection.Command];

    private readonly Dictionary<(string Server, string Source), SourcePosition> _seen = [];
    private string[] _filters = [];

    /// <summary>The options with those sources and filters that can be used.</summary>
    public LoggingOptions Check(LoggingEntry entry)
    {
        var values = entry.Values;
        _filters = [.. (values.Get(LoggingSection.Filters) ?? []).Select(filter => filter.Name)];
        if (entry.Options is { Engine: { } engine, Url: null } && values.Table[LoggingSection.Url.Name] is null)
            Report("", EnvironmentProblems.LogEngineIncomplete(values.PositionOf(LoggingSection.Engine), engine));
        if (entry.Options.Engine is null) Warn("", values, LoggingSection.OfEngines, "Engine");
        else if (entry.Options is { User: not null, Token: not null }) Report("", EnvironmentProblems.LogLoginTwice(values.PositionOf(LoggingSection.Token)));
        else if (entry.Options.User is null) Warn("", values, [LoggingSection.Password], "User");
        if (entry.Options.Engine is not (null or LogEngine.Loki)) Warn("", values, [LoggingSection.Tenant], "Engine = 'Loki'");
        return entry.Options with
        {
            Sources = (values.Get(LoggingSection.Sources) ?? []).Select(CheckSource).OfType<LogSourceDefinition>().ToArray(),
            Filters = (values.Get(LoggingSection.Filters) ?? []).Select(CheckFilter).OfType<LogFilterDefinition>().ToArray(),
        };
    }

    private LogSourceDefinition? CheckSource(LogSourceEntry entry, int index)
    {
        int before = problems.Count;
        var (values, source) = entry;
        string key = $".{LoggingSection.Sources.Name}[{index}]";
        // A source without a name was told about.
        if (source.Name.Length == 0) return null;
        Key[] given = [.. SourceKinds.Where(kind => IsGiven(values, kind))];
        if (given.Length == 0) Report(key, EnvironmentProblems.LogSourceMissing(values.Position, source.Name, SourceKinds));
        else if (given.Length > 1) Report(key, EnvironmentProblems.LogSourceMixed(values.Position, source.Name, given));
        else if (source.Path.Count == 0 && !source.Journal && source.Command is null) return null;
        if (source.Path.Count == 0) Warn(key, values, [LogSourcesSection.Exclude], "Path");
        if (source.Command is null) Warn(key, values, [LogSourcesSection.Interval], "Command");
        CheckFormat($"{key}.{LogSourcesSection.Format.Name}", values, source);
        var servers = values.Get(LogSourcesSection.Server) ?? [];
        var names = servers.SelectMany(server => Resolve(key, source.Name, server));
        foreach (string server in (servers.Count == 0 ? All() : names).Distinct(StringComparer.OrdinalIgnoreCase)) CheckName(key, source.Name, values.Position, server);
        return problems.Skip(before).All(problem => problem.IsWarning) ? source : null;
    }

    private void CheckFormat(string key, TableValues values, LogSourceDefinition source)
    {
        if (source.Format is not { } format) return;
        string[] names = [.. _filters, .. LogFormatNames.All];
        if (!names.Contains(format, StringComparer.OrdinalIgnoreCase)) Report(key, EnvironmentProblems.LogFormatUnknown(values.PositionOf(LogSourcesSection.Format), source.Name, format, Nearest.Find(format, names)));
    }

    private IEnumerable<string> All() => environment.Servers.Count > 0 ? environment.Servers.Select(server => server.Name) : [ServerResolver.Local.Name];

    private void CheckName(string key, string source, SourcePosition position, string server)
    {
        if (!_seen.TryAdd((server.ToUpperInvariant(), source.ToUpperInvariant()), position)) Report(key, EnvironmentProblems.LogSourceTwice(position, source, server, _seen[(server.ToUpperInvariant(), source.ToUpperInvariant())]));
    }

    private IEnumerable<string> Resolve(string key, string source, Located<string> server)
    {
        if (NamedServers.Find(environment, server.Value) is { } names) return names;
        Report($"{key}.{LogSourcesSection.Server.Name}", EnvironmentProblems.LogServerUnknown(server.Position, source, server.Value.Trim(), NamedServers.Nearest(environment, server.Value)));
        return [];
    }

    private LogFilterDefinition? CheckFilter(Named<LogFilterEntry> entry)
    {
        if (Kinds.IsName(entry.Name)) return entry.Value.Filter.Pattern.Length > 0 ? entry.Value.Filter with { Name = entry.Name } : null;
        Report($".{LoggingSection.Filters.Name}.{entry.Name}", EnvironmentProblems.LogFilterNameInvalid(entry.Position, entry.Name));
        return null;
    }

    private void Warn(string path, TableValues values, IEnumerable<Key> keys, string needs)
    {
        foreach (var key in keys.Where(key => IsGiven(values, key)))
            Report($"{path}.{key.Name}", EnvironmentProblems.LoggingKeyUnused(values.PositionOf(key), key.Name, needs));
    }

    private static bool IsGiven(TableValues values, Key key) => values.Table[key.Name] is not (null or DataScalar { Value: null or false });

    private void Report(string key, EnvironmentProblem problem) => problems.Add(problem with { Key = RootSection.Logging.Name + key });
}

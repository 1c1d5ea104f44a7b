using ProdOps.Monitoring.Rules;
using ProdOps.Servers.Inventory;

namespace ProdOps.Monitoring.States;

/// <summary>A server as monitoring sees it.</summary>
internal sealed record MonitoredServer(string Name)
{
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Servers it needs to do its work, each of them: their problems are the cause of its own.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>
    /// Servers it is reached through, any of them: it is unreachable when all are down. None named: those it depends on, for want of a better map.
    /// </summary>
    public IReadOnlyList<string> Parents { get => field.Count > 0 ? field : DependsOn; init; } = [];
}

/// <summary>What is monitored and who is told: the configuration, which may change from one start to the next.</summary>
internal sealed class MonitorPlan
{
    private readonly Dictionary<string, MonitoredServer> _servers;
    private readonly Dictionary<(string Server, string Rule), HealthRule[]> _rules = [];

    public MonitorPlan(IReadOnlyList<MonitoredServer> servers, RuleSet rules, IReadOnlyList<NotificationRoute>? routes = null, MonitorSettings? settings = null)
    {
        Servers = servers;
        Routes = routes ?? [];
        Settings = settings ?? new MonitorSettings();
        _servers = servers.ToDictionary(server => server.Name, StringComparer.Ordinal);
        foreach (var server in servers)
        {
            foreach (var named in rules.For(server.Name, server.Roles).GroupBy(static entry => entry.Rule.Name, StringComparer.Ordinal)) _rules[(server.Name, named.Key)] = [.. named.Select(static entry => entry.Rule)];
        }
    }

    public IReadOnlyList<MonitoredServer> Servers { get; }

    public IReadOnlyList<NotificationRoute> Routes { get; }

    public MonitorSettings Settings { get; }

    public IReadOnlyList<HealthAction> Actions { get; init; } = [];

    /// <summary>Routes that are told all the same when an Alertmanager has a silence: they lead to it.</summary>
    public IReadOnlyCollection<string> RoutesPastSilences { get; init; } = [];

    public NotificationRoute? Route(string name) => Routes.FirstOrDefault(route => route.Name == name);

    public MonitoredServer? Server(string name) => _servers.GetValueOrDefault(name);

    /// <summary>Whether a route tells of a server.</summary>
    public bool IsFor(NotificationRoute route, string server)
    {
        if (route.Servers.Count == 0 && route.Roles.Count == 0) return true;
        return route.Servers.Any(pattern => NamePattern.IsMatch(pattern, server))
            || (Server(server)?.Roles.Any(role => route.Roles.Contains(role, StringComparer.OrdinalIgnoreCase)) ?? false);
    }

    /// <summary>The rule that a check comes from; <see langword="null"/> if none does any more.</summary>
    public HealthRule? RuleOf(in CheckKey key)
    {
        if (!_rules.TryGetValue((key.Server, key.Rule), out var rules)) return null;
        foreach (var rule in rules) if (RuleSet.MayMake(rule, key.Instance)) return rule;
        return null;
    }
}

/// <summary>Times that hold for all servers.</summary>
internal sealed record MonitorSettings
{
    /// <summary>The longest usual time between two calls. Two and a half of it without a call, and nobody looked.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a new incident may gather its members before somebody is told. Not waited for when a server is gone: that explains itself.</summary>
    public TimeSpan GroupWait { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Problems of one server or of one rule that begin within this time belong together.</summary>
    public TimeSpan GroupWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long what is new in an incident must last before those who know of it are told again, unless it got worse.</summary>
    public TimeSpan UpdateInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a message waits for a cause that is suspected and not yet certain.</summary>
    public TimeSpan CauseWait { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a message waits for what is seen on the server at this moment.</summary>
    public TimeSpan DiagnosisWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>From how many incidents at once on one message tells of all.</summary>
    public int Storm { get; init; } = 10;
}

using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;
using ProdOps.Servers.Inventory.Sections;

namespace ProdOps.Servers.Inventory;

/// <summary>What <c>Monitoring</c> must be, beside having the right keys: what names servers, rules, channels and backup sets names those that there are.</summary>
/// <param name="environment">The environment around it, with its backup sets.</param>
/// <param name="problems">Takes what is wrong.</param>
internal sealed partial class MonitoringRules(ProdOpsEnvironment environment, List<EnvironmentProblem> problems)
{
    // What is checked need not be a server of the environment: its host is one then, for rules, routes and actions.
    private readonly HashSet<string> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _rules = [];
    private string[] _channels = [];

    /// <summary>The options with those parts that can be used.</summary>
    public MonitoringOptions Check(MonitoringEntry entry)
    {
        var values = entry.Values;
        CheckEngine(values, entry.Options);
        var checks = (values.Get(MonitoringSection.Checks) ?? []).Select(CheckCheck).OfType<HealthCheckDefinition>().ToArray();
        _rules.AddRange(HealthRuleNames.Defaults);
        // Names of all that the file has: what is wrong with one of them in itself was told about.
        _rules.AddRange((values.Get(MonitoringSection.Checks) ?? []).Select(check => check.Check.Name).Where(name => name.Length > 0));
        int known = _rules.Count;
        _rules.AddRange((values.Get(MonitoringSection.Rules) ?? []).Select(rule => rule.Rule.Name).Where(name => name.Length > 0));
        var channels = values.Get(MonitoringSection.Channels) ?? [];
        _channels = [.. channels.Select(channel => channel.Name)];
        string? heartbeat = entry.Options.Heartbeat is { } named ? _channels.FirstOrDefault(name => name.Equals(named, StringComparison.OrdinalIgnoreCase)) : null;
        if (entry.Options.Heartbeat is { } unknown && heartbeat is null)
            Report($".{MonitoringSection.Heartbeat.Name}", EnvironmentProblems.NotificationChannelUnknown(values.PositionOf(MonitoringSection.Heartbeat), "Heartbeat", unknown, Nearest.Find(unknown, _channels)));
        CheckCircles(values.Get(MonitoringSection.Rules) ?? []);
        var looksAt = _rules.Take(known).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return entry.Options with
        {
            Heartbeat = heartbeat,
            Checks = checks,
            Rules = (values.Get(MonitoringSection.Rules) ?? []).Select((rule, index) => CheckRule(rule, index, looksAt)).OfType<HealthRuleDefinition>().ToArray(),
            Channels = channels.Select(CheckChannel).OfType<NotificationChannel>().ToArray(),
            Notify = (values.Get(MonitoringSection.Notify) ?? []).Select(CheckRoute).OfType<NotificationRoute>().ToArray(),
            Actions = (values.Get(MonitoringSection.Actions) ?? []).Select(CheckAction).OfType<HealthAction>().ToArray(),
        };
    }

    private void CheckEngine(TableValues values, MonitoringOptions options)
    {
        if (options is { Engine: { } engine, Url: null } && values.Table[MonitoringSection.Url.Name] is null)
            Report("", EnvironmentProblems.MonitoringEngineIncomplete(values.PositionOf(MonitoringSection.Engine), engine));
        if (options.Engine is null) Warn("", values, MonitoringSection.OfEngines, "Engine");
        else if (options is { User: not null, Token: not null }) Report("", EnvironmentProblems.MonitoringLoginTwice(values.PositionOf(MonitoringSection.Token)));
        else if (options.User is null) Warn("", values, [MonitoringSection.Password], "User");
    }

    private HealthRuleDefinition? CheckRule(HealthRuleEntry entry, int index, HashSet<string> looksAt)
    {
        int before = problems.Count;
        var (values, rule) = entry;
        string key = $".{MonitoringSection.Rules.Name}[{index}]", what = $"The rule '{rule.Name}'";
        // One without a name was told about.
        if (rule.Name.Length == 0) return null;
        Key[] given = [.. HealthRulesSection.Sources.Where(source => IsGiven(values, source))];
        if (given.Length > 1) Report(key, EnvironmentProblems.HealthRuleMixed(values.Position, rule.Name, given));
        else if (given.Length == 0 && !looksAt.Contains(rule.Name))
            Report(key, EnvironmentProblems.HealthRuleIncomplete(values.Position, rule.Name, Nearest.Find(rule.Name, looksAt), HealthRulesSection.Sources));
        foreach (var named in new[] { HealthRulesSection.All, HealthRulesSection.Any, HealthRulesSection.DependsOn })
            foreach (var other in values.Get(named) ?? []) CheckRuleName($"{key}.{named.Name}", what, other, wildcards: false);
        var (servers, roles) = Scope(key, what, values, HealthRulesSection.Server, HealthRulesSection.Role);
        // A later one of the same name can change one that is for all servers.
        if (given.Length == 1 && servers.Count + roles.Count == 0) looksAt.Add(rule.Name);
        return problems.Skip(before).All(problem => problem.IsWarning) ? rule with { Servers = servers, Roles = roles } : null;
    }

    private void CheckCircles(IReadOnlyList<HealthRuleEntry> rules)
    {
        var about = rules.Where(rule => rule.Rule.Name.Length > 0).ToLookup(rule => rule.Rule.Name, Named, StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < rules.Count; i++)
        {
            var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            var left = new Stack<string>(Named(rules[i]));
            while (left.TryPop(out string? next))
            {
                if (!seen.Add(next)) continue;
                foreach (string further in about[next].SelectMany(static names => names)) left.Push(further);
            }

            if (!seen.Contains(rules[i].Rule.Name)) continue;
            Report($".{MonitoringSection.Rules.Name}[{i}]", EnvironmentProblems.HealthRuleCycle(rules[i].Values.Position, rules[i].Rule.Name));
            return;
        }

        static string[] Named(HealthRuleEntry entry) => [.. (entry.Values.Get(HealthRulesSection.All) ?? []).Concat(entry.Values.Get(HealthRulesSection.Any) ?? []).Select(static name => name.Value)];
    }

    private HealthAction? CheckAction(HealthActionEntry entry, int index)
    {
        int before = problems.Count;
        var (values, action) = entry;
        string key = $".{MonitoringSection.Actions.Name}[{index}]", what = $"The action '{action.Name}'";
        if (action.Name.Length == 0) return null;
        CheckTwice(key, "action", action.Name, values.Position);
        foreach (var rule in values.Get(HealthActionsSection.Rule) ?? []) CheckRuleName($"{key}.{HealthActionsSection.Rule.Name}", what, rule, wildcards: true);
        CheckRunOn($"{key}.{HealthActionsSection.RunOn.Name}", what, action.RunOn, values.PositionOf(HealthActionsSection.RunOn));
        var (servers, roles) = Scope(key, what, values, HealthActionsSection.Server, HealthActionsSection.Role);
        bool complete = action.Command.Length > 0 && values.Get(HealthActionsSection.Rule) is { Count: > 0 };
        return complete && problems.Skip(before).All(problem => problem.IsWarning)
            ? action with { Rules = [.. values.Get(HealthActionsSection.Rule)!.Select(rule => rule.Value)], Servers = servers, Roles = roles } : null;
    }

    private void CheckRuleName(string key, string what, Located<string> rule, bool wildcards)
    {
        bool found = wildcards && NamePattern.HasWildcards(rule.Value) ? _rules.Exists(name => NamePattern.IsMatch(rule.Value, name)) : _rules.Contains(rule.Value, StringComparer.OrdinalIgnoreCase);
        if (!found) Report(key, EnvironmentProblems.HealthRuleUnknown(rule.Position, what, rule.Value, Nearest.Find(rule.Value, _rules)));
    }

    /// <summary>Servers and roles as rules, routes and actions have them: of a group the servers that are in it.</summary>
    private (IReadOnlyList<string> Servers, IReadOnlyList<string> Roles) Scope(string key, string what, TableValues values, Key<IReadOnlyList<Located<string>>> serverKey, Key<IReadOnlyList<Located<string>>> roleKey)
    {
        var servers = new List<string>();
        var roles = new List<string>();
        foreach (var server in values.Get(serverKey) ?? [])
        {
            if (IsHost(server.Value)) servers.Add(server.Value.Trim());
            else if (CheckServer($"{key}.{serverKey.Name}", what, server) is not { } names) continue;
            else if (NamedServers.RoleOf(server.Value) is { } role) roles.Add(role);
            else servers.AddRange(NamedServers.IsGroup(server.Value) ? names : [server.Value.Trim()]);
        }

        string[] known = [.. environment.Servers.SelectMany(server => server.Roles).Distinct(StringComparer.OrdinalIgnoreCase)];
        foreach (var role in values.Get(roleKey) ?? [])
        {
            roles.Add(role.Value);
            if (!known.Contains(role.Value, StringComparer.OrdinalIgnoreCase)) Report($"{key}.{roleKey.Name}", EnvironmentProblems.HealthRoleUnknown(role.Position, what, role.Value, Nearest.Find(role.Value, known)));
        }

        return ([.. servers.Distinct(StringComparer.OrdinalIgnoreCase)], [.. roles.Distinct(StringComparer.OrdinalIgnoreCase)]);
    }

    private bool IsHost(string text) => NamePattern.HasWildcards(text) ? _hosts.Any(host => NamePattern.IsMatch(text.Trim(), host)) : _hosts.Contains(text.Trim());

    private IReadOnlyList<string>? CheckServer(string key, string what, Located<string> server)
    {
        if (NamedServers.Find(environment, server.Value) is { } names) return names;
        Report(key, EnvironmentProblems.HealthServerUnknown(server.Position, what, server.Value.Trim(), NamedServers.Nearest(environment, server.Value)));
        return null;
    }

    private void CheckRunOn(string key, string what, string server, SourcePosition position)
    {
        if (server.Length > 0 && (NamePattern.HasWildcards(server) || NamedServers.IsGroup(server) || NamedServers.Find(environment, server) is null))
            Report(key, EnvironmentProblems.HealthServerUnknown(position, what, server, NamedServers.Nearest(environment, server)));
    }

    private readonly Dictionary<(string Kind, string Name), SourcePosition> _seen = [];

    private void CheckTwice(string key, string kind, string name, SourcePosition position)
    {
        if (!_seen.TryAdd((kind, name.ToUpperInvariant()), position)) Report(key, EnvironmentProblems.HealthNameTwice(position, $"The {kind} '{name}'", _seen[(kind, name.ToUpperInvariant())]));
    }

    private void Warn(string path, TableValues values, IEnumerable<Key> keys, string needs)
    {
        foreach (var key in keys.Where(key => IsGiven(values, key)))
            Report($"{path}.{key.Name}", EnvironmentProblems.MonitoringKeyUnused(values.PositionOf(key), key.Name, needs));
    }

    private static bool IsGiven(TableValues values, Key key) => values.Table[key.Name] is not (null or DataScalar { Value: null or false });

    private void Report(string key, EnvironmentProblem problem) => problems.Add(problem with { Key = RootSection.Monitoring.Name + key });
}

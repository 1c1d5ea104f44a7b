using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;
using ProdOps.Servers.Inventory.Sections;

namespace ProdOps.Servers.Inventory;

/// <summary>What <c>LoadBalancers</c> must be, beside having the right keys: each entry complete, and none in the way of another one on the same balancer.</summary>
/// <param name="environment">The environment around it.</param>
/// <param name="problems">Takes what is wrong.</param>
internal sealed partial class LoadBalancerRules(ProdOpsEnvironment environment, List<EnvironmentProblem> problems)
{
    /// <summary>Those entries that can be used.</summary>
    public LoadBalancerDefinition[] Check(IReadOnlyList<Named<LoadBalancerEntry>> entries)
    {
        var usable = new List<LoadBalancerDefinition>();
        foreach (var entry in entries)
        {
            int before = problems.Count;
            var definition = CheckEntry(entry);
            CheckNeighbours(entry, definition);
            if (problems.Skip(before).All(problem => problem.IsWarning) && definition.Servers.Count > 0) usable.Add(definition);
        }

        return [.. usable];
    }

    private LoadBalancerDefinition CheckEntry(Named<LoadBalancerEntry> entry)
    {
        var (values, definition) = entry.Value;
        string name = entry.Name;
        if (!BalancerKinds.IsConfigurationName(name) || name.StartsWith("prodops", StringComparison.OrdinalIgnoreCase)) Report(name, "", EnvironmentProblems.LoadBalancerNameInvalid(entry.Position, name));
        var balancers = Resolve(name, values, LoadBalancersSection.Servers);
        var pool = Resolve(name, values, LoadBalancersSection.Pool);
        definition = definition with
        {
            Name = name,
            Servers = balancers,
            Pool = pool,
            Backend = definition.Backend.Length > 0 ? definition.Backend : name,
            SharedData = (values.Get(LoadBalancersSection.SharedData) ?? []).Select((data, index) => CheckShared(name, data, index, pool)).ToArray(),
        };
        if (values.Get(LoadBalancersSection.Servers) is { Count: 0 }) Report(name, LoadBalancersSection.Servers.Name, EnvironmentProblems.LoadBalancerEmpty(values.PositionOf(LoadBalancersSection.Servers), name, "Servers"));
        if (definition.IsManaged) CheckManaged(values, definition);
        CheckAddresses(values, definition);
        if (definition.Kind == LoadBalancerKind.Nginx) Warn(name, values, LoadBalancersSection.NotOfNginx, "Kind = 'HAProxy'");
        if (definition.Mode == LoadBalancerMode.Tcp) Warn(name, values, LoadBalancersSection.OfHttp, "Mode = 'Http'");
        if (definition.Check is null) Warn(name, values, [LoadBalancersSection.CheckHost], "Check");
        return definition;
    }

    private void CheckManaged(TableValues values, LoadBalancerDefinition definition)
    {
        string name = definition.Name;
        if (definition.Pool.Count == 0 && values.Get(LoadBalancersSection.Pool) is null or { Count: 0 }) Report(name, LoadBalancersSection.Pool.Name, EnvironmentProblems.LoadBalancerEmpty(values.PositionOf(LoadBalancersSection.Pool), name, "Pool"));
        Warn(name, values, [LoadBalancersSection.Backend], "Managed = $false");
        foreach (string server in definition.Pool.Where(server => !BalancerKinds.IsConfigurationName(server)))
            Report(name, LoadBalancersSection.Pool.Name, EnvironmentProblems.LoadBalancerServerName(values.PositionOf(LoadBalancersSection.Pool), name, server));
        if (definition is { TlsPort: not null, Certificate: null }) Report(name, LoadBalancersSection.TlsPort.Name, EnvironmentProblems.LoadBalancerTlsIncomplete(values.PositionOf(LoadBalancersSection.TlsPort), name));
        if (definition.Certificate is null) Warn(name, values, [LoadBalancersSection.RedirectToTls], "Certificate");
        if (definition is { Mode: LoadBalancerMode.Tcp, StickyCookie: not null }) Report(name, LoadBalancersSection.StickyCookie.Name, EnvironmentProblems.LoadBalancerCookieImpossible(values.PositionOf(LoadBalancersSection.StickyCookie), name, "connections of TCP have no cookies"));
        if (definition is { Kind: LoadBalancerKind.Nginx, StickyCookie: not null }) Report(name, LoadBalancersSection.StickyCookie.Name, EnvironmentProblems.LoadBalancerCookieImpossible(values.PositionOf(LoadBalancersSection.StickyCookie), name, "nginx has them in its commercial edition only"));
        if (definition is { Kind: LoadBalancerKind.Nginx, Mode: LoadBalancerMode.Tcp }) Report(name, LoadBalancersSection.Mode.Name, EnvironmentProblems.LoadBalancerModeImpossible(values.PositionOf(LoadBalancersSection.Mode), name));
        if (definition.Pool.Count > 0 && definition.MinimumHealthy >= definition.Pool.Count && IsGiven(values, LoadBalancersSection.MinimumHealthy))
            Report(name, LoadBalancersSection.MinimumHealthy.Name, EnvironmentProblems.LoadBalancerMinimumTooHigh(values.PositionOf(LoadBalancersSection.MinimumHealthy), name, definition.MinimumHealthy, definition.Pool.Count));
        CheckLines(name, values, LoadBalancersSection.FrontendLines, definition.Kind);
        CheckLines(name, values, LoadBalancersSection.PoolLines, definition.Kind);
    }

    /// <summary>Lines of the admin's own: they may say what they like, but only in the place that they were written for.</summary>
    private void CheckLines(string name, TableValues values, Key<IReadOnlyList<Located<string>>> key, LoadBalancerKind kind)
    {
        var lines = values.Get(key) ?? [];
        if (kind == LoadBalancerKind.HAProxy)
        {
            foreach (var line in lines.Where(line => BalancerLines.LeavesSection(line.Value))) Report(name, key.Name, EnvironmentProblems.LoadBalancerLineLeaves(line.Position, name, line.Value));
        }
        else if (lines.Count > 0 && !BalancerLines.StaysWithinBraces(lines.Select(line => line.Value)))
        {
            Report(name, key.Name, EnvironmentProblems.LoadBalancerLineLeaves(lines[0].Position, name, string.Join(" ", lines.Select(line => line.Value))));
        }
    }

    private SharedDataDefinition CheckShared(string name, SharedDataEntry entry, int index, IReadOnlyList<string> pool)
    {
        var data = entry.Data;
        string key = $"{LoadBalancersSection.SharedData.Name}[{index}]";
        if (data.From is null) return data;
        if (data.Method != SharedDataMethod.Rsync) Warn($"{name}.{key}", entry.Values, [SharedDataKeys.From], "Method = 'Rsync'");
        if (pool.FirstOrDefault(server => server.Equals(data.From, StringComparison.OrdinalIgnoreCase)) is { } known) return data with { From = known };
        Report(name, $"{key}.{SharedDataKeys.From.Name}", EnvironmentProblems.LoadBalancerServerUnknown(entry.Values.PositionOf(SharedDataKeys.From), name, data.From, Nearest.Find(data.From, pool)));
        return data;
    }

    private string[] Resolve(string name, TableValues values, Key<IReadOnlyList<Located<string>>> key)
    {
        var servers = new List<string>();
        foreach (var server in values.Get(key) ?? [])
        {
            if (NamedServers.Find(environment, server.Value) is { } names) servers.AddRange(names);
            else Report(name, key.Name, EnvironmentProblems.LoadBalancerServerUnknown(server.Position, name, server.Value.Trim(), NamedServers.Nearest(environment, server.Value)));
        }

        // As the environment spells them: HAProxy takes web1 and Web1 for two servers.
        return [.. servers.Select(server => environment.Servers.FirstOrDefault(known => known.Name.Equals(server, StringComparison.OrdinalIgnoreCase))?.Name ?? server).Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    private void Warn(string path, TableValues values, IEnumerable<Key> keys, string needs)
    {
        foreach (var key in keys.Where(key => IsGiven(values, key))) Report(path, key.Name, EnvironmentProblems.LoadBalancerKeyUnused(values.PositionOf(key), key.Name, needs));
    }

    private static bool IsGiven(TableValues values, Key key) => values.Table[key.Name] is not (null or DataScalar { Value: null or false });

    private void Report(string entry, string key, EnvironmentProblem problem) => problems.Add(problem with { Key = $"{RootSection.LoadBalancers.Name}.{entry}" + (key.Length > 0 ? $".{key}" : "") });
}

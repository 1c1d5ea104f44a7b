using ProdOps.Servers.Inventory.Schema;
using ProdOps.Servers.Inventory.Sections;

namespace ProdOps.Servers.Inventory;

/// <summary>Makes services and redundancy of the entries of the file, and checks what they name.</summary>
/// <param name="environment">The environment, with its servers and load balancers.</param>
/// <param name="problems">Is told what is wrong.</param>
internal sealed class ServiceRules(ProdOpsEnvironment environment, List<EnvironmentProblem> problems)
{
    public IEnumerable<ServiceDefinition> Services(IReadOnlyList<Named<ServiceEntry>> entries)
    {
        var services = entries.Select(entry => new ServiceDefinition { Name = entry.Name, DependsOn = [.. Needs(entry, entries)], Objectives = entry.Value.Objectives }).ToList();
        FindCycles(entries, services);
        return services;
    }

    public IEnumerable<RedundancyDefinition> Redundancy(IReadOnlyList<Named<RedundancyEntry>> entries)
    {
        var taken = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in entries)
        {
            var servers = Members(entry);
            foreach (string server in servers)
            {
                if (!taken.TryAdd(server, entry.Name)) problems.Add(EnvironmentProblems.RedundancyServerTwice(entry.Value.Servers[0].Position, entry.Name, server, taken[server]));
            }

            var definition = entry.Value.Definition with { Name = entry.Name, Servers = servers };
            if (servers.Count > 0 && definition.Need >= servers.Count)
                problems.Add(EnvironmentProblems.RedundancyNone(entry.Value.Values.PositionOf(RedundancySection.Need), entry.Name, servers.Count, definition.Need));
            yield return definition;
        }
    }

    private IEnumerable<string> Needs(Named<ServiceEntry> entry, IReadOnlyList<Named<ServiceEntry>> all)
    {
        var found = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var need in entry.Value.DependsOn)
        {
            string name = need.Value.Trim();
            string? known = environment.LoadBalancers.FirstOrDefault(balancer => Same(balancer.Name, name))?.Name
                ?? environment.Servers.FirstOrDefault(server => Same(server.Name, name))?.Name
                ?? all.FirstOrDefault(other => other != entry && Same(other.Name, name))?.Name;
            var names = known is not null ? [known] : NamedServers.Find(environment, name);
            if (names is null)
            {
                string? near = NamedServers.Nearest(environment, name) ?? Nearest.Find(name, environment.LoadBalancers.Select(balancer => balancer.Name).Concat(all.Select(other => other.Name)));
                problems.Add(EnvironmentProblems.ServiceNeedUnknown(need.Position, entry.Name, name, near));
            }

            foreach (string one in names ?? []) if (found.Add(one)) yield return one;
        }
    }

    private List<string> Members(Named<RedundancyEntry> entry)
    {
        var found = new List<string>();
        foreach (var server in entry.Value.Servers)
        {
            var names = NamedServers.Find(environment, server.Value);
            if (names is null) problems.Add(EnvironmentProblems.RedundancyServerUnknown(server.Position, entry.Name, server.Value, NamedServers.Nearest(environment, server.Value)));
            // In the spelling of the servers' own names.
            foreach (string name in names ?? [])
                if (!found.Contains(name, StringComparer.OrdinalIgnoreCase)) found.Add(environment.Servers.FirstOrDefault(known => Same(known.Name, name))?.Name ?? name);
        }

        return found;
    }

    private void FindCycles(IReadOnlyList<Named<ServiceEntry>> entries, List<ServiceDefinition> services)
    {
        var needs = services.ToDictionary(service => service.Name, service => service.DependsOn.Where(IsService).ToList(), StringComparer.OrdinalIgnoreCase);
        foreach (var entry in entries)
        {
            var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            var left = new Stack<string>(needs[entry.Name]);
            while (left.TryPop(out string? next))
            {
                if (!seen.Add(next)) continue;
                foreach (string further in needs[next]) left.Push(further);
            }

            if (!seen.Contains(entry.Name)) continue;
            problems.Add(EnvironmentProblems.ServiceCycle(entry.Position, entry.Name));
            return;
        }

        bool IsService(string name) => environment.LoadBalancers.All(balancer => !Same(balancer.Name, name)) && environment.Servers.All(server => !Same(server.Name, name))
            && services.Exists(service => Same(service.Name, name));
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}

using ProdOps.Servers.Inventory.Schema;
using ProdOps.Servers.Inventory.Sections;

namespace ProdOps.Servers.Inventory;

/// <summary>Makes servers of the entries of the file, and checks their names and what they depend on.</summary>
internal sealed class ServerList(List<EnvironmentProblem> problems)
{
    /// <summary>Roles that the systems know. Any other is allowed; one slip away from these is probably a slip.</summary>
    public static IReadOnlyList<string> KnownRoles { get; } = ["LoadBalancer", "App", "Database", "Cache", "Queue", "Web", "Backup", "Log", "Monitor"];

    private readonly Dictionary<string, Server> _servers = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ServerEntry> _entries = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, IReadOnlyList<Located<string>>> _needs = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<Server> Build(string environment, IReadOnlyList<ServerEntry> entries, ServerDefaults defaults, SshOptions ssh)
    {
        var order = new List<string>();
        foreach (var entry in entries)
        {
            string name = entry.Name.Value;
            if (!_entries.TryAdd(name, entry))
            {
                problems.Add(EnvironmentProblems.DuplicateServer(entry.Name.Position, name, _entries[name].Name.Position));
                continue;
            }

            var settings = defaults.Apply(entry.Settings);
            order.Add(name);
            _needs[name] = settings.DependsOn ?? [];
            _servers[name] = new Server
            {
                Name = name,
                Address = entry.Address.Value,
                Roles = Texts(settings.Roles),
                Groups = Texts(settings.Groups),
                Services = settings.Services ?? [],
                Site = settings.Site,
                Rack = settings.Rack,
                Hypervisor = settings.Hypervisor,
                Network = settings.Network,
                NodeExporter = NodeExporterSection.Of(settings.NodeExporter),
                Ssh = settings.Ssh?.Over(ssh) ?? ssh,
                Environment = environment,
                IsLocal = entry.Local ?? (entry.Address.Value is null && name.Equals(ServerResolver.Local.Name, StringComparison.OrdinalIgnoreCase)),
            };
        }

        foreach (string name in order) _servers[name] = _servers[name] with { DependsOn = Needs(name).ToArray() };
        FindCycles(order);
        FindSlips(entries, defaults);
        FindSharedAddresses(order);
        return [.. order.Select(name => _servers[name])];
    }

    /// <summary>The servers that one depends on, with roles and groups replaced by their members.</summary>
    private IEnumerable<string> Needs(string name)
    {
        var found = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var need in _needs[name])
        {
            string[]? members = Members(need.Value);
            if (members is null) problems.Add(EnvironmentProblems.UnknownServer(need.Position, name, need.Value, Nearest.Find(need.Value, Suggestions(need.Value))));
            else if (members is [var self] && Same(self, name)) problems.Add(EnvironmentProblems.DependencyCycle(need.Position, [name, name]));
            // A server of a role that needs the whole role needs the others.
            foreach (string member in members ?? []) if (!Same(member, name) && found.Add(member)) yield return member;
        }
    }

    private string[]? Members(string need)
    {
        if (need.StartsWith("role:", StringComparison.OrdinalIgnoreCase)) return Having(need[5..].Trim(), server => server.Roles);
        if (need.StartsWith("group:", StringComparison.OrdinalIgnoreCase)) return Having(need[6..].Trim(), server => server.Groups);
        return _servers.TryGetValue(need, out var server) ? [server.Name] : null;
    }

    private string[]? Having(string name, Func<Server, IReadOnlyList<string>> names)
    {
        string[] members = [.. _servers.Values.Where(server => names(server).Any(one => Same(one, name))).Select(server => server.Name)];
        return members.Length > 0 ? members : null;
    }

    private IEnumerable<string> Suggestions(string need) =>
        need.StartsWith("role:", StringComparison.OrdinalIgnoreCase) ? _servers.Values.SelectMany(server => server.Roles).Select(role => $"role:{role}")
        : need.StartsWith("group:", StringComparison.OrdinalIgnoreCase) ? _servers.Values.SelectMany(server => server.Groups).Select(group => $"group:{group}")
        : _servers.Keys;

    /// <summary>Finds every server that leads back to itself, each circle once.</summary>
    private void FindCycles(IReadOnlyList<string> order)
    {
        var done = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (string start in order)
        {
            if (done.Contains(start)) continue;
            var path = new List<string> { start };
            var branches = new Stack<IEnumerator<string>>();
            branches.Push(_servers[start].DependsOn.GetEnumerator());
            while (branches.Count > 0)
            {
                if (!branches.Peek().MoveNext())
                {
                    branches.Pop();
                    done.Add(path[^1]);
                    path.RemoveAt(path.Count - 1);
                    continue;
                }

                string next = branches.Peek().Current;
                int at = path.FindIndex(name => Same(name, next));
                if (at >= 0)
                {
                    var last = _needs[path[^1]];
                    var position = last.FirstOrDefault(need => Same(need.Value, next))?.Position ?? last[0].Position;
                    problems.Add(EnvironmentProblems.DependencyCycle(position, [.. path[at..], next]));
                }
                else if (!done.Contains(next))
                {
                    path.Add(next);
                    branches.Push(_servers[next].DependsOn.GetEnumerator());
                }
            }
        }
    }

    private void FindSlips(IReadOnlyList<ServerEntry> entries, ServerDefaults defaults)
    {
        foreach (var role in entries.SelectMany(entry => entry.Settings.Roles ?? []).Concat(defaults.All.Roles ?? []))
        {
            if (!KnownRoles.Contains(role.Value, StringComparer.OrdinalIgnoreCase) && Nearest.Find(role.Value, KnownRoles) is { } near)
                problems.Add(EnvironmentProblems.RoleSpelling(role.Position, role.Value, near));
        }

        var roles = _servers.Values.SelectMany(server => server.Roles).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var groups = _servers.Values.SelectMany(server => server.Groups).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var part in defaults.Roles.Where(part => !roles.Contains(part.Name))) problems.Add(EnvironmentProblems.UnusedDefaults(part.Position, "role", part.Name, Nearest.Find(part.Name, roles)));
        foreach (var part in defaults.Groups.Where(part => !groups.Contains(part.Name))) problems.Add(EnvironmentProblems.UnusedDefaults(part.Position, "group", part.Name, Nearest.Find(part.Name, groups)));
    }

    private void FindSharedAddresses(IReadOnlyList<string> order)
    {
        foreach (var same in order.Where(name => _servers[name].Address is not null).GroupBy(name => (_servers[name].Address!.ToUpperInvariant(), _servers[name].Ssh.Port)))
        {
            if (same.Skip(1).FirstOrDefault() is { } second)
                problems.Add(EnvironmentProblems.SharedAddress(_entries[second].Address.Position, second, same.First(), _servers[second].Address!));
        }
    }

    private static IReadOnlyList<string> Texts(IReadOnlyList<Located<string>>? items) => items?.Select(item => item.Value).Distinct(StringComparer.OrdinalIgnoreCase).ToArray() ?? [];

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}

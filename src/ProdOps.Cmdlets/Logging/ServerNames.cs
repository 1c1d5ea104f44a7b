using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Logging;

/// <summary>Servers as entries name them.</summary>
internal static class ServerNames
{
    private const string Role = "role:", Group = "group:";

    /// <summary>Names and wildcards as they are; roles and groups become the names of their servers.</summary>
    /// <exception cref="ProdOpsException">No server has the role, or is in the group.</exception>
    public static IReadOnlyList<string> Resolve(IReadOnlyList<string> names, ProdOpsEnvironment? environment) => Resolve(names, environment, ProdOps.Logging.LoggingErrors.NoServerHas);

    /// <summary>The same, with an error of another catalogue where no server has the role, or is in the group.</summary>
    public static IReadOnlyList<string> Resolve(IReadOnlyList<string> names, ProdOpsEnvironment? environment, Func<string, ProdOpsException> none)
    {
        var result = new List<string>();
        foreach (string name in names)
        {
            if (Members(name, environment) is not { } members) result.Add(name);
            else if (members.Count > 0) result.AddRange(members);
            else throw none(name);
        }

        return result;
    }

    private static List<string>? Members(string name, ProdOpsEnvironment? environment)
    {
        var servers = environment?.Servers ?? [];
        if (name.StartsWith(Role, StringComparison.OrdinalIgnoreCase)) return [.. servers.Where(server => Has(server.Roles, name[Role.Length..])).Select(server => server.Name)];
        if (name.StartsWith(Group, StringComparison.OrdinalIgnoreCase)) return [.. servers.Where(server => Has(server.Groups, name[Group.Length..])).Select(server => server.Name)];
        return null;
    }

    private static bool Has(IEnumerable<string> members, string pattern) => members.Any(member => NamePattern.IsMatch(pattern, member));
}

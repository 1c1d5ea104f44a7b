namespace ProdOps.Servers.Inventory;

/// <summary>The servers that a key of an environment's file names: names, wildcards, <c>role:App</c>, <c>group:eu</c>, <c>localhost</c>.</summary>
internal static class NamedServers
{
    private const string RolePrefix = "role:", GroupPrefix = "group:";

    /// <summary>Their names, or <see langword="null"/> if nothing is called so.</summary>
    public static IReadOnlyList<string>? Find(ProdOpsEnvironment environment, string text)
    {
        text = text.Trim();
        if (text.Equals(ServerResolver.Local.Name, StringComparison.OrdinalIgnoreCase) || environment.Servers.Any(known => known.Name.Equals(text, StringComparison.OrdinalIgnoreCase))) return [text];
        if (!IsMany(text)) return null;
        try
        {
            return [.. new ServerResolver(environment).Resolve(text).Select(found => found.Name)];
        }
        catch (ProdOpsException)
        {
            return null;
        }
    }

    /// <summary>What somebody probably meant who wrote a name that there is not.</summary>
    public static string? Nearest(ProdOpsEnvironment environment, string text) => Inventory.Nearest.Find(text.Trim(), environment.Servers.Select(known => known.Name)
        .Concat(environment.Servers.SelectMany(known => known.Roles).Select(role => RolePrefix + role))
        .Concat(environment.Servers.SelectMany(known => known.Groups).Select(group => GroupPrefix + group)));

    /// <summary>The role that a text of the form <c>role:App</c> names, without wildcards.</summary>
    public static string? RoleOf(string text) =>
        text.Trim() is var name && name.StartsWith(RolePrefix, StringComparison.OrdinalIgnoreCase) && !NamePattern.HasWildcards(name) ? name[RolePrefix.Length..].Trim() : null;

    /// <summary>True for what can only be told by looking at each server's groups or roles.</summary>
    public static bool IsGroup(string text) => text.Trim() is var name && (name.StartsWith(RolePrefix, StringComparison.OrdinalIgnoreCase) || name.StartsWith(GroupPrefix, StringComparison.OrdinalIgnoreCase));

    private static bool IsMany(string text) => NamePattern.HasWildcards(text) || IsGroup(text);
}

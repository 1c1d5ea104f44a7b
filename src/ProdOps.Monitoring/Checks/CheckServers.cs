using ProdOps.Servers.Inventory;

namespace ProdOps.Monitoring.Checks;

/// <summary>Whose check a definition is.</summary>
internal static class CheckServers
{
    /// <summary>The servers that a definition names, each once; where it names none, the one that it looks at: a server of the environment, or a host that counts as one.</summary>
    /// <exception cref="ProdOpsException">No server, role or group is called so.</exception>
    public static IReadOnlyList<Server> Of(HealthCheckDefinition definition, ProdOpsEnvironment? environment)
    {
        var resolver = new ServerResolver(environment);
        if (definition.Server.Count > 0) return [.. definition.Server.SelectMany(resolver.Select).Distinct()];
        if (definition.Kind is HealthCheckKind.Backup or HealthCheckKind.RestoreTest && environment?.Backups.FirstOrDefault(set => Same(set.Name, definition.Target)) is { Server.Count: > 0 } set)
            return [.. set.Server.SelectMany(resolver.Select).Distinct()];
        string? host = HealthCheckHosts.Of(definition);
        return [host is null || Same(host, ServerResolver.Local.Name) ? ServerResolver.Local
            : environment?.Servers.FirstOrDefault(server => Same(server.Name, host) || Same(server.Address, host)) ?? new Server { Name = host, Address = host }];
    }

    private static bool Same(string? one, string? other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}

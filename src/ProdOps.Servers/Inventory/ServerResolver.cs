namespace ProdOps.Servers.Inventory;

/// <summary>
/// Finds the servers that a command means: names of the environment, wildcards, <c>role:App</c>, <c>group:eu</c>, and hosts named directly.
/// </summary>
/// <param name="environment">The environment; <see langword="null"/> where there is none, and every name is a host's.</param>
internal sealed class ServerResolver(ProdOpsEnvironment? environment)
{
    private const string RolePrefix = "role:";
    private const string GroupPrefix = "group:";

    /// <summary>This machine, which every command can work on without an environment.</summary>
    public static Server Local { get; } = new() { Name = "localhost", IsLocal = true };

    private IReadOnlyList<Server> Known => environment?.Servers ?? [];

    /// <summary>The servers that a text means, in the order of the environment; never none.</summary>
    /// <exception cref="ProdOpsException">No server, role or group is called so, or the text is no host's name.</exception>
    public IReadOnlyList<Server> Resolve(string text)
    {
        text = text.Trim();
        if (Prefixed(text, RolePrefix) is { } role)
            return Members(role, server => server.Roles, () => ServersErrors.RoleNotFound(role, environment, NearestOf(role, server => server.Roles)));
        if (Prefixed(text, GroupPrefix) is { } group)
            return Members(group, server => server.Groups, () => ServersErrors.GroupNotFound(group, environment, NearestOf(group, server => server.Groups)));
        if (Find(text) is { } named) return [named];
        // A bracket alone may be an IPv6 address: [2001:db8::1]:22.
        bool isHost = HostReference.TryParse(text, out var host);
        if (!isHost && NamePattern.HasWildcards(text))
        {
            Server[] matches = [.. Known.Where(server => NamePattern.IsMatch(text, server.Name))];
            return matches.Length > 0 ? matches : throw ServersErrors.NoServerMatches(text, environment);
        }

        return isHost ? [Resolve(text, host)] : throw ServersErrors.ServerNameInvalid(text);
    }

    /// <summary>
    /// The servers that a text means where servers are listed and not worked on: a wildcard may mean none, and a plain name must be known.
    /// </summary>
    /// <exception cref="ProdOpsException">No server, role or group is called so.</exception>
    public IReadOnlyList<Server> Select(string text)
    {
        text = text.Trim();
        bool isHost = HostReference.TryParse(text, out var host);
        bool hasPrefix = Prefixed(text, RolePrefix) is not null || Prefixed(text, GroupPrefix) is not null;
        if (!isHost && !hasPrefix && NamePattern.HasWildcards(text)) return [.. Known.Where(server => NamePattern.IsMatch(text, server.Name))];
        bool isPlain = isHost && IsPlain(text, host) && !Same(text, Local.Name);
        if (isPlain && environment is not null && Find(text) is null)
            throw ServersErrors.ServerNotFound(text, environment, Nearest.Find(text, Known.Select(server => server.Name)));
        return Resolve(text);
    }

    /// <summary>A server's object as the environment has it now, for one that was stored or came from another session; else the object itself.</summary>
    public Server Resolve(Server server) => server.Environment is not null && Same(server.Environment, environment?.Name) ? Find(server.Name) ?? server : server;

    private Server Resolve(string text, HostReference host)
    {
        if (host.User is null && host.Port is null && Known.Where(server => Same(server.Address, host.Host)).ToList() is [var single]) return single;
        if (Find(host.Host) is { } known) return known with { Ssh = known.Ssh with { User = host.User ?? known.Ssh.User, Port = host.Port ?? known.Ssh.Port } };
        bool plain = IsPlain(text, host);
        if (plain && Same(host.Host, Local.Name)) return Local;
        // A name that is one slip away from a server of the environment is a slip, not a host nobody has written down.
        if (plain && Nearest.Find(text, Known.Select(server => server.Name)) is { } near) throw ServersErrors.ServerNotFound(text, environment!, near);
        return new Server { Name = host.DisplayName, Address = host.Host, Ssh = new SshOptions { User = host.User, Port = host.Port } };
    }

    /// <summary>A name and nothing that says it is a host's.</summary>
    private static bool IsPlain(string text, HostReference host) =>
        host.User is null && host.Port is null && !host.Host.AsSpan().ContainsAny('.', ':') && !text.Contains("://", StringComparison.Ordinal);

    private IReadOnlyList<Server> Members(string pattern, Func<Server, IReadOnlyList<string>> names, Func<ProdOpsException> none)
    {
        Server[] members = [.. Known.Where(server => names(server).Any(name => NamePattern.IsMatch(pattern, name)))];
        return members.Length > 0 ? members : throw none();
    }

    private string? NearestOf(string text, Func<Server, IReadOnlyList<string>> names) => Nearest.Find(text, Known.SelectMany(names).Distinct(StringComparer.OrdinalIgnoreCase));

    private Server? Find(string name) => Known.FirstOrDefault(server => Same(server.Name, name));

    private static string? Prefixed(string text, string prefix) => text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? text[prefix.Length..].Trim() : null;

    private static bool Same(string? a, string? b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}

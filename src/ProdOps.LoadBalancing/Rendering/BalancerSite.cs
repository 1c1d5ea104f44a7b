using System.Net;
using ProdOps.Servers.Inventory;

namespace ProdOps.LoadBalancing.Rendering;

/// <summary>A balancer that is to be set up: the entries of the environment that name it, and what the renderers need to know of its server.</summary>
internal sealed record BalancerSite
{
    /// <summary>The balancer: the name of a server.</summary>
    public required string Server { get; init; }

    public required LoadBalancerKind Kind { get; init; }

    /// <summary>The entries, in the order of the environment; at least one.</summary>
    public required IReadOnlyList<LoadBalancerDefinition> Entries { get; init; }

    /// <summary>The address of each server of a pool.</summary>
    public required IReadOnlyDictionary<string, string> Addresses { get; init; }

    /// <summary>The address of each balancer as the environment has it, where it is an IP address.</summary>
    public IReadOnlyDictionary<string, string> Balancers { get; init; } = new Dictionary<string, string>();

    /// <summary>HAProxy's user and group there; <see langword="null"/> to stay who starts it.</summary>
    public string? User { get; init; } = "haproxy";

    /// <summary>The folder that HAProxy shuts itself into, and that it keeps the servers' states in; <see langword="null"/> without one.</summary>
    public string? Home { get; init; } = "/var/lib/haproxy";

    public string ConfigurationPath => Entries.Select(entry => entry.ConfigurationPath).FirstOrDefault(path => path is not null)
        ?? (Kind == LoadBalancerKind.HAProxy ? "/etc/haproxy/haproxy.cfg" : "/etc/nginx/conf.d/prodops.conf");

    public string Socket => Entries.Select(entry => entry.Socket).FirstOrDefault(socket => socket is not null) ?? "/run/haproxy/admin.sock";

    /// <summary>Where HAProxy finds what its servers were told to be before a reload.</summary>
    public string StateFile => Home is null ? $"{ConfigurationPath}.state" : $"{Home}/prodops-state";

    /// <summary>The names of the entries, with commas between them.</summary>
    public string Name => string.Join(",", Entries.Select(entry => entry.Name));

    /// <summary>The sites that an environment describes for some of its entries. A balancer's configuration holds all entries that name it.</summary>
    public static IEnumerable<BalancerSite> Of(ProdOpsEnvironment environment, IReadOnlyList<LoadBalancerDefinition> wanted)
    {
        // Standby first, active after: the preferred balancer of an entry stands first in it, so it comes last.
        var places = wanted.Where(entry => entry.IsManaged).SelectMany(entry => entry.Servers.Reverse().Select(server => (Server: server, entry.Kind))).Distinct();
        foreach (var (server, kind) in places)
        {
            LoadBalancerDefinition[] entries = [.. environment.LoadBalancers.Where(entry => entry.IsManaged && entry.Kind == kind && entry.Servers.Contains(server, StringComparer.OrdinalIgnoreCase))];
            yield return new BalancerSite { Server = server, Kind = kind, Entries = entries, Addresses = AddressesOf(environment, entries, server), Balancers = BalancersOf(environment, entries) };
        }
    }

    private static Dictionary<string, string> AddressesOf(ProdOpsEnvironment environment, IEnumerable<LoadBalancerDefinition> entries, string balancer)
    {
        var addresses = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in entries)
        {
            foreach (string name in entry.Pool)
            {
                var server = environment.Servers.FirstOrDefault(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? (name == ServerResolver.Local.Name ? ServerResolver.Local : null);
                // What is the machine of ProdOps has an address for others only if the environment names one.
                addresses[name] = server is not { IsLocal: true } ? server?.Address ?? name
                    : server.Address ?? (IsLocal(environment, balancer) ? "127.0.0.1" : throw LoadBalancingErrors.AddressUnknown(entry.Name, name, balancer));
            }
        }

        return addresses;
    }

    private static Dictionary<string, string> BalancersOf(ProdOpsEnvironment environment, IEnumerable<LoadBalancerDefinition> entries) =>
        environment.Servers.Where(server => IPAddress.TryParse(server.Address, out _) && entries.Any(entry => entry.Servers.Contains(server.Name, StringComparer.OrdinalIgnoreCase)))
            .ToDictionary(server => server.Name, server => server.Address!, StringComparer.OrdinalIgnoreCase);

    private static bool IsLocal(ProdOpsEnvironment environment, string name) =>
        name.Equals(ServerResolver.Local.Name, StringComparison.OrdinalIgnoreCase) || environment.Servers.Any(server => server.IsLocal && server.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}

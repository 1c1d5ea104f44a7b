using System.Net;
using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;
using ProdOps.Servers.Inventory.Sections;

namespace ProdOps.Servers.Inventory;

/// <summary>Addresses and ports: what is in the way of what.</summary>
internal sealed partial class LoadBalancerRules
{
    private readonly Dictionary<(string Server, int Port), LoadBalancerDefinition> _ports = [];
    private readonly List<(Named<LoadBalancerEntry> Entry, LoadBalancerDefinition Definition)> _seen = [];

    private void CheckAddresses(TableValues values, LoadBalancerDefinition definition)
    {
        string name = definition.Name;
        if (definition.VirtualAddress is null)
        {
            Warn(name, values, [LoadBalancersSection.VirtualInterface, LoadBalancersSection.VirtualRouter], "VirtualAddress");
        }
        else
        {
            var position = values.PositionOf(LoadBalancersSection.VirtualAddress);
            if (environment.Servers.FirstOrDefault(server => definition.VirtualAddress.Equals(server.Address, StringComparison.OrdinalIgnoreCase)) is { } owner)
                Report(name, LoadBalancersSection.VirtualAddress.Name, EnvironmentProblems.LoadBalancerAddressTaken(position, name, definition.VirtualAddress, owner.Name));
            else if (IsElsewhere(definition)) Report(name, LoadBalancersSection.VirtualAddress.Name, EnvironmentProblems.LoadBalancerAddressElsewhere(position, name, definition.VirtualAddress));
            if (definition.Servers.Count == 1) Report(name, LoadBalancersSection.VirtualAddress.Name, EnvironmentProblems.LoadBalancerAlone(position, name, "VirtualAddress", definition.Servers[0]));
        }

        if (values.Get(LoadBalancersSection.FloatingAddress) is not { } floating) return;
        if (definition.VirtualAddress is not null) Report(name, LoadBalancersSection.FloatingAddress.Name, EnvironmentProblems.LoadBalancerAddressTwice(values.PositionOf(LoadBalancersSection.FloatingAddress), name));
        if (definition.Servers.Count == 1) Report(name, LoadBalancersSection.FloatingAddress.Name, EnvironmentProblems.LoadBalancerAlone(values.PositionOf(LoadBalancersSection.FloatingAddress), name, "FloatingAddress", definition.Servers[0]));
        string key = $"{LoadBalancersSection.FloatingAddress.Name}.{FloatingAddressKeys.Machines.Name}";
        var place = floating.Values.PositionOf(FloatingAddressKeys.Machines);
        foreach (string server in definition.Servers.Where(server => !floating.Address.Machines.ContainsKey(server))) Report(name, key, EnvironmentProblems.LoadBalancerMachineMissing(place, name, server));
        foreach (string machine in floating.Address.Machines.Keys.Where(machine => !definition.Servers.Contains(machine, StringComparer.OrdinalIgnoreCase)))
            Report(name, key, EnvironmentProblems.LoadBalancerServerUnknown(place, name, machine, Nearest.Find(machine, definition.Servers)));
    }

    /// <summary>What several entries on one balancer must not both want, or must agree on.</summary>
    private void CheckNeighbours(Named<LoadBalancerEntry> entry, LoadBalancerDefinition definition)
    {
        var values = entry.Value.Values;
        foreach (string server in definition.Servers)
        {
            Take(server, definition.Port, values.PositionOf(LoadBalancersSection.Port), definition);
            if (definition.TlsPort is { } tls) Take(server, tls, values.PositionOf(LoadBalancersSection.TlsPort), definition);
        }

        if (definition.Pool.FirstOrDefault(server => definition.Servers.Contains(server)) is { } both && (definition.PoolPort == definition.Port || definition.PoolPort == definition.TlsPort))
            Report(definition.Name, LoadBalancersSection.PoolPort.Name, EnvironmentProblems.LoadBalancerPortTaken(values.PositionOf(LoadBalancersSection.PoolPort), definition.Name, both, definition.PoolPort, definition.Name));
        foreach (var (other, known) in _seen.Where(seen => seen.Definition.Servers.Intersect(definition.Servers, StringComparer.OrdinalIgnoreCase).Any()))
        {
            if (known.Kind == definition.Kind && known.IsManaged && definition.IsManaged) CheckShared(values, definition, known);
            if (known.VirtualAddress is not null && definition.VirtualAddress is not null) CheckRouters(values, definition, known);
        }

        _seen.Add((entry, definition));
    }

    private void CheckShared(TableValues values, LoadBalancerDefinition definition, LoadBalancerDefinition other)
    {
        // One file and one process for both.
        if (definition.ConfigurationPath != other.ConfigurationPath) Differ(values, LoadBalancersSection.Configuration, definition, other);
        if (definition.Socket != other.Socket) Differ(values, LoadBalancersSection.Socket, definition, other);
    }

    private void CheckRouters(TableValues values, LoadBalancerDefinition definition, LoadBalancerDefinition other)
    {
        bool same = definition.VirtualAddress!.Equals(other.VirtualAddress, StringComparison.OrdinalIgnoreCase);
        if (same && definition.VirtualInterface != other.VirtualInterface) Differ(values, LoadBalancersSection.VirtualInterface, definition, other);
        if (same && definition.VirtualRouter != other.VirtualRouter) Differ(values, LoadBalancersSection.VirtualRouter, definition, other);
        // The first is the preferred one: two orders are two wishes about one address.
        if (same && !definition.Servers.SequenceEqual(other.Servers)) Differ(values, LoadBalancersSection.Servers, definition, other);
        if (!same && VirtualRouters.NumberOf(definition) == VirtualRouters.NumberOf(other))
            Report(definition.Name, LoadBalancersSection.VirtualRouter.Name, EnvironmentProblems.LoadBalancerRouterTaken(values.PositionOf(LoadBalancersSection.VirtualRouter), definition.Name, VirtualRouters.NumberOf(definition), other.Name));
    }

    private void Differ(TableValues values, Key key, LoadBalancerDefinition definition, LoadBalancerDefinition other) =>
        Report(definition.Name, key.Name, EnvironmentProblems.LoadBalancersDiffer(values.PositionOf(key), definition.Name, other.Name, key.Name));

    private void Take(string server, int port, SourcePosition position, LoadBalancerDefinition definition)
    {
        if (_ports.TryAdd((server.ToUpperInvariant(), port), definition)) return;
        var other = _ports[(server.ToUpperInvariant(), port)];
        // A configuration that was written by hand may lead from one port to several pools, each an entry.
        if (definition.IsManaged || other.IsManaged) Report(definition.Name, LoadBalancersSection.Port.Name, EnvironmentProblems.LoadBalancerPortTaken(position, definition.Name, server, port, other.Name));
    }

    /// <summary>True if no balancer's literal address begins as the virtual one does. How long the networks' prefixes are, only the balancers know.</summary>
    private bool IsElsewhere(LoadBalancerDefinition definition)
    {
        if (!IPAddress.TryParse(definition.VirtualAddress, out var address)) return false;
        var known = definition.Servers.Select(name => environment.Servers.FirstOrDefault(server => server.Name == name)?.Address)
            .Select(text => IPAddress.TryParse(text, out var literal) ? literal : null).ToArray();
        if (known.Length == 0 || known.Contains(null)) return false;
        byte[] wanted = address.GetAddressBytes();
        int prefix = wanted.Length == 4 ? 2 : 6;
        return known.All(literal => literal!.GetAddressBytes() is var bytes && (bytes.Length != wanted.Length || !bytes.AsSpan(0, prefix).SequenceEqual(wanted.AsSpan(0, prefix))));
    }
}

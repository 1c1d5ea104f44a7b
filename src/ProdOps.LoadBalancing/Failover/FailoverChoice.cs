using System.Net;
using ProdOps.LoadBalancing.Pairs;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Failover;

/// <summary>Finds what a failover test stops, and why it must not be stopped now.</summary>
/// <param name="entry">The load balancer.</param>
/// <param name="open">Opens the shell of a server by its name.</param>
internal sealed class FailoverChoice(LoadBalancerDefinition entry, Func<string, CancellationToken, Task<IServerShell>> open)
{
    private string Program => entry.Kind == LoadBalancerKind.Nginx ? "nginx" : "haproxy";

    /// <summary>The balancer that holds the address, when the others are ready to take it.</summary>
    /// <param name="stopped">What of it is stopped.</param>
    /// <param name="server">Which balancer is meant; <see langword="null"/> for the one that holds the address.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ProdOpsException">Nobody would take over, or it is not clear who holds the address.</exception>
    public async Task<(IServerShell Server, string Service)> BalancerAsync(FailoverTarget stopped, string? server, CancellationToken cancellationToken)
    {
        if (!IPAddress.TryParse(entry.VirtualAddress, out var address)) throw LoadBalancingErrors.FailoverNoAddress(entry.Name);
        if (server is not null && !entry.Servers.Contains(server, StringComparer.OrdinalIgnoreCase)) throw LoadBalancingErrors.FailoverServerUnknown(entry.Name, server, entry.Servers);
        var pair = await PairReader.ReadAsync(entry.Servers, open, cancellationToken).ConfigureAwait(false);
        var problems = new List<string>(pair.Failures.Select(failure => $"{failure.Key} cannot be asked: {failure.Value.Message}"));
        foreach (var member in pair.Members)
        {
            if (member.KeepalivedProcess is null) problems.Add($"keepalived does not run on {member.Server}");
            if (!await RunsAsync(await open(member.Server, cancellationToken).ConfigureAwait(false), Program, cancellationToken).ConfigureAwait(false)) problems.Add($"{Program} does not run on {member.Server}");
        }

        var holders = pair.HoldersOf(address);
        if (entry.Servers.Count < 2) problems.Add("there is no second balancer");
        if (holders.Count != 1) problems.Add(holders.Count == 0 ? $"no balancer holds {address}" : $"{string.Join(" and ", holders)} all hold {address}");
        else if (server is not null && !holders[0].Equals(server, StringComparison.OrdinalIgnoreCase)) problems.Add($"{address} is on {holders[0]}, so that stopping {server} would prove nothing");
        if (problems.Count > 0) throw LoadBalancingErrors.FailoverNotReady(entry.Name, problems);
        return (await open(holders[0], cancellationToken).ConfigureAwait(false), stopped == FailoverTarget.Keepalived ? "keepalived" : Program);
    }

    /// <summary>A server of the pool, when others can do its work.</summary>
    /// <exception cref="ProdOpsException">There is no such server, or none beside it.</exception>
    public async Task<IServerShell> BackendAsync(string server, string service, CancellationToken cancellationToken)
    {
        if (!entry.Pool.Contains(server, StringComparer.OrdinalIgnoreCase)) throw LoadBalancingErrors.FailoverServerUnknown(entry.Name, server, entry.Pool);
        var problems = new List<string>();
        int others = 0;
        IServerShell? chosen = null;
        foreach (string name in entry.Pool)
        {
            var shell = await open(name, cancellationToken).ConfigureAwait(false);
            bool runs = await RunsAsync(shell, service, cancellationToken).ConfigureAwait(false);
            if (name.Equals(server, StringComparison.OrdinalIgnoreCase))
            {
                chosen = shell;
                if (!runs) problems.Add($"{service} does not run on {name}");
            }
            else if (runs) others++;
        }

        if (others < entry.MinimumHealthy) problems.Add($"{service} runs on {others} other {(others == 1 ? "server" : "servers")}, and {entry.MinimumHealthy} at least must stay");
        return problems.Count == 0 ? chosen! : throw LoadBalancingErrors.FailoverNotReady(entry.Name, problems);
    }

    private static async Task<bool> RunsAsync(IServerShell shell, string service, CancellationToken cancellationToken) =>
        (await shell.RunAsync(FailoverScripts.State(service), cancellationToken).ConfigureAwait(false)).Text.Trim() == "active";
}

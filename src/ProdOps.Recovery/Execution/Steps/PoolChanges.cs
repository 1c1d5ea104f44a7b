using System.Net;
using ProdOps.LoadBalancing;
using ProdOps.LoadBalancing.Floating;
using ProdOps.LoadBalancing.Operating;
using ProdOps.LoadBalancing.Switching;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Inventory;
using ProdOps.Servers.Secrets;

namespace ProdOps.Recovery.Execution.Steps;

/// <summary>Takes servers out of the pools of the environment's load balancers and puts them back, and moves floating addresses.</summary>
internal sealed class PoolChanges(ProdOpsEnvironment environment, Func<Server, CancellationToken, Task<IServerShell>> open, Func<SecretReference, SecretSource> secretOf, IActivity activity, TimeProvider time)
{
    /// <summary>Puts a server back, or takes it out, on all balancers that can be reached; one that is lost is what a plan may be about.</summary>
    public async Task<IReadOnlyList<string>> ChangeAsync(RecoveryStep step, string server, bool plan, CancellationToken cancellationToken)
    {
        var entry = EntryOf(step);
        var group = await OpenAsync(entry, cancellationToken).ConfigureAwait(false);
        try
        {
            var seen = new List<BackendServer>();
            await foreach (var one in group.ReadAsync(entry.PoolName(), (_, error) => throw error, cancellationToken).ConfigureAwait(false))
                if (one.Name.Equals(server, StringComparison.OrdinalIgnoreCase)) seen.Add(one);
            if (seen.Count == 0) throw LoadBalancingErrors.RollingServerNotFound(entry.Name, server, null);
            bool enable = step.Action == RecoveryPoolAction.Enable;
            var wrong = seen.Where(one => (one.AdminState == BackendServerState.Up) != enable).ToArray();
            if (wrong.Length == 0) return [];
            string[] changes = [.. wrong.Select(one => $"{server}: {(enable ? "put back into" : "taken out of")} {one.Pool} on {one.Balancer}")];
            if (plan) return changes;
            var member = new BackendMember(entry.PoolName(), seen[0].Name);
            if (enable) await group.EnableAsync(member, new EnableOptions { AllowPartial = true }, activity, cancellationToken).ConfigureAwait(false);
            else await group.DisableAsync(member, new DisableOptions { AllowPartial = true, MinimumHealthy = entry.MinimumHealthy }, activity, cancellationToken).ConfigureAwait(false);
            return changes;
        }
        finally
        {
            foreach (var balancer in group.Balancers) await balancer.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Moves the address from who has it to the server.</summary>
    public async Task<IReadOnlyList<string>> MoveAddressAsync(RecoveryStep step, string server, bool plan, CancellationToken cancellationToken)
    {
        var entry = EntryOf(step);
        string to = entry.Servers.FirstOrDefault(name => name.Equals(server, StringComparison.OrdinalIgnoreCase)) ?? throw LoadBalancingErrors.SwitchTargetUnknown(entry.Name, server, entry.Servers);
        IAddressMover mover = entry.VirtualAddress is { } text && IPAddress.TryParse(text, out var address)
            ? new VirtualAddressMover(address, entry.Servers, (name, token) => open(ServerOf(name), token))
            : entry.FloatingAddress is { } floating ? new FloatingAddressMover(floating, FloatingAddresses.Create(floating, secretOf, time, activity)) : throw LoadBalancingErrors.NoMovingAddress(entry.Name);
        var holders = await mover.ReadHoldersAsync(cancellationToken).ConfigureAwait(false);
        if (holders.Contains(to, StringComparer.OrdinalIgnoreCase) && holders.Count == 1) return [];
        if (holders is not [var from]) throw LoadBalancingErrors.SwitchHolderUnclear(entry.Name, mover.Address, holders);
        if (!plan)
        {
            var problems = await mover.PrepareAsync(from, to, cancellationToken).ConfigureAwait(false);
            if (problems.Count > 0) throw LoadBalancingErrors.SwitchNotReady(entry.Name, to, problems);
            await new AddressSwitch(entry.Name, mover, time, activity).RunAsync(from, to, null, cancellationToken).ConfigureAwait(false);
        }

        return [$"{mover.Address}: moved from {from} to {to} {mover.Method}"];
    }

    private LoadBalancerDefinition EntryOf(RecoveryStep step) => environment.LoadBalancers.First(entry => entry.Name.Equals(step.LoadBalancer, StringComparison.OrdinalIgnoreCase));

    private Server ServerOf(string name) => new ServerResolver(environment).Resolve(name)[0];

    private async Task<BalancerGroup> OpenAsync(LoadBalancerDefinition entry, CancellationToken cancellationToken)
    {
        var balancers = new List<IBalancer>();
        var missing = new List<ProdOpsException>();
        foreach (var server in entry.Servers.Select(ServerOf))
        {
            try
            {
                var served = environment.LoadBalancers.Where(one => one.Kind == entry.Kind && one.Servers.Contains(server.Name, StringComparer.OrdinalIgnoreCase)).ToArray();
                balancers.Add(BalancerFactory.Open(await open(server, cancellationToken).ConfigureAwait(false), served, time));
            }
            catch (ProdOpsException error)
            {
                missing.Add(new ProdOpsException(error.ErrorId, error.Kind, error.Message, error.Recommendation, error) { Target = server.Name });
            }
        }

        return balancers.Count == 0 && missing.Count > 0 ? throw missing[0] : new BalancerGroup(balancers, time) { Entry = entry, Missing = missing };
    }
}

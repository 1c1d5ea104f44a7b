using ProdOps.LoadBalancing.Floating;

namespace ProdOps.LoadBalancing.Switching;

/// <summary>Moves an address through the interface of a cloud.</summary>
internal sealed class FloatingAddressMover(FloatingAddressDefinition definition, IFloatingAddress address) : IAddressMover
{
    public string Address => address.Address;

    public string Method => $"through the interface of {definition.Provider}";

    public async Task<IReadOnlyList<string>> ReadHoldersAsync(CancellationToken cancellationToken) =>
        FloatingAddresses.BalancerOf(definition, await address.ReadHolderAsync(cancellationToken).ConfigureAwait(false)) is { } balancer ? [balancer] : [];

    public Task<IReadOnlyList<string>> PrepareAsync(string from, string to, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([.. new[] { from, to }.Where(balancer => balancer.Length > 0 && !definition.Machines.ContainsKey(balancer)).Select(balancer => $"the environment names no machine of {balancer} in Machines")]);

    public Task MoveAsync(string from, string to, CancellationToken cancellationToken) => address.MoveAsync(definition.Machines[to], cancellationToken);

    public Task PutBackAsync(string from, string to, CancellationToken cancellationToken) => address.MoveAsync(definition.Machines[from], cancellationToken);

    public Task<string?> FinishAsync(string from, string to, CancellationToken cancellationToken) => Task.FromResult<string?>(null);
}

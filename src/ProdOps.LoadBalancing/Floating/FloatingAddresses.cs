using ProdOps.Servers.Secrets;

namespace ProdOps.LoadBalancing.Floating;

/// <summary>Makes what moves an address, by its provider.</summary>
internal static class FloatingAddresses
{
    /// <summary>The address of a definition.</summary>
    /// <param name="definition">What the environment says.</param>
    /// <param name="secrets">What knows where a secret comes from.</param>
    /// <param name="time">The clock.</param>
    /// <param name="activity">Where to report to.</param>
    /// <exception cref="ProdOpsException">The definition cannot work.</exception>
    public static IFloatingAddress Create(FloatingAddressDefinition definition, Func<SecretReference, SecretSource> secrets, TimeProvider time, IActivity activity) => definition.Provider switch
    {
        FloatingAddressProvider.DigitalOcean => new DigitalOceanAddress(definition, secrets(definition.Token ?? throw LoadBalancingErrors.FloatingAddressInvalid(
            definition.Address, "it has no Token", "Say where the token of the provider's API comes from: Token = @{ File = '/etc/prodops/token' }.")), time, activity),
        _ => throw new ArgumentOutOfRangeException(nameof(definition), definition.Provider, "There is no such provider."),
    };

    /// <summary>The balancer that has the address; <see langword="null"/> if none of them has.</summary>
    /// <param name="definition">What the environment says.</param>
    /// <param name="machine">The machine that has it.</param>
    public static string? BalancerOf(FloatingAddressDefinition definition, string? machine) =>
        machine is null ? null : definition.Machines.FirstOrDefault(entry => entry.Value == machine).Key;
}

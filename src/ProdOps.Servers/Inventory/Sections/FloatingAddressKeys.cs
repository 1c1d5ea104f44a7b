using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>LoadBalancers.FloatingAddress</c>: an address that a cloud moves.</summary>
internal static class FloatingAddressKeys
{
    public static readonly Key<IReadOnlyDictionary<string, string>> Machines = new("Machines", BalancerKinds.Machines, "The provider's number of each balancer's machine.") { IsRequired = true };
    private static readonly Key<FloatingAddressProvider?> Provider = new("Provider", Kinds.Choice<FloatingAddressProvider>(), "Whose interface moves it.") { Default = "`'DigitalOcean'`" };
    private static readonly Key<string> Address = new("Address", BalancerKinds.Address, "The address.") { IsRequired = true };
    private static readonly Key<SecretReference> Token = new("Token", SecretKeys.Kind, "Where the token for the provider's interface comes from.") { IsRequired = true };
    private static readonly Key<string> Url = new("Url", AddressKinds.Engine("https://api.example.org"), "Where the interface is.") { Default = "the provider's own" };

    public static ValueKind<FloatingAddressEntry> Kind { get; } = TableKinds.Table(new TableSchema("LoadBalancers.FloatingAddress", [Provider, Address, Token, Machines, Url]), static values => new FloatingAddressEntry(values, new FloatingAddressDefinition
    {
        Provider = values.Get(Provider) ?? FloatingAddressProvider.DigitalOcean,
        Address = values.Get(Address) ?? "",
        Token = values.Get(Token),
        Machines = values.Get(Machines) ?? new Dictionary<string, string>(),
        Url = values.Get(Url),
    }));
}

/// <summary>A floating address as the file has it.</summary>
internal sealed record FloatingAddressEntry(TableValues Values, FloatingAddressDefinition Address);

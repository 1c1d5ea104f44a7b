using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary>
/// The sections that the file can hold for the other systems. Their values are kept with their positions and bound by the system itself:
/// a section gets its schema by a file of its own here, with a kind that takes the place of <see cref="TableKinds.Tree"/>.
/// </summary>
internal static class OpenSections
{
    public static readonly Key<DataTable> LoadBalancers = new("LoadBalancers", TableKinds.Tree, "Load balancers and the servers behind them: a table by name.");

    /// <summary>Those whose entries have names, so that several files can add to them.</summary>
    public static IReadOnlyList<Key<DataTable>> ByName { get; } = [LoadBalancers];

    public static IReadOnlyList<Key<DataTable>> All { get; } = [LoadBalancers];
}

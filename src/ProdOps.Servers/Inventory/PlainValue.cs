using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory;

/// <summary>Values as users see them: dictionaries, arrays, scalars, and where a secret comes from instead of a table that says so.</summary>
internal static class PlainValue
{
    public static object? Of(DataNode node) => node switch
    {
        DataTable { Entries: [{ Value: DataScalar { Value: string } } single] } table when SecretKeys.Schema.Find(single.Name) is not null => SecretKeys.Kind.Read(table, new ReadContext([])),
        DataTable table => table.Entries.ToDictionary(entry => entry.Name, entry => Of(entry.Value), StringComparer.OrdinalIgnoreCase),
        DataList list => list.Items.Select(Of).ToArray(),
        _ => node.ToPlain(),
    };
}

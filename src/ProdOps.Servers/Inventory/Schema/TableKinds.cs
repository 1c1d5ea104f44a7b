using ProdOps.Servers.Inventory.Data;

namespace ProdOps.Servers.Inventory.Schema;

/// <summary>The kinds of tables that keys take.</summary>
internal static class TableKinds
{
    /// <summary>One table.</summary>
    public static ValueKind<T> Table<T>(TableSchema schema, Func<TableValues, T> bind) where T : class =>
        new($"table, see {schema.Name}", (node, context) => node is DataTable table ? bind(schema.Read(table, context)) : Kinds.WrongType<T>(node, context, "a table @{…}")) { Schema = schema };

    /// <summary>A list of tables; one without the list around it is a list of one.</summary>
    public static ValueKind<IReadOnlyList<T>> List<T>(TableSchema schema, Func<TableValues, T> bind) where T : class => new($"list of tables, see {schema.Name}", (node, context) =>
    {
        var items = new List<T>();
        IReadOnlyList<DataNode> nodes = node is DataList list ? list.Items : [node];
        for (int i = 0; i < nodes.Count; i++)
        {
            var below = context.Item(i);
            if (nodes[i] is DataTable table) items.Add(bind(schema.Read(table, below)));
            else Kinds.WrongType<T>(nodes[i], below, "a table @{…}");
        }

        return items;
    }) { Schema = schema };

    /// <summary>Tables by the names of the admin's choice.</summary>
    public static ValueKind<IReadOnlyList<Named<T>>> ByName<T>(TableSchema schema, Func<TableValues, T> bind) where T : class => new($"tables by name, see {schema.Name}", (node, context) =>
    {
        if (node is not DataTable table) return Kinds.WrongType<IReadOnlyList<Named<T>>>(node, context, "a table of tables: @{ NAME = @{…} }");
        var items = new List<Named<T>>();
        foreach (var entry in table.Entries)
        {
            var below = context.Below(entry.Name);
            if (entry.Value is DataTable value) items.Add(new(entry.Name, entry.Position, bind(schema.Read(value, below))));
            else Kinds.WrongType<T>(entry.Value, below, "a table @{…}");
        }

        return items;
    }) { Schema = schema };
}

/// <summary>A table and the name that was chosen for it.</summary>
internal sealed record Named<T>(string Name, SourcePosition Position, T Value);

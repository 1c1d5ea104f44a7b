using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>LoadBalancers.SharedData</c>: data that all servers of a pool must have alike.</summary>
internal static class SharedDataKeys
{
    public static readonly Key<string> From = new("From", Kinds.Text, "The server that it is copied from.") { Default = "the pool's first" };
    private static readonly Key<string> Path = new("Path", BalancerKinds.SharedPath, "The full path of it on each server.") { IsRequired = true };
    private static readonly Key<SharedDataMethod?> Method = new("Method", Kinds.Choice<SharedDataMethod>(), "How it gets there: each has a copy, all mount one export, or all read an object store.") { Default = "`'Rsync'`" };

    public static ValueKind<IReadOnlyList<SharedDataEntry>> Kind { get; } = TableKinds.List(new TableSchema("LoadBalancers.SharedData", [Path, Method, From]), static values => new SharedDataEntry(values, new SharedDataDefinition
    {
        Path = values.Get(Path) ?? "",
        Method = values.Get(Method) ?? SharedDataMethod.Rsync,
        From = values.Get(From)?.Trim(),
    }));
}

/// <summary>Shared data as the file has it.</summary>
internal sealed record SharedDataEntry(TableValues Values, SharedDataDefinition Data);

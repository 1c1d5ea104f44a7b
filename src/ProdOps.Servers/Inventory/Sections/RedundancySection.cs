using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>Redundancy</c>: servers that stand in for each other.</summary>
internal static class RedundancySection
{
    public static readonly Key<IReadOnlyList<Located<string>>> Servers = new("Servers", Kinds.ServerNames, "The servers; the first is the preferred one.") { IsRequired = true };
    public static readonly Key<int?> Need = new("Need", Kinds.Integer(1, 1000), "How many of them must work.") { Default = "1" };
    private static readonly Key<RedundancyMode?> Mode = new("Mode", Kinds.Choice<RedundancyMode>(), "Whether all of them work, or one does while the others wait: a primary and its replicas.") { Default = "`'ActiveActive'`" };

    private static readonly Key<FailoverMode?> Failover = new("Failover", Kinds.Choice<FailoverMode>(), "Who lets another take over: they by themselves, or somebody.") { Default = "`'Automatic'`; of ActivePassive `'Manual'`" };

    private static readonly Key<TimeSpan?> FailoverTime = new("FailoverTime", Kinds.Duration, "How long that takes.");

    public static ValueKind<IReadOnlyList<Named<RedundancyEntry>>> Kind { get; } = TableKinds.ByName(new TableSchema("Redundancy", [Servers, Need, Mode, Failover, FailoverTime]), static values =>
    {
        var mode = values.Get(Mode) ?? RedundancyMode.ActiveActive;
        // A replica that nobody promotes is a copy, not a stand-in.
        var failover = values.Get(Failover) ?? (mode == RedundancyMode.ActiveActive ? FailoverMode.Automatic : FailoverMode.Manual);
        return new RedundancyEntry(values, values.Get(Servers) ?? [], new RedundancyDefinition { Name = "", Need = values.Get(Need) ?? 1, Mode = mode, Failover = failover, FailoverTime = values.Get(FailoverTime) });
    });
}

/// <summary>Redundancy as the file has it.</summary>
internal sealed record RedundancyEntry(TableValues Values, IReadOnlyList<Located<string>> Servers, RedundancyDefinition Definition);

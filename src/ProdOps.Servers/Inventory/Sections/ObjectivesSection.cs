using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>Objectives</c>: what the environment promises.</summary>
internal static class ObjectivesSection
{
    private static readonly Key<double?> Availability = new("Availability", Kinds.Percentage, "The share of the time that the application answers.");
    private static readonly Key<TimeSpan?> RecoveryPoint = new("RecoveryPoint", Kinds.Duration, "How much work may be lost (RPO).");
    private static readonly Key<TimeSpan?> RecoveryTime = new("RecoveryTime", Kinds.Duration, "How long recovery may take (RTO).");
    private static readonly Key<TimeSpan?> ResponseTime = new("ResponseTime", Kinds.Duration, "How long an answer may take.");

    public static TableSchema Schema { get; } = new("Objectives", [Availability, RecoveryPoint, RecoveryTime, ResponseTime]);

    public static ValueKind<EnvironmentObjectives> Kind { get; } = TableKinds.Table(Schema, static values => new EnvironmentObjectives
    {
        Availability = values.Get(Availability),
        RecoveryPoint = values.Get(RecoveryPoint),
        RecoveryTime = values.Get(RecoveryTime),
        ResponseTime = values.Get(ResponseTime),
    });
}

using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>Services</c>: what users need, and what that needs.</summary>
internal static class ServicesSection
{
    private static readonly Key<IReadOnlyList<Located<string>>> DependsOn = new("DependsOn",
        Kinds.ServerNames with { Name = "load balancer, server, other service, `role:NAME` or `group:NAME`, or a list of them" },
        "What it needs, all of it. A load balancer goes before a server of the same name, a server before a service.") { IsRequired = true };

    private static readonly Key<EnvironmentObjectives> Objectives = new("Objectives", ObjectivesSection.Kind, "What is promised of it.") { Default = "the environment's" };

    public static ValueKind<IReadOnlyList<Named<ServiceEntry>>> Kind { get; } = TableKinds.ByName(
        new TableSchema("Services", [DependsOn, Objectives]), static values => new ServiceEntry(values.Get(DependsOn) ?? [], values.Get(Objectives) ?? new EnvironmentObjectives()));
}

/// <summary>A service as the file has it.</summary>
internal sealed record ServiceEntry(IReadOnlyList<Located<string>> DependsOn, EnvironmentObjectives Objectives);

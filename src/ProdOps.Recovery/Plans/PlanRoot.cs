using ProdOps.Servers.Inventory.Schema;
using ProdOps.Servers.Inventory.Sections;

namespace ProdOps.Recovery.Plans;

/// <summary>The outermost table of a plan's file.</summary>
internal static class PlanRoot
{
    public static readonly Key<string> Server = new("Server", Kinds.Name, "The server that it is about.") { IsRequired = true };
    public static readonly Key<IReadOnlyList<PlanStepEntry>> Steps = new("Steps", PlanSteps.Kind, "What is done, in order.") { IsRequired = true };
    private static readonly Key<RecoveryScenario?> Scenario = new("Scenario", Kinds.Choice<RecoveryScenario>(), "What has happened when it is needed.") { Default = "`'ServerLost'`" };
    private static readonly Key<string> Purpose = new("Purpose", HealthKinds.AnyText, "When it is used and what it brings back.");
    private static readonly Key<IReadOnlyList<string>> Contacts = new("Contacts", Kinds.Texts, "Who is to be told or asked.");
    private static readonly Key<EnvironmentObjectives> Objectives = new("Objectives", ObjectivesSection.Kind, "How long it may take, and how much work may be lost.") { Default = "the environment's" };
    private static readonly Key<RecoveryRequirements> Requires = new("Requires", Requirements(), "What a target must be like.");
    private static readonly Key<DateTimeOffset?> Captured = new("Captured", PlanKinds.Moment, "When the server was looked at from which the plan was made.");
    private static readonly Key<double?> Coverage = new("Coverage", Kinds.Percentage, "The share of what was found on it that the steps account for.");
    private static readonly Key<IReadOnlyList<string>> Unexplained = new("Unexplained", Kinds.Texts, "What was found on it and no step accounts for.");

    public static TableSchema Schema { get; } = new("The plan", [Server, Scenario, Purpose, Contacts, Objectives, Requires, Captured, Coverage, Unexplained, Steps]);

    /// <summary>The plan without its steps.</summary>
    public static RecoveryPlan Bind(string name, string path, TableValues? values) => new()
    {
        Name = name,
        Path = path,
        Server = values?.Get(Server) ?? "",
        Scenario = values?.Get(Scenario) ?? default,
        Purpose = values?.Get(Purpose) ?? "",
        Contacts = values?.Get(Contacts) ?? [],
        Objectives = values?.Get(Objectives) ?? new(),
        Requires = values?.Get(Requires) ?? new(),
        Captured = values?.Get(Captured),
        Coverage = values?.Get(Coverage),
        Unexplained = values?.Get(Unexplained) ?? [],
    };

    private static ValueKind<RecoveryRequirements> Requirements()
    {
        Key<IReadOnlyList<string>> system = new("System", Kinds.Texts, "The system as os-release has it: `'debian'`, `'debian 12'`; any one of them.");
        Key<string> architecture = new("Architecture", Kinds.Text, "The processor, as `uname -m` has it.");
        Key<long?> freeSpace = new("FreeSpace", Kinds.Size, "How much must be free on the root file system.");
        Key<long?> memory = new("Memory", Kinds.Size, "How much memory it must have.");
        return TableKinds.Table(new TableSchema("Requires", [system, architecture, freeSpace, memory]), values => new RecoveryRequirements
        {
            System = values.Get(system) ?? [],
            Architecture = values.Get(architecture),
            FreeSpace = values.Get(freeSpace),
            Memory = values.Get(memory),
        });
    }
}

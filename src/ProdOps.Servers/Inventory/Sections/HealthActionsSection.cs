using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>Monitoring.Actions</c>: what is done when something becomes a problem.</summary>
internal static class HealthActionsSection
{
    public static readonly Key<string> Name = new("Name", HealthKinds.Label, "What the action is called.") { IsRequired = true };
    public static readonly Key<IReadOnlyList<Located<string>>> Rule = new("Rule", HealthKinds.Patterns, "The rules whose problems it is for; the rule of a check has the check's name, that of a server's services is `service`.") { IsRequired = true };
    public static readonly Key<IReadOnlyList<Located<string>>> Server = new("Server", Kinds.ServerNames, "The servers it is for.") { Default = "all" };
    public static readonly Key<IReadOnlyList<Located<string>>> Role = new("Role", Kinds.Names, "The roles of the servers it is for.") { Default = "all" };
    public static readonly Key<string> RunOn = new("RunOn", Kinds.Text, "Where it runs: the name of a server, or `localhost` for this machine.") { Default = "the server that the problem is on" };
    private static readonly Key<IReadOnlyList<string>> Instance = new("Instance", Kinds.Texts, "Which of several, with or without wildcards: of `service` the service, of `disk.used` the mount.") { Default = "all" };
    private static readonly Key<string> Command = new("Command", HealthKinds.AnyText, "The command line, for a POSIX shell. `PRODOPS_SERVER`, `PRODOPS_CHECK`, `PRODOPS_INSTANCE`, `PRODOPS_STATE` and `PRODOPS_VALUE` say what it is about.") { IsRequired = true };
    private static readonly Key<IReadOnlyList<HealthState>> On = new("On", HealthKinds.Choices(HealthState.Critical, HealthState.Warning, HealthState.OK), "What becomes of the check; `'OK'` is the end of a problem.") { Default = "`'Critical'`; of a diagnosis `'Warning'` too" };
    private static readonly Key<bool?> AsRoot = new("AsRoot", Kinds.Boolean, "Run it as root by sudo.");
    private static readonly Key<bool?> Diagnose = new("Diagnose", Kinds.Boolean, "It only looks: what it prints is told with the problem. In the place of a default one of the same name.");
    private static readonly Key<TimeSpan?> Timeout = new("Timeout", HealthKinds.Lasting(TimeSpan.FromMilliseconds(1)), "How long it may take.") { Default = "`'1m'`; of a diagnosis `'10s'`" };
    private static readonly Key<int?> MaxPerHour = new("MaxPerHour", Kinds.Integer(1, 1000), "How often an hour at most, on all servers together.") { Default = "`3`; of a diagnosis `60`" };

    public static TableSchema Schema { get; } = new("Monitoring.Actions", [Name, Rule, Instance, Server, Role, On, Command, RunOn, AsRoot, Diagnose, Timeout, MaxPerHour]);

    public static ValueKind<IReadOnlyList<HealthActionEntry>> Kind { get; } = TableKinds.List(Schema, static values => new HealthActionEntry(values, Bind(values)));

    /// <summary>What only looks is no harm, and soon over.</summary>
    public static HealthAction Diagnosis(HealthAction action) => action with { IsDiagnosis = true, On = [HealthState.Warning, HealthState.Critical], Timeout = TimeSpan.FromSeconds(10), MaxPerHour = 60 };

    private static HealthAction Bind(TableValues values)
    {
        var action = new HealthAction
        {
            Name = values.Get(Name) ?? "",
            Instances = values.Get(Instance) ?? [],
            Command = values.Get(Command) ?? "",
            RunOn = values.Get(RunOn) ?? "",
            AsRoot = values.Get(AsRoot) ?? false,
        };
        if (values.Get(Diagnose) == true) action = Diagnosis(action);
        return action with
        {
            On = values.Get(On) is { Count: > 0 } states ? states : action.On,
            Timeout = values.Get(Timeout) ?? action.Timeout,
            MaxPerHour = values.Get(MaxPerHour) ?? action.MaxPerHour,
        };
    }
}

/// <summary>An action as the file has it.</summary>
/// <param name="Values">What the file says, with positions.</param>
/// <param name="Action">The same as an object, still without rules, servers and roles.</param>
internal sealed record HealthActionEntry(TableValues Values, HealthAction Action);

using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Recovery.Plans;

/// <summary><c>Steps</c>: a step has one of the keys that say what it does, and those others that its kind can use.</summary>
internal static class PlanSteps
{
    public static readonly Key<string> Name = new("Name", HealthKinds.Label, "The step's name, unique in the plan.") { IsRequired = true };
    public static readonly Key<string> On = new("On", Kinds.Text, "Where it is done: the name of a server, or `localhost` for this machine.") { Default = "the plan's target" };
    public static readonly Key<IReadOnlyList<Located<string>>> DependsOn = new("DependsOn", HealthKinds.Patterns, "The steps that must have succeeded before; an empty list `@()` for none. Steps that do not wait for each other are done side by side.") { Default = "the step above" };
    public static readonly Key<string> Set = new("Set", Kinds.Text, "The backup set that it comes from.");
    public static readonly Key<string> From = new("From", Kinds.Text, "The server whose backup it is.") { Default = "the plan's server" };
    public static readonly Key<string> Restore = new("Restore", Kinds.Text, "Files from the newest good snapshot of this backup set.");
    public static readonly Key<string> LoadBalancer = new("LoadBalancer", Kinds.Text, "A load balancer of the environment, in whose pool the server is put back or taken out.");
    public static readonly Key<string> Address = new("Address", Kinds.Text, "A load balancer of the environment, whose floating address moves to the step's server.");
    public static readonly Key<string> Publish = new("Publish", Kinds.Text, "A load balancer of the environment, whose configuration the step's server, one of its balancers, gets and serves by.");
    public static readonly Key<string> Plan = new("Plan", Kinds.Name, "Another plan, which is carried out first.");
    private static readonly Key<string> Purpose = new("Purpose", HealthKinds.AnyText, "Why it is done, in a sentence.");
    private static readonly Key<TimeSpan?> Timeout = new("Timeout", HealthKinds.Lasting(TimeSpan.FromSeconds(1)), "How long an attempt may take.") { Default = "`'30m'`" };
    private static readonly Key<int?> Attempts = new("Attempts", Kinds.Integer(1, 100), "How often it is tried.") { Default = "`1`" };
    private static readonly Key<TimeSpan?> RetryDelay = new("RetryDelay", Kinds.Duration, "How long to wait before it is tried again.") { Default = "`'5s'`" };
    private static readonly Key<IReadOnlyList<HealthCheckDefinition>> Verify = new("Verify", PlanKinds.Checks, "What must pass when it was done. A step with this key alone is done when it passes.");
    private static readonly Key<string> Undo = new("Undo", HealthKinds.AnyText, "A command that takes it back.");
    private static readonly Key<TimeSpan?> Expected = new("Expected", Kinds.Duration, "How long it is expected to take.") { Default = "what it took before" };
    private static readonly Key<DrillChoice> Drill = new("Drill", new("`'Run'`, `'Skip'`, or a table with the keys of a step that is done in its place", static (node, context) => ReadDrill(node, context)), "What becomes of it in a drill.") { Default = "`'Run'`; steps that others would notice, `LoadBalancer`, `Address` and `Publish`, never are" };
    private static readonly Key<bool?> AsRoot = new("AsRoot", Kinds.Boolean, "Whether it is done as root, by sudo where the login user is another.") { Default = "`$true`" };
    private static readonly Key<bool?> Idempotent = new("Idempotent", Kinds.Boolean, "Whether it may be done a second time when nobody knows whether it was done.") { Default = "as its kind is; of `Command` and `Sql` only with `Unless` or `OnlyIf`" };

    private static readonly Key<IReadOnlyList<string>> Package = new("Package", PlanKinds.Packages, "Packages that must be installed.");
    private static readonly Key<IReadOnlyList<RecoveryFile>> File = new("File", PlanItems.Files, "Files that must have this content, owner and mode.");
    private static readonly Key<IReadOnlyList<RecoveryDirectory>> Directory = new("Directory", PlanItems.Directories, "Folders that must be there.");
    private static readonly Key<IReadOnlyList<RecoveryGroup>> Group = new("Group", PlanItems.GroupList, "Groups that must be there.");
    private static readonly Key<IReadOnlyList<RecoveryUser>> User = new("User", PlanItems.Users, "Users that must be there.");
    private static readonly Key<IReadOnlyList<string>> Service = new("Service", PlanKinds.Units, "Units of systemd that must run, or not.");
    private static readonly Key<string> Command = new("Command", HealthKinds.AnyText, "A command line, or a script, for a POSIX shell.");
    private static readonly Key<IReadOnlyList<RecoveryFile>> Repository = new("Repository", PlanItems.Files, "The files that name package sources, and their keys. The index of packages is read anew when one changed.");
    private static readonly Key<string> Database = new("Database", Kinds.Text, "A database that must be there; if it is not, it is restored from the backup set `Set`.");
    private static readonly Key<string> Sql = new("Sql", HealthKinds.AnyText, "Statements that are run in the database `In`.");
    private static readonly Key<TimeSpan?> Wait = new("Wait", new("duration, or `$true` to wait until `Verify` passes", static (node, context) =>
        node is DataScalar { Value: true } ? TimeSpan.Zero : Kinds.Duration.Read(node, context)), "Wait this long, or until `Verify` passes.");
    private static readonly Key<string> Manual = new("Manual", HealthKinds.AnyText, "What a person does. It is asked for at the prompt.");

    private static readonly Key<RecoveryServiceState?> State = new("State", Kinds.Choice<RecoveryServiceState>(), "What the units must be doing.") { Default = "`'Running'`" };
    private static readonly Key<bool?> Enabled = new("Enabled", Kinds.Boolean, "Whether they start with the system.") { Default = "as they do now" };
    private static readonly Key<IReadOnlyList<string>> RestartAfter = new("RestartAfter", PlanKinds.ServerPaths, "Units that were started before one of these files changed are restarted.");
    private static readonly Key<string> Unless = new("Unless", HealthKinds.AnyText, "A command that ends with 0, or a query that answers with a row, when there is nothing to do.");
    private static readonly Key<string> OnlyIf = new("OnlyIf", HealthKinds.AnyText, "A command that ends with 0 when there is something to do.");
    private static readonly Key<IReadOnlyDictionary<string, SecretReference>> Secrets = new("Secrets", PlanKinds.Secrets, "Secrets that the command finds in variables.");
    private static readonly Key<string> Snapshot = new("Snapshot", Kinds.Text, "The snapshot's id.") { Default = "`'latest'`: the newest that is not known to be bad" };
    private static readonly Key<DateTimeOffset?> Before = new("Before", PlanKinds.Moment, "Only snapshots from before this moment.");
    private static readonly Key<IReadOnlyList<string>> Paths = new("Paths", PlanKinds.ServerPaths, "What is restored.") { Default = "all of the snapshot" };
    private static readonly Key<string> To = new("To", PlanKinds.ServerPath, "The folder below which it is restored.") { Default = "`'/'`: where it was" };
    private static readonly Key<RecoveryDatabaseEngine?> Engine = new("Engine", Kinds.Choice<RecoveryDatabaseEngine>(), "The database system.") { Default = "`'PostgreSql'`" };
    private static readonly Key<string> FromDatabase = new("FromDatabase", Kinds.Text, "The database in the backup, where it has another name there.");
    private static readonly Key<string> In = new("In", Kinds.Text, "The database in which the statements are run.");
    private static readonly Key<RecoveryPoolAction?> Action = new("Action", Kinds.Choice<RecoveryPoolAction>(), "What is done with the server in the pool.") { Default = "`'Enable'`" };
    private static readonly Key<string> Who = new("Who", Kinds.Text, "Who does it.");

    /// <summary>What a step can do, and the keys that are for such a step besides those for all.</summary>
    public static IReadOnlyList<PlanStepSort> Sorts { get; } =
    [
        new(RecoveryStepKind.Package, Package, []),
        new(RecoveryStepKind.File, File, []),
        new(RecoveryStepKind.Directory, Directory, []),
        new(RecoveryStepKind.Group, Group, []),
        new(RecoveryStepKind.User, User, []),
        new(RecoveryStepKind.Service, Service, [State, Enabled, RestartAfter]),
        new(RecoveryStepKind.Command, Command, [Unless, OnlyIf, Secrets]),
        new(RecoveryStepKind.Repository, Repository, []),
        new(RecoveryStepKind.Restore, Restore, [From, Snapshot, Before, Paths, To]),
        new(RecoveryStepKind.Database, Database, [Engine, Set, From, Snapshot, Before, FromDatabase]),
        new(RecoveryStepKind.Sql, Sql, [Engine, In, Unless]),
        new(RecoveryStepKind.LoadBalancer, LoadBalancer, [Action]),
        new(RecoveryStepKind.Address, Address, []),
        new(RecoveryStepKind.Publish, Publish, []),
        new(RecoveryStepKind.Wait, Wait, []),
        new(RecoveryStepKind.Manual, Manual, [Who]),
        new(RecoveryStepKind.Plan, Plan, []),
    ];

    private static readonly Key[] OfAll = [Name, Purpose, On, DependsOn, Timeout, Attempts, RetryDelay, Verify, Undo, Expected, Drill, AsRoot, Idempotent];

    public static TableSchema Schema { get; } = new("Steps", [Name, Purpose, .. Sorts.Select(sort => sort.Key), .. Sorts.SelectMany(sort => sort.Uses).Distinct(), .. OfAll[2..]]);

    /// <summary>What stands in a step's place in a drill: it has the step's name, place and order.</summary>
    private static TableSchema SubstituteSchema { get; } = new("Drill", [.. Schema.Keys.Except([Name, On, DependsOn, Drill])]);

    public static ValueKind<IReadOnlyList<PlanStepEntry>> Kind { get; } = new("list of tables, see Steps", static (node, context) =>
        TableKinds.List(Schema, values => new PlanStepEntry(values, Bind(values, context), values.Get(DependsOn))).Read(node, context)) { Schema = Schema };

    private static RecoveryStep Bind(TableValues values, ReadContext context)
    {
        string name = values.Get(Name) ?? "";
        var sort = OneSort(values, name, context);
        var plain = new RecoveryStep { Name = name };
        return plain with
        {
            Kind = sort?.Kind ?? RecoveryStepKind.Verify,
            Purpose = values.Get(Purpose) ?? "",
            On = values.Get(On) ?? "",
            Timeout = values.Get(Timeout) ?? plain.Timeout,
            Attempts = values.Get(Attempts) ?? plain.Attempts,
            RetryDelay = values.Get(RetryDelay) ?? plain.RetryDelay,
            Verify = values.Get(Verify) ?? [],
            Undo = values.Get(Undo),
            Expected = values.Get(Expected),
            Drill = values.Get(Drill)?.Mode ?? default,
            Substitute = values.Get(Drill)?.Substitute is { } substitute ? substitute with { Name = name, On = values.Get(On) ?? "" } : null,
            AsRoot = values.Get(AsRoot) ?? plain.AsRoot,
            Idempotent = values.Get(Idempotent),
            Packages = values.Get(Package) ?? [],
            Files = values.Get(File) ?? values.Get(Repository) ?? [],
            Directories = values.Get(Directory) ?? [],
            Groups = values.Get(Group) ?? [],
            Users = values.Get(User) ?? [],
            Services = values.Get(Service) ?? [],
            State = values.Get(State) ?? plain.State,
            Enabled = values.Get(Enabled),
            RestartAfter = values.Get(RestartAfter) ?? [],
            Text = values.Get(Command) ?? values.Get(Sql) ?? values.Get(Manual) ?? "",
            Unless = values.Get(Unless),
            OnlyIf = values.Get(OnlyIf),
            Secrets = values.Get(Secrets) ?? plain.Secrets,
            Set = values.Get(Restore) ?? values.Get(Set) ?? "",
            From = values.Get(From) ?? "",
            Snapshot = values.Get(Snapshot) ?? plain.Snapshot,
            Before = values.Get(Before),
            Paths = values.Get(Paths) ?? [],
            To = values.Get(To) ?? plain.To,
            Engine = values.Get(Engine) ?? plain.Engine,
            Database = values.Get(Database) ?? values.Get(In) ?? "",
            FromDatabase = values.Get(FromDatabase) ?? "",
            LoadBalancer = values.Get(LoadBalancer) ?? values.Get(Address) ?? values.Get(Publish) ?? "",
            Action = values.Get(Action) ?? plain.Action,
            Duration = values.Get(Wait) is { } wait && wait > TimeSpan.Zero ? wait : null,
            Who = values.Get(Who) ?? "",
            Plan = values.Get(Plan) ?? "",
        };
    }

    private static PlanStepSort? OneSort(TableValues values, string name, ReadContext context)
    {
        // By what stands there: a value that is wrong has been told about.
        PlanStepSort[] given = [.. Sorts.Where(sort => Stands(values, sort.Key))];
        if (given.Length > 1 || (given.Length == 0 && !Stands(values, Verify))) context.Report(PlanProblems.StepSort(values.Position, name, Sorts.Select(sort => sort.Key.Name)));
        if (given.Length > 1) return null;
        var sort = given.FirstOrDefault();
        foreach (var key in Sorts.SelectMany(other => other.Uses).Distinct().Where(key => Stands(values, key) && sort?.Uses.Contains(key) != true))
            context.Report(PlanProblems.KeyOfOtherKind(values.PositionOf(key), name, key.Name, sort?.Kind ?? RecoveryStepKind.Verify), key.Name);
        if (sort?.Kind == RecoveryStepKind.Database && !Stands(values, Set)) context.Report(PlanProblems.KeyMissing(values.Position, name, Set.Name, "Database"));
        if (sort?.Kind == RecoveryStepKind.Sql && !Stands(values, In)) context.Report(PlanProblems.KeyMissing(values.Position, name, In.Name, "Sql"));
        if (values.Get(Wait) == TimeSpan.Zero && !Stands(values, Verify)) context.Report(PlanProblems.KeyMissing(values.Position, name, Verify.Name, "Wait"));
        return sort;
    }

    private static bool Stands(TableValues values, Key key) => values.Table[key.Name] is not (null or DataScalar { Value: null });

    private static DrillChoice? ReadDrill(DataNode node, ReadContext context)
    {
        if (node is DataTable table) return new DrillChoice(RecoveryDrillMode.Substitute, Bind(SubstituteSchema.Read(table, context), context));
        return Kinds.Choice(RecoveryDrillMode.Run, RecoveryDrillMode.Skip).Read(node, context) is { } mode ? new DrillChoice(mode, null) : null;
    }
}

/// <summary>What a step can do.</summary>
internal sealed record PlanStepSort(RecoveryStepKind Kind, Key Key, IReadOnlyList<Key> Uses);

/// <summary>What becomes of a step in a drill.</summary>
internal sealed record DrillChoice(RecoveryDrillMode Mode, RecoveryStep? Substitute);

/// <summary>A step as the file has it.</summary>
/// <param name="Values">What the file says, with positions.</param>
/// <param name="Step">The same as an object, without the steps that it waits for.</param>
/// <param name="DependsOn">Those, if the file names them.</param>
internal sealed record PlanStepEntry(TableValues Values, RecoveryStep Step, IReadOnlyList<Located<string>>? DependsOn);

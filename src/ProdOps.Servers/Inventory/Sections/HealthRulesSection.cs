using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>Monitoring.Rules</c>: when something is a problem. What a rule leaves open, the monitoring engine takes from the default rule of its name.</summary>
internal static class HealthRulesSection
{
    private const string Before = "as the rule of the same name has it, else ";

    public static readonly Key<string> Name = new("Name", HealthKinds.Label, "What the rule is called. One with the name of a default rule, or of a rule before it, changes that one; on some servers or for some instances only, if it names them.") { IsRequired = true };
    public static readonly Key<string> Metric = new("Metric", Kinds.Text, "The metric it looks at: `'disk.used'`.") { Default = "that of the rule of the same name" };
    public static readonly Key<string> Check = new("Check", Kinds.Text, "Instead, the check whose results it takes, with or without wildcards. Thresholds can make them worse by their value, never better.");
    public static readonly Key<IReadOnlyList<Located<string>>> All = new("All", HealthKinds.Patterns, "Instead, rules that must all be bad on the same server: it is as bad as the best of them.");
    public static readonly Key<IReadOnlyList<Located<string>>> Any = new("Any", HealthKinds.Patterns, "Instead, rules one of which must be bad on the same server: it is as bad as the worst of them.");
    public static readonly Key<IReadOnlyList<Located<string>>> Server = new("Server", Kinds.ServerNames, "The servers it applies to.") { Default = "all" };
    public static readonly Key<IReadOnlyList<Located<string>>> Role = new("Role", Kinds.Names, "The roles of the servers it applies to.") { Default = "all" };
    public static readonly Key<IReadOnlyList<Located<string>>> DependsOn = new("DependsOn", HealthKinds.Patterns, "Rules that its problems come from, when they have problems on the same server.");
    private static readonly Key<IReadOnlyList<string>> Instance = new("Instance", Kinds.Texts, "Which of several, with or without wildcards: `'/var*'`.") { Default = "all" };
    private static readonly Key<IReadOnlyList<string>> ExceptInstance = new("ExceptInstance", Kinds.Texts, "Which not, likewise.");
    private static readonly Key<HealthFunction?> Function = new("Function", Kinds.Choice<HealthFunction>(), "What is made of the samples of `Window` before the thresholds are looked at.") { Default = $"{Before}`'Last'`: the newest sample" };
    private static readonly Key<TimeSpan?> Window = new("Window", HealthKinds.Lasting(TimeSpan.FromSeconds(1)), "How far back the function looks.");
    private static readonly Key<double?> Coverage = new("Coverage", Kinds.Percentage, "How much of the window must have samples.") { Default = $"{Before}`'80%'`" };
    private static readonly Key<double?> Percentile = new("Percentile", HealthKinds.Percent, "Which percentile.") { Default = $"{Before}`95`" };
    private static readonly Key<double?> Limit = new("Limit", HealthKinds.Amount, "What a forecast forecasts the reaching of, in the metric's unit: `'100%'`.");
    private static readonly Key<HealthThreshold> Warning = new("Warning", HealthKinds.Threshold, "From where on it is a warning.") { Default = "as the rule of the same name has it" };
    private static readonly Key<HealthThreshold> Critical = new("Critical", HealthKinds.Threshold, "From where on it is critical.") { Default = "as the rule of the same name has it" };
    private static readonly Key<HealthThreshold> ClearWarning = new("ClearWarning", HealthKinds.Threshold, "What a warning must reach to be over.") { Default = "2 points better for percentages, 5 % of the threshold for others" };
    private static readonly Key<HealthThreshold> ClearCritical = new("ClearCritical", HealthKinds.Threshold, "What a critical state must reach to be over.") { Default = "likewise" };
    private static readonly Key<TimeSpan?> For = new("For", Kinds.Duration, "How long it must be bad, without a good result between, before it counts.") { Default = $"{Before}`'1m'`" };
    private static readonly Key<TimeSpan?> CriticalFor = new("CriticalFor", Kinds.Duration, "The same for critical.") { Default = "as `For`" };
    private static readonly Key<TimeSpan?> RecoverFor = new("RecoverFor", Kinds.Duration, "How long it must be good before it is over.") { Default = "two intervals, a minute at least" };
    private static readonly Key<int?> Attempts = new("Attempts", Kinds.Integer(1, 100), "How many results in a row must be bad.") { Default = $"{Before}`3`" };
    private static readonly Key<int?> RecoverAttempts = new("RecoverAttempts", Kinds.Integer(1, 100), "How many results in a row must be good.") { Default = $"{Before}`3`" };
    private static readonly Key<TimeSpan?> Interval = new("Interval", HealthKinds.Lasting(TimeSpan.FromSeconds(1)), "How often results of a check of your own are expected. A metric is looked at as often as it is measured.") { Default = $"{Before}`'30s'`" };
    private static readonly Key<TimeSpan?> RetryInterval = new("RetryInterval", HealthKinds.Lasting(TimeSpan.FromSeconds(1)), "How often while a change is not yet certain.") { Default = "a third of the interval, 5 seconds at least" };
    private static readonly Key<string> Advice = new("Advice", Kinds.Text, "What an admin does about it, in a sentence or two.");
    private static readonly Key<bool?> Enabled = new("Enabled", Kinds.Boolean, "`$false` switches the rule off.") { Default = "`$true`" };

    /// <summary>What a rule can look at; one of them.</summary>
    public static IReadOnlyList<Key> Sources { get; } = [Metric, Check, All, Any];

    public static TableSchema Schema { get; } = new("Monitoring.Rules",
    [
        Name, Metric, Check, All, Any, Instance, ExceptInstance, Server, Role, Warning, Critical, ClearWarning, ClearCritical, For, CriticalFor, RecoverFor, Attempts, RecoverAttempts,
        Function, Window, Coverage, Percentile, Limit, Interval, RetryInterval, DependsOn, Advice, Enabled,
    ]);

    public static ValueKind<IReadOnlyList<HealthRuleEntry>> Kind { get; } = TableKinds.List(Schema, static values => new HealthRuleEntry(values, new HealthRuleDefinition
    {
        Name = values.Get(Name) ?? "",
        Metric = values.Get(Metric),
        Check = values.Get(Check),
        All = Texts(values.Get(All)),
        Any = Texts(values.Get(Any)),
        Instances = values.Get(Instance),
        ExceptInstances = values.Get(ExceptInstance),
        Function = values.Get(Function),
        Window = values.Get(Window),
        Coverage = values.Get(Coverage),
        Percentile = values.Get(Percentile),
        Limit = values.Get(Limit),
        Warning = values.Get(Warning),
        Critical = values.Get(Critical),
        ClearWarning = values.Get(ClearWarning),
        ClearCritical = values.Get(ClearCritical),
        For = values.Get(For),
        CriticalFor = values.Get(CriticalFor),
        RecoverFor = values.Get(RecoverFor),
        Attempts = values.Get(Attempts),
        RecoverAttempts = values.Get(RecoverAttempts),
        Interval = values.Get(Interval),
        RetryInterval = values.Get(RetryInterval),
        DependsOn = Texts(values.Get(DependsOn)),
        Advice = values.Get(Advice),
        Enabled = values.Get(Enabled),
    }));

    private static string[]? Texts(IReadOnlyList<Located<string>>? items) => items is null ? null : [.. items.Select(item => item.Value)];
}

/// <summary>A rule as the file has it.</summary>
/// <param name="Values">What the file says, with positions.</param>
/// <param name="Rule">The same as an object, still without servers and roles.</param>
internal sealed record HealthRuleEntry(TableValues Values, HealthRuleDefinition Rule);

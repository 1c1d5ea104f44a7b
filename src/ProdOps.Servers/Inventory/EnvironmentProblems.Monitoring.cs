using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory;

internal static partial class EnvironmentProblems
{
    public static EnvironmentProblem MonitoringEngineIncomplete(SourcePosition position, MetricEngine engine) => new(
        "MonitoringEngineIncomplete", position, $"'Monitoring' has the engine {engine} and does not say where it is.", "Add Url = 'http://…'.");

    public static EnvironmentProblem MonitoringLoginTwice(SourcePosition position) => new(
        "MonitoringLoginTwice", position, "'Monitoring' has both a user and a token.", "Leave one of them: User and Password, or Token.");

    public static EnvironmentProblem NodeExporterLoginTwice(SourcePosition position) => new(
        "NodeExporterLoginTwice", position, "'NodeExporter' has both a user and a token.", "Leave one of them: User and Password, or Token.");

    public static EnvironmentProblem MonitoringKeyUnused(SourcePosition position, string key, string needs) => new(
        "MonitoringKeyUnused", position, $"'{key}' has no effect without {needs}.", $"Remove {key}, or add {needs}.") { IsWarning = true };

    public static EnvironmentProblem HealthNameInvalid(SourcePosition position, string what, string name) => new(
        "HealthNameInvalid", position, $"'{name}' is no name for {what}.", "A name has letters, digits, spaces, dots, dashes and underscores, and begins with a letter or a digit.");

    public static EnvironmentProblem HealthNameTwice(SourcePosition position, string what, SourcePosition first) => new(
        "HealthNameTwice", position, $"{what} is there twice; the first is in line {first.Line}.", "Give one of them another name.");

    public static EnvironmentProblem HealthSortMissing(SourcePosition position, string what, IEnumerable<Key> sorts) => new(
        "HealthKindMissing", position, $"{what} does not say of what kind it is.", $"Add one of {Names(sorts)}.");

    public static EnvironmentProblem HealthSortMixed(SourcePosition position, string what, IReadOnlyList<Key> given) => new(
        "HealthKindMixed", position, $"{what} is of several kinds at once: {string.Join(" and ", given.Select(key => key.Name))}.", "Make one of each.");

    public static EnvironmentProblem HealthKeyNotOfKind(SourcePosition position, string what, string key, string kind, IEnumerable<Key> users) => new(
        "HealthKeyNotOfKind", position, $"{what} is of the kind {kind}, which cannot use '{key}'.", $"Remove {key}; it is for {Names(users)}.");

    public static EnvironmentProblem HealthKeyMissing(SourcePosition position, string what, string key, string kind) => new(
        "HealthKeyMissing", position, $"{what} is of the kind {kind}, which needs '{key}'.", $"Add {key} = …");

    public static EnvironmentProblem HealthServerUnknown(SourcePosition position, string what, string server, string? near) => new(
        "HealthServerUnknown", position, $"{what} names '{server}', which no server is called." + Maybe(near),
        near is null ? "Name a server of this environment, role:NAME, group:NAME, or localhost for this machine." : $"Write '{near}'.");

    public static EnvironmentProblem HealthRoleUnknown(SourcePosition position, string what, string role, string? near) => new(
        "HealthRoleUnknown", position, $"{what} names the role '{role}', which no server has." + Maybe(near), near is null ? "Name a role of a server of this environment." : $"Write '{near}'.");

    public static EnvironmentProblem HealthCheckServerMissing(SourcePosition position, string what, string kind) => new(
        "HealthCheckServerMissing", position, $"{what} does not say of which server it is.", $"Add Server = 'NAME' or 'role:NAME'{(kind.Length == 0 ? "" : $", or name the host in {kind}")}.");

    public static EnvironmentProblem HealthCheckNameTaken(SourcePosition position, string name) => new(
        "HealthCheckNameTaken", position, $"A check cannot be called '{name}': a rule that holds for every server is called so.", "Give the check another name.");

    public static EnvironmentProblem HealthBackupUnknown(SourcePosition position, string what, string set, string? near) => new(
        "HealthBackupUnknown", position, $"{what} is of the backup set '{set}', which Backups does not have." + Maybe(near), near is null ? "Name a set of Backups." : $"Write '{near}'.");

    public static EnvironmentProblem HealthRuleIncomplete(SourcePosition position, string rule, string? near, IEnumerable<Key> sources) => new(
        "HealthRuleIncomplete", position, $"The rule '{rule}' does not say what it looks at, and there is no other of that name that it could change." + Maybe(near),
        near is null ? $"Add one of {Names(sources)}, or take the name of a rule that there is: Get-HealthRule shows them." : $"Write '{near}', or add one of {Names(sources)}.");

    public static EnvironmentProblem HealthRuleMixed(SourcePosition position, string rule, IReadOnlyList<Key> given) => new(
        "HealthRuleMixed", position, $"The rule '{rule}' looks at several things at once: {string.Join(" and ", given.Select(key => key.Name))}.", "Make a rule of each.");

    public static EnvironmentProblem HealthRuleUnknown(SourcePosition position, string what, string rule, string? near) => new(
        "HealthRuleUnknown", position, $"{what} names the rule '{rule}', which there is not." + Maybe(near), near is null ? "Name a default rule, one of Monitoring.Rules, or a check: Get-HealthRule shows them." : $"Write '{near}'.");

    public static EnvironmentProblem HealthRuleCycle(SourcePosition position, string rule) => new(
        "HealthRuleCycle", position, $"The rule '{rule}' is about itself, in its All or Any or by way of other rules: it would never become bad, or never good again.", "Name rules that look at metrics or checks.");

    public static EnvironmentProblem NotificationChannelUnknown(SourcePosition position, string what, string channel, string? near) => new(
        "NotificationChannelUnknown", position, $"{what} names the channel '{channel}', which Channels does not have." + Maybe(near),
        near is null ? $"Add it: Channels = @{{ '{channel}' = @{{ … }} }}." : $"Write '{near}'.");

    private static string Names(IEnumerable<Key> keys) => string.Join(", ", keys.Select(key => key.Name));

    private static string Maybe(string? near) => near is null ? "" : $" Did you mean '{near}'?";
}

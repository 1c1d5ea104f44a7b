namespace ProdOps.Monitoring;

internal static partial class MonitoringErrors
{
    public static ProdOpsException RuleNotFound(string rule, string? near) => new(
        "HealthRuleNotFound", ErrorKind.NotFound, $"There is no rule '{rule}'." + (near is null ? "" : $" Did you mean '{near}'?"),
        "Get-HealthRule lists the rules; without -Server also those that are switched off.") { Target = rule };

    public static ProdOpsException ReplayOfChecks(string rule) => new(
        "HealthRuleNotReplayable", ErrorKind.NotSupported, $"The rule '{rule}' looks at results of a check, and the store keeps values, not results.",
        "Test a rule about the value that the check measures, e.g. -Metric http.time -Warning '> 2s'; Get-HealthEvent shows when the check itself was bad.") { Target = rule };

    public static ProdOpsException ReplayNothing(string rule, IReadOnlyList<string> metrics, string path) => new(
        "HealthHistoryMissing", ErrorKind.NotFound, $"There is nothing to replay the rule '{rule}' on: '{path}' has no history of {string.Join(", ", metrics)} of these servers at that time.",
        "Start-HealthMonitor collects it. Name other servers or another time, or see what there is: Get-Metric.") { Target = rule };

    public static ProdOpsException CheckNotFound(string check, string? near) => new(
        "HealthCheckNotFound", ErrorKind.NotFound, $"There is no check '{check}'." + (near is null ? "" : $" Did you mean '{near}'?"),
        "Get-HealthCheck lists the checks; Monitoring.Checks in environment.psd1 defines them.") { Target = check };

    public static ProdOpsException RuleInvalid(string rule, string why, string recommendation) => new(
        "HealthRuleInvalid", ErrorKind.InvalidArgument, $"The rule '{rule}' cannot be used: {why}.", recommendation) { Target = rule };
}

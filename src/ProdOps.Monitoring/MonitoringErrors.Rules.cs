namespace ProdOps.Monitoring;

internal static partial class MonitoringErrors
{
    public static ProdOpsException RuleNotFound(string rule, string? near) => new(
        "HealthRuleNotFound", ErrorKind.NotFound, $"There is no rule '{rule}'." + (near is null ? "" : $" Did you mean '{near}'?"),
        "Get-HealthRule lists the rules; without -Server also those that are switched off.") { Target = rule };

    public static ProdOpsException CheckNotFound(string check, string? near) => new(
        "HealthCheckNotFound", ErrorKind.NotFound, $"There is no check '{check}'." + (near is null ? "" : $" Did you mean '{near}'?"),
        "Get-HealthCheck lists the checks; Monitoring.Checks in environment.psd1 defines them.") { Target = check };

    public static ProdOpsException RuleInvalid(string rule, string why, string recommendation) => new(
        "HealthRuleInvalid", ErrorKind.InvalidArgument, $"The rule '{rule}' cannot be used: {why}.", recommendation) { Target = rule };
}

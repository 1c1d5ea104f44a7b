namespace ProdOps.Monitoring;

internal static partial class MonitoringErrors
{
    public static ProdOpsException RuleInvalid(string rule, string why, string recommendation) => new(
        "HealthRuleInvalid", ErrorKind.InvalidArgument, $"The rule '{rule}' cannot be used: {why}.", recommendation) { Target = rule };
}

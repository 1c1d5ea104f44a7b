namespace ProdOps.Monitoring;

internal static partial class MonitoringErrors
{
    public static ProdOpsException ThresholdInvalid(string text, string why) => new(
        "ThresholdInvalid", ErrorKind.InvalidArgument,
        $"The threshold '{text}' is not understood: {why}.",
        "Write a comparison and a number with its unit: '> 85%', '< 10GB', '>= 500ms', '> 100/s', '> 3'.") { Target = text };

    public static ProdOpsException RuleInvalid(string rule, string why, string recommendation) => new(
        "HealthRuleInvalid", ErrorKind.InvalidArgument, $"The rule '{rule}' cannot be used: {why}.", recommendation) { Target = rule };
}

using ProdOps.Monitoring.Rules;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Monitoring.History;

/// <summary>The value that a metric must not reach, as an admin writes it: <c>90%</c>, <c>&lt; 10GiB</c>.</summary>
internal sealed record ForecastLimit(double Value, string Unit, bool? Upward, string Text)
{
    /// <exception cref="ProdOpsException">It is not a value.</exception>
    public static ForecastLimit Parse(string text)
    {
        string trimmed = text.Trim();
        if (trimmed.StartsWith('>') || trimmed.StartsWith('<'))
        {
            if (!ThresholdText.TryParse(trimmed, out var threshold, out _)) throw MonitoringErrors.ThresholdNotRead(text);
            return new ForecastLimit(threshold.Value, threshold.Unit, threshold.Comparison is HealthComparison.Above or HealthComparison.AtLeast, text);
        }

        return ThresholdText.ReadAmount(trimmed) is { } amount ? new ForecastLimit(amount.Value, amount.Unit, null, text) : throw MonitoringErrors.ThresholdNotRead(text);
    }

    /// <summary>What is meant where nothing is said: all of it, where a metric has a whole.</summary>
    /// <exception cref="ProdOpsException">The metric has none.</exception>
    public static ForecastLimit Usual(string metric, string unit) =>
        unit == "%" ? new ForecastLimit(IsBadBelow(metric) == true ? 0 : 100, unit, null, "") : throw MonitoringErrors.ThresholdMissing(metric, unit);

    /// <exception cref="ProdOpsException">It is in another unit than the metric.</exception>
    public void Check(string metric, string unit)
    {
        if (Unit.Length > 0 && Unit != unit) throw MonitoringErrors.ThresholdUnit(metric, unit, Text);
    }

    /// <summary>Whether the limit is reached from below: as it was said, as the rules have it, or as the value stands.</summary>
    public bool IsUpward(string metric, double current) => Upward ?? !(IsBadBelow(metric) ?? current > Value);

    private static bool? IsBadBelow(string metric)
    {
        var rule = DefaultRules.All.FirstOrDefault(rule => metric.Equals(rule.Metric, StringComparison.OrdinalIgnoreCase) && (rule.Critical ?? rule.Warning) is not null && rule.Function != HealthFunction.Forecast);
        return (rule?.Critical ?? rule?.Warning)?.Comparison is { } comparison ? comparison is HealthComparison.Below or HealthComparison.AtMost : null;
    }
}

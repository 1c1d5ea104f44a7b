using System.Globalization;

namespace ProdOps;

/// <summary>From where on a value is bad, or good again: <c>&gt; 85 %</c>, <c>&lt; 10 GiB</c>.</summary>
/// <param name="Comparison">How a value is compared with <paramref name="Value"/>.</param>
/// <param name="Value">The value, in <paramref name="Unit"/>.</param>
/// <param name="Unit"><c>%</c>, <c>B</c>, <c>B/s</c>, <c>s</c>, <c>/s</c>, or empty for a count.</param>
public sealed record HealthThreshold(HealthComparison Comparison, double Value, string Unit = "")
{
    private static readonly (double Seconds, string Unit)[] Times = [(86400, "d"), (3600, "h"), (60, "min"), (1, "s"), (0.001, "ms")];

    /// <summary>Whether a value is beyond the threshold.</summary>
    /// <param name="value">The value, in <see cref="Unit"/>.</param>
    /// <returns>True if the comparison holds; never for what is not a number.</returns>
    public bool Holds(double value) => Comparison switch
    {
        HealthComparison.Above => value > Value,
        HealthComparison.AtLeast => value >= Value,
        HealthComparison.Below => value < Value,
        _ => value <= Value,
    };

    /// <summary>The threshold as a person reads it.</summary>
    /// <returns>Comparison, number and unit, e.g. <c>&gt;= 500 ms</c>.</returns>
    public override string ToString() => $"{Sign} {Format(Value, Unit)}";

    /// <summary>A value as a person reads it.</summary>
    /// <param name="value">The value, in the unit.</param>
    /// <param name="unit">The unit.</param>
    /// <returns>Three significant digits at most, and the unit: <c>85.2 %</c>, <c>1.46 GiB</c>, <c>4 h</c>.</returns>
    public static string Format(double value, string unit) => unit switch
    {
        "B" when Math.Abs(value) < long.MaxValue => ByteSize.Format((long)value),
        "B/s" when Math.Abs(value) < long.MaxValue => ByteSize.Format((long)value) + "/s",
        "s" when value != 0 && double.IsFinite(value) => FormatTime(value),
        "" => Number(value),
        "/s" => Number(value) + "/s",
        _ => $"{Number(value)} {unit}",
    };

    private string Sign => Comparison switch { HealthComparison.Above => ">", HealthComparison.AtLeast => ">=", HealthComparison.Below => "<", _ => "<=" };

    private static string FormatTime(double seconds)
    {
        var (factor, unit) = Times.FirstOrDefault(time => Math.Abs(seconds) >= time.Seconds, Times[^1]);
        return $"{Number(seconds / factor)} {unit}";
    }

    private static string Number(double value)
    {
        string format = Math.Abs(value) switch { >= 100 => "0", >= 10 => "0.#", _ => "0.##" };
        return value.ToString(format, CultureInfo.InvariantCulture);
    }
}

/// <summary>How a value is compared with a threshold.</summary>
public enum HealthComparison
{
    /// <summary><c>&gt;</c></summary>
    Above,

    /// <summary><c>&gt;=</c></summary>
    AtLeast,

    /// <summary><c>&lt;</c></summary>
    Below,

    /// <summary><c>&lt;=</c></summary>
    AtMost,
}

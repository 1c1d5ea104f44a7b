using System.Globalization;
using System.Text.Json;

namespace ProdOps.Monitoring.Checks.Prometheus;

/// <summary>What an instant query comes to (Prometheus HTTP API, "Instant queries"): series with a value each.</summary>
internal static class PrometheusAnswer
{
    private const int MostSeries = 1000;

    /// <summary>Reads the body of an answer, whatever its status.</summary>
    /// <exception cref="ProdOpsException">The query fails, or the body is none of Prometheus'.</exception>
    public static IReadOnlyList<PrometheusValue> Parse(int status, string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw MonitoringErrors.PrometheusNotUnderstood(status);
            if (Text(root, "status") != "success") throw Text(root, "error") is { } error ? MonitoringErrors.PrometheusRefused(error) : MonitoringErrors.PrometheusNotUnderstood(status);
            var data = root.GetProperty("data");
            var result = data.GetProperty("result");
            return Text(data, "resultType") switch
            {
                "vector" => result.GetArrayLength() > MostSeries ? throw MonitoringErrors.PrometheusTooMany(MostSeries)
                    : [.. result.EnumerateArray().Select(series => new PrometheusValue(Labels(series.GetProperty("metric")), Value(series.GetProperty("value"))))],
                "scalar" => [new PrometheusValue(null, Value(result))],
                "matrix" => throw MonitoringErrors.PrometheusRefused("the query comes to ranges; it must come to one value a series, e.g. by rate() or max_over_time()"),
                _ => throw MonitoringErrors.PrometheusNotUnderstood(status),
            };
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw MonitoringErrors.PrometheusNotUnderstood(status, error);
        }
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>What tells a series from the others, in the order of the labels' names; <see langword="null"/> without labels.</summary>
    private static string? Labels(JsonElement metric)
    {
        var labels = metric.EnumerateObject().Where(label => label.Name != "__name__").OrderBy(label => label.Name, StringComparer.Ordinal).Select(label => $"{label.Name}={label.Value.GetString()}");
        return string.Join(' ', labels) is { Length: > 0 } text ? text : null;
    }

    /// <summary>A time and a value, which is a text.</summary>
    private static double Value(JsonElement pair) => pair[1].GetString() switch
    {
        "NaN" => double.NaN,
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        var text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : throw new FormatException(text),
    };
}

/// <summary>A value of a series.</summary>
/// <param name="Labels">What tells it from the others.</param>
/// <param name="Value">The value; may be no number, or without bounds.</param>
internal readonly record struct PrometheusValue(string? Labels, double Value);

using System.Globalization;
using System.Text.Json;
using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.Store.Chunks;

namespace ProdOps.Monitoring.Engines;

/// <summary>A series of an answer: its labels, and its values in the order of time.</summary>
internal sealed record EngineSeries(IReadOnlyDictionary<string, string> Labels, IReadOnlyList<Point> Points)
{
    /// <summary>The value of a label; <see langword="null"/> where it is not there.</summary>
    public string? Label(string name) => Labels.GetValueOrDefault(name);
}

/// <summary>An answer of Prometheus' HTTP API (prometheus.io/docs/prometheus/latest/querying/api), whose content is not trusted: the engine is, what was sent to it is not.</summary>
internal sealed record PrometheusReply
{
    private const int MostLabels = 256, MostWarnings = 5;

    private static readonly JsonDocumentOptions Bounds = new() { MaxDepth = 16 };

    public IReadOnlyList<EngineSeries> Series { get; init; } = [];

    /// <summary>How many values were no finite numbers, and are left out: a gap, as staleness is.</summary>
    public int NotNumbers { get; init; }

    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Reads what a query comes to: a matrix, a vector, or a scalar.</summary>
    /// <exception cref="ProdOpsException">It is refused, or is no answer of this API.</exception>
    public static PrometheusReply ReadQuery(string location, EngineAnswer answer) => Read(location, answer, static (data, reply) =>
    {
        var result = data.GetProperty("result");
        var series = new List<EngineSeries>();
        int odd = 0;
        switch (data.GetProperty("resultType").GetString())
        {
            case "matrix":
                foreach (var one in result.EnumerateArray()) series.Add(new EngineSeries(Labels(one.GetProperty("metric")), Points(one.GetProperty("values").EnumerateArray(), ref odd)));
                break;
            case "vector":
                foreach (var one in result.EnumerateArray()) series.Add(new EngineSeries(Labels(one.GetProperty("metric")), Points([one.GetProperty("value")], ref odd)));
                break;
            case "scalar":
                series.Add(new EngineSeries(new Dictionary<string, string>(), Points([result], ref odd)));
                break;
            default: throw new FormatException("The type of the result is not known.");
        }

        return reply with { Series = series, NotNumbers = odd };
    });

    /// <summary>Reads a list of series by their labels.</summary>
    /// <exception cref="ProdOpsException">It is refused, or is no answer of this API.</exception>
    public static PrometheusReply ReadSeries(string location, EngineAnswer answer) =>
        Read(location, answer, static (data, reply) => reply with { Series = [.. data.EnumerateArray().Select(static one => new EngineSeries(Labels(one), []))] });

    private static PrometheusReply Read(string location, EngineAnswer answer, Func<JsonElement, PrometheusReply, PrometheusReply> read)
    {
        try
        {
            using var document = JsonDocument.Parse(answer.Body, Bounds);
            var root = document.RootElement;
            if (root.GetProperty("status").GetString() != "success")
                throw MonitoringErrors.EngineRefused(location, PlainLine.OfAnswer(root.GetProperty("error").GetString()));
            return read(root.GetProperty("data"), new PrometheusReply { Warnings = [.. Texts(root, "warnings"), .. Texts(root, "infos")] });
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or OverflowException or IndexOutOfRangeException or ArgumentException)
        {
            throw MonitoringErrors.EngineMisbehaves(location, string.Create(CultureInfo.InvariantCulture, $"what comes with status {answer.Status} is not what Prometheus' HTTP API says"), error);
        }
    }

    private static IEnumerable<string> Texts(JsonElement root, string name) => root.TryGetProperty(name, out var texts) && texts.ValueKind == JsonValueKind.Array
        ? texts.EnumerateArray().Take(MostWarnings).Where(static text => text.ValueKind == JsonValueKind.String).Select(static text => PlainLine.OfAnswer(text.GetString())) : [];

    private static Dictionary<string, string> Labels(JsonElement metric)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in metric.EnumerateObject())
        {
            if (labels.Count >= MostLabels) throw new FormatException("There are too many labels.");
            // The last of two of a name counts, as everywhere in JSON.
            labels[label.Name] = label.Value.GetString() ?? throw new FormatException("A label is no text.");
        }

        return labels;
    }

    private static List<Point> Points(IEnumerable<JsonElement> pairs, ref int odd)
    {
        var points = new List<Point>();
        foreach (var pair in pairs)
        {
            long time = checked((long)Math.Round(pair[0].GetDouble() * 1000));
            _ = DateTimeOffset.FromUnixTimeMilliseconds(time);
            double value = pair[1].GetString() switch
            {
                "NaN" or "+Inf" or "-Inf" => double.NaN,
                // As a number that is too large for one.
                var text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : throw new FormatException("A value is no number."),
            };
            if (!double.IsFinite(value)) odd++;
            else if (points.Count == 0 || time >= points[^1].Time) points.Add(new Point(time, value));
            else throw new FormatException("The values are not in the order of time.");
        }

        return points;
    }
}

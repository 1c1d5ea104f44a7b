using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ProdOps.Monitoring.Exporting;

/// <summary>Samples as lines of CSV and JSON. What is read again from them is what was written.</summary>
internal static class MetricText
{
    private const string Header = "Time,Server,Name,Instance,Value,Unit";

    // A line that VictoriaMetrics takes may have 10 MB; it reads one as a whole.
    private const int MostValues = 10_000;

    private static readonly SearchValues<char> NeedQuotes = SearchValues.Create(",\"\r\n");

    /// <summary>RFC 4180; who writes the lines ends each with CR LF.</summary>
    public static IEnumerable<string> Csv(ExportSource source)
    {
        yield return Header;
        foreach (var sample in source.All())
        {
            yield return string.Join(',', Time(sample), Field(sample.Server), Field(sample.Name), Field(sample.Instance ?? ""), Number(sample.Value), Field(sample.Unit));
        }
    }

    public static IEnumerable<string> Json(ExportSource source)
    {
        foreach (var sample in source.All())
        {
            yield return Object(writer =>
            {
                writer.WriteString("time", Time(sample));
                writer.WriteString("server", sample.Server);
                writer.WriteString("name", sample.Name);
                if (sample.Instance is not null) writer.WriteString("instance", sample.Instance);
                writer.WriteNumber("value", sample.Value);
                writer.WriteString("unit", sample.Unit);
            });
        }
    }

    /// <summary>What VictoriaMetrics takes at /api/v1/import.</summary>
    public static IEnumerable<string> VictoriaMetrics(ExportSource source)
    {
        for (int i = 0; i < source.Series.Count; i++)
        {
            var series = source.Series[i];
            foreach (var samples in source.SamplesOf(i).Chunk(MostValues))
            {
                yield return Object(writer =>
                {
                    writer.WriteStartObject("metric");
                    writer.WriteString("__name__", ExportNames.Family(series.Metric, series.Unit));
                    foreach (var (name, value) in ExportNames.Labels(series)) writer.WriteString(name, value);
                    writer.WriteEndObject();
                    writer.WriteStartArray("values");
                    foreach (var sample in samples) writer.WriteNumberValue(sample.Value * ExportNames.Factor(series));
                    writer.WriteEndArray();
                    writer.WriteStartArray("timestamps");
                    foreach (var sample in samples) writer.WriteNumberValue(sample.Time.ToUnixTimeMilliseconds());
                    writer.WriteEndArray();
                });
            }
        }
    }

    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Time(MetricSample sample) => sample.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string Field(string text) => text.AsSpan().ContainsAny(NeedQuotes) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    private static string Object(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

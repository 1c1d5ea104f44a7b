using System.Globalization;

namespace ProdOps.Monitoring.Exporting;

/// <summary>How the time of a sample is written.</summary>
internal enum SampleTime
{
    /// <summary>Not at all: it is that of whoever reads it.</summary>
    None,

    /// <summary>In seconds, as OpenMetrics has it.</summary>
    Seconds,

    /// <summary>In milliseconds, as the format before it has it.</summary>
    Milliseconds,
}

/// <summary>
/// Samples as OpenMetrics text (openmetrics.io, 1.0), which is at the same time what Prometheus' older text format (0.0.4) allows: node_exporter's textfile collector reads that one, and refuses
/// timestamps.
/// </summary>
internal static class OpenMetricsText
{
    /// <param name="source">What is written.</param>
    /// <param name="times">How the time of each sample is written; where it is not, the source has one a series.</param>
    /// <param name="activity">Told of series that cannot be told apart from others under their new names.</param>
    public static IEnumerable<string> Lines(ExportSource source, SampleTime times, IActivity activity)
    {
        var families = Enumerable.Range(0, source.Series.Count).GroupBy(index => ExportNames.Family(source.Series[index].Metric, source.Series[index].Unit), StringComparer.Ordinal).OrderBy(static family => family.Key, StringComparer.Ordinal);
        foreach (var family in families)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            bool begun = false;
            foreach (int index in family)
            {
                var series = source.Series[index];
                string name = $"{family.Key}{{{string.Join(',', ExportNames.Labels(series).Select(static label => $"{label.Name}=\"{Escape(label.Value)}\""))}}}";
                if (!seen.Add(name))
                {
                    activity.Warning($"{series} is left out: under the name {family.Key} it is the same as another.");
                    continue;
                }

                foreach (var sample in source.SamplesOf(index))
                {
                    if (!begun)
                    {
                        yield return $"# HELP {family.Key} {ExportNames.Help(series.Metric)}";
                        yield return $"# TYPE {family.Key} gauge";
                        string unit = ExportNames.Suffix(series.Unit);
                        if (unit.Length > 0 && family.Key.EndsWith("_" + unit, StringComparison.Ordinal)) yield return $"# UNIT {family.Key} {unit}";
                        begun = true;
                    }

                    string value = MetricText.Number(sample.Value * ExportNames.Factor(series));
                    yield return times switch
                    {
                        SampleTime.None => $"{name} {value}",
                        SampleTime.Seconds => $"{name} {value} {Seconds(sample.Time)}",
                        _ => string.Create(CultureInfo.InvariantCulture, $"{name} {value} {sample.Time.ToUnixTimeMilliseconds()}"),
                    };
                }
            }
        }

        yield return "# EOF";
    }

    private static string Seconds(DateTimeOffset time) => (time.ToUnixTimeMilliseconds() / 1000m).ToString("0.000", CultureInfo.InvariantCulture);

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}

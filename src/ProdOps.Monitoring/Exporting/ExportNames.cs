using System.Text;
using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Exporting;

/// <summary>What metrics are called elsewhere: as Prometheus wants names and labels, with the unit at the end.</summary>
internal static class ExportNames
{
    /// <summary>How all names begin.</summary>
    public const string Prefix = "prodops_";

    /// <summary>Labels of what is not in the catalogue: what it is called here, and which of several it is.</summary>
    public const string MetricLabel = "metric", AnyInstance = "name";

    private const string UnitLabel = "unit";

    // Endings that OpenMetrics keeps for counters, histograms and summaries: on anything else promtool takes them for a mistake.
    private static readonly string[] Reserved = ["_total", "_count", "_sum", "_bucket", "_created", "_info"];

    private const string Days = ".days", Seconds = ".seconds";

    // By their names there: each metric of the catalogue has one of its own.
    private static readonly Dictionary<string, MetricInfo> Known = MetricCatalog.All.ToDictionary(static info => Family(info.Name, info.Unit), StringComparer.Ordinal);

    /// <summary><c>disk.used</c> in % is <c>prodops_disk_used_percent</c>.</summary>
    public static string Family(string metric, string unit)
    {
        if (IsInDays(metric, unit)) metric = metric[..^Days.Length] + Seconds;
        string name = Prefix + Word(metric).Trim('_'), suffix = Suffix(unit);
        if (suffix.Length > 0 && !name.EndsWith("_" + suffix, StringComparison.Ordinal)) name += "_" + suffix;
        return Reserved.Any(name.EndsWith) ? name + "_value" : name;
    }

    /// <summary>What values are multiplied by: all times are seconds there.</summary>
    public static double Factor(SeriesRow series) => IsInDays(series.Metric, series.Unit) ? 86400 : 1;

    /// <summary>What OpenMetrics calls the unit: the end of the name; empty for a count.</summary>
    public static string Suffix(string unit) => unit switch
    {
        "" => "",
        "%" => "percent",
        "B" => "bytes",
        "B/s" => "bytes_per_second",
        "s" => "seconds",
        "/s" => "per_second",
        "°C" => "celsius",
        _ => Word(unit).Trim('_'),
    };

    /// <summary>
    /// The server, and which of several under what it is: <c>mount</c>, <c>device</c>, <c>interface</c>; <c>name</c> where nobody says. What is not in the catalogue says under
    /// <c>metric</c> and <c>unit</c> what it is called here: the name there does not tell it.
    /// </summary>
    public static IReadOnlyList<(string Name, string Value)> Labels(SeriesRow series)
    {
        var labels = new List<(string, string)> { ("server", series.Server) };
        bool isKnown = InfoOf(series.Metric)?.Unit == series.Unit;
        if (!string.IsNullOrEmpty(series.Instance)) labels.Add((isKnown ? InstanceLabel(series.Metric) : AnyInstance, series.Instance));
        if (isKnown) return labels;
        labels.Add((MetricLabel, series.Metric));
        if (series.Unit.Length > 0) labels.Add((UnitLabel, series.Unit));
        return labels;
    }

    /// <summary>What tells several of a metric of the catalogue apart.</summary>
    public static string InstanceLabel(string metric) => Word(InfoOf(metric)?.InstanceOf ?? AnyInstance);

    /// <summary>The series that a name and labels are of: the way back. What others add, such as <c>job</c> and <c>instance</c>, does not count.</summary>
    /// <param name="family">The name.</param>
    /// <param name="label">The value of a label; <see langword="null"/> or empty where it is not there.</param>
    /// <returns><see langword="null"/> for what is not ours.</returns>
    public static SeriesRow? SeriesOf(string family, Func<string, string?> label)
    {
        if (!family.StartsWith(Prefix, StringComparison.Ordinal) || label("server") is not { Length: > 0 } server) return null;
        if (label(MetricLabel) is { Length: > 0 } metric) return Row(metric, label(UnitLabel) ?? "", AnyInstance);
        return Known.TryGetValue(family, out var info) ? Row(info.Name, info.Unit, InstanceLabel(info.Name)) : null;

        SeriesRow Row(string name, string unit, string instanceLabel) => new(0, server, name, label(instanceLabel) is { Length: > 0 } instance ? instance : null, unit);
    }

    /// <summary>What it is, in a line without quotes and backslashes: what must be escaped there differs between the two formats.</summary>
    public static string Help(string metric) => InfoOf(metric)?.Description.Replace("Days until", "Seconds until", StringComparison.Ordinal) ?? "What a check measured.";

    private static bool IsInDays(string metric, string unit) => unit.Length == 0 && metric.EndsWith(Days, StringComparison.OrdinalIgnoreCase);

    private static MetricInfo? InfoOf(string metric) => MetricCatalog.Find(metric);

    /// <summary>Letters, digits and underscores; anything else is an underscore, several one.</summary>
    private static string Word(string text)
    {
        var word = new StringBuilder(text.Length);
        foreach (char letter in text)
        {
            if (char.IsAsciiLetterOrDigit(letter)) word.Append(char.ToLowerInvariant(letter));
            else if (word.Length > 0 && word[^1] != '_') word.Append('_');
        }

        return word.ToString();
    }
}

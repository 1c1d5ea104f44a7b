using System.Text;
using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Exporting;

/// <summary>What metrics are called elsewhere: as Prometheus wants names and labels, with the unit at the end.</summary>
internal static class ExportNames
{
    private const string Prefix = "prodops_";

    // Endings that OpenMetrics keeps for counters, histograms and summaries: on anything else promtool takes them for a mistake.
    private static readonly string[] Reserved = ["_total", "_count", "_sum", "_bucket", "_created", "_info"];

    private const string Days = ".days", Seconds = ".seconds";

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

    /// <summary>The server, and which of several under what it is: <c>mount</c>, <c>device</c>, <c>interface</c>; <c>name</c> where nobody says.</summary>
    public static IReadOnlyList<(string Name, string Value)> Labels(SeriesRow series) =>
        series.Instance is null ? [("server", series.Server)] : [("server", series.Server), (Word(InfoOf(series.Metric)?.InstanceOf ?? "name"), series.Instance)];

    /// <summary>What it is, in a line without quotes and backslashes: what must be escaped there differs between the two formats.</summary>
    public static string Help(string metric) => InfoOf(metric)?.Description.Replace("Days until", "Seconds until", StringComparison.Ordinal) ?? "What a check measured.";

    private static bool IsInDays(string metric, string unit) => unit.Length == 0 && metric.EndsWith(Days, StringComparison.OrdinalIgnoreCase);

    private static MetricInfo? InfoOf(string metric) => MetricCatalog.All.FirstOrDefault(info => info.Name.Equals(metric, StringComparison.OrdinalIgnoreCase));

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

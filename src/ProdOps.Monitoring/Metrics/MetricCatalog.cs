namespace ProdOps.Monitoring.Metrics;

/// <summary>The metrics that ProdOps measures by itself: the one list that probes, rules, views, completion and help share.</summary>
internal static class MetricCatalog
{
    /// <summary>All, in the order of their names.</summary>
    public static IReadOnlyList<MetricInfo> All { get; } =
    [
        new("load.1", "", "Tasks that ran or waited to run, mean of a minute."),
    ];

    private static readonly Dictionary<string, MetricInfo> ByName = All.ToDictionary(info => info.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The unit of a metric; empty for one that is not in the list.</summary>
    public static string UnitOf(string name) => ByName.TryGetValue(name, out var info) ? info.Unit : "";

    public static MetricInfo? Find(string name) => ByName.GetValueOrDefault(name);
}

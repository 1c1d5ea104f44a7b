using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Running;

/// <summary>How often a server is asked for what: what costs it little each time, what costs it more less often.</summary>
/// <param name="Interval">How often it is asked at all.</param>
internal sealed record MonitorPace(TimeSpan Interval)
{
    private static readonly TimeSpan LeastServices = TimeSpan.FromSeconds(30), LeastSlow = TimeSpan.FromMinutes(15), LeastDaily = TimeSpan.FromDays(1);

    private static readonly string[] OfServices = ["unit.", "process.count", "network.up", "clock.offset"];
    private static readonly string[] OfSlow = ["process.outdated", "process.zombie", "temperature", "reboot.", "clock.synchronized"];
    private static readonly string[] OfDaily = ["updates.", "system.support", "smart."];

    /// <summary>Whether a server is asked for what costs it seconds, such as pending updates.</summary>
    public bool AsksDaily { get; init; } = true;

    /// <summary>How often units and ports are asked for: each time where the environment names services that matter.</summary>
    public TimeSpan ServicesOf(Server server) => server.Services.Count > 0 ? Interval : Max(Interval, LeastServices);

    public TimeSpan Slow => Max(Interval, LeastSlow);

    public TimeSpan Daily => Max(Interval, LeastDaily);

    /// <summary>How long until a server is asked again that something is not certain about.</summary>
    public TimeSpan Retry => Interval < TimeSpan.FromSeconds(5) ? Interval : Max(Interval / 3, TimeSpan.FromSeconds(5));

    /// <summary>How long one look at a server may take once it is connected; once a day there may be dozens of disks to ask, and package lists on a slow one.</summary>
    public TimeSpan Limit(ProbeParts parts) => parts.HasFlag(ProbeParts.Daily) ? TimeSpan.FromMinutes(3) : Max(TimeSpan.FromSeconds(10), Min(Interval * 2, TimeSpan.FromSeconds(30)));

    /// <summary>A rule that expects what it looks at as often as that is asked for: what is asked for more seldom than a rule thinks would always be missing.</summary>
    public HealthRule Adjust(HealthRule rule)
    {
        var interval = rule.Metric is { } metric ? OfMetric(metric) : rule.Check is CheckKey.Reachability or "service" || rule.All.Count + rule.Any.Count > 0 ? Interval : rule.Interval;
        var window = rule.Window > TimeSpan.Zero ? Max(rule.Window, interval * 5) : rule.Window;
        return interval == rule.Interval && window == rule.Window ? rule : rule with { Interval = interval, Window = window };
    }

    /// <summary>Whether a metric is asked for once a day.</summary>
    public static bool IsDaily(string metric) => Has(OfDaily, metric);

    private TimeSpan OfMetric(string metric) =>
        IsDaily(metric) ? Daily : Has(OfSlow, metric) ? Slow : Has(OfServices, metric) ? Max(Interval, LeastServices) : Interval;

    private static bool Has(string[] names, string metric) => names.Any(name => metric.StartsWith(name, StringComparison.OrdinalIgnoreCase));

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}

using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Watching;
using ProdOps.Servers.Inventory;

namespace ProdOps.Recovery.Reports;

/// <summary>Gathers how servers are and were, from what the monitor has written down; it may write meanwhile.</summary>
/// <param name="sources">Where it is.</param>
/// <param name="from">When charts and events begin.</param>
/// <param name="now">The moment.</param>
internal sealed class HealthGatherer(ReportSources sources, DateTimeOffset from, DateTimeOffset now)
{
    /// <summary>How many days of availability are told.</summary>
    public const int DayCount = 30;

    private const int MostEvents = 500, MostDisks = 6;
    private static readonly TimeSpan Day = TimeSpan.FromDays(1), Fine = TimeSpan.FromHours(2);
    private static readonly string[] Charted = ["cpu.busy", "memory.available", "disk.used"];

    private ProdOpsEnvironment Environment => sources.Readiness.Environment;

    public async Task<HealthReport> GatherAsync(CancellationToken cancellationToken)
    {
        var folder = sources.Readiness.Monitoring;
        if (folder is null || !File.Exists(folder.StorePath))
        {
            if (sources.Servers.Count > 0) return Asked([]);
            throw RecoveryErrors.NothingMonitored(folder is null ? sources.Readiness.Missing : $"no monitor has written anything to {folder.Path}");
        }

        using var store = folder.Open(sources.Readiness.Time, SilentActivity.Instance, readOnly: true);
        var picture = new StoreWatch(store, Environment, sources.UnitOf, sources.Readiness.Time, SilentActivity.Instance).Look(null, cancellationToken);
        var history = new EventHistory(store.Events, new EventText(sources.UnitOf), SilentActivity.Instance);
        var events = history.ReadNewest(new EventFilter(), from, now.AddMilliseconds(1), MostEvents + 1, cancellationToken).Reverse().ToList();
        var (availability, days) = Availability(store, cancellationToken);
        var servers = sources.Servers.Count > 0 ? sources.Servers : [.. picture.Servers.Where(static server => server.IsKnown).Select(static server => server.Health)];
        var series = await SeriesAsync(store, [.. servers.Select(static server => server.Server)], cancellationToken).ConfigureAwait(false);
        var report = sources.Servers.Count > 0 ? Asked(series) : new HealthReport { Servers = Of(servers, series), Age = picture.Age, IsStale = picture.IsStale, Source = picture.Source };
        var state = history.State(store.Monitor, cancellationToken);
        return report with
        {
            Open = [.. OpenIncidents.Of(state, sources.UnitOf)],
            Announced = [.. state.Downtimes.Values.Where(downtime => !downtime.IsOver(now)).Select(downtime => Downtimes.Of(downtime, now))],
            Events = [.. events.Take(MostEvents)],
            HasMoreEvents = events.Count > MostEvents,
            Availability = availability,
            Days = days,
        };
    }

    /// <summary>Servers that were asked for this report: they are as old as the first of them.</summary>
    private HealthReport Asked(IReadOnlyList<MetricSeries> series)
    {
        var age = now - sources.Servers.Min(static server => server.Time);
        return new HealthReport { Servers = Of(sources.Servers, series), Age = age > TimeSpan.Zero ? age : TimeSpan.Zero, Source = "the servers were asked" };
    }

    private static IReadOnlyList<ServerReport> Of(IReadOnlyList<ServerHealth> servers, IReadOnlyList<MetricSeries> series)
    {
        var byServer = series.ToLookup(static one => one.Server, StringComparer.OrdinalIgnoreCase);
        return [.. servers.OrderByDescending(static server => server.State).ThenBy(static server => server.Server, StringComparer.OrdinalIgnoreCase)
            .Select(server => new ServerReport(server, [.. Charts(byServer[server.Server])]))];
    }

    /// <summary>In the order of what is charted; of many file systems the fullest.</summary>
    private static IEnumerable<MetricSeries> Charts(IEnumerable<MetricSeries> series) => series
        .GroupBy(static one => one.Name).OrderBy(static metric => Array.IndexOf(Charted, metric.Key))
        .SelectMany(static metric => metric.OrderByDescending(static one => one.Current).Take(MostDisks).OrderBy(static one => one.Instance, StringComparer.Ordinal));

    private async Task<IReadOnlyList<MetricSeries>> SeriesAsync(MetricStore store, string[] servers, CancellationToken cancellationToken)
    {
        var rows = store.Series(servers, Charted, []);
        // A chart is some hundred points wide: each sample of a day of a thousand servers would be millions.
        var query = new MetricQuery { From = from, To = now.AddMilliseconds(1), Resolution = now - from <= Fine ? MetricResolution.Auto : now - from <= TimeSpan.FromDays(7) ? MetricResolution.FiveMinutes : MetricResolution.Hour };
        var found = new List<MetricSeries>();
        await foreach (var one in SeriesReader.ReadAsync(new StoreSource(store), rows, query, cancellationToken).ConfigureAwait(false)) found.Add(one);
        return found;
    }

    private (IReadOnlyList<HealthAvailability> All, IReadOnlyList<IReadOnlyList<HealthAvailability>> Days) Availability(MetricStore store, CancellationToken cancellationToken)
    {
        var checks = OutageChecks.Of(Environment);
        var servers = new CheckList(Environment).Servers;
        if (servers.Count == 0) return ([], []);
        var whole = new AvailabilityRequest(servers, now - DayCount * Day, now, key => checks.Any(pattern => NamePattern.IsMatch(pattern, key.Rule))) { Objective = Environment.Objectives.Availability };
        var read = AvailabilityRequest.ReadAll([whole, .. Enumerable.Range(0, DayCount).Select(day => whole with { From = now - (DayCount - day) * Day, To = now - (DayCount - day - 1) * Day })], store, SilentActivity.Instance, cancellationToken);
        return ([.. read[0].Select(one => one with { Environment = Environment.Name })], [.. read.Skip(1)]);
    }
}

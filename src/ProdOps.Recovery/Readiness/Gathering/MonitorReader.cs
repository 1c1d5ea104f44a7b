using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Store.Chunks;
using ProdOps.Servers.Inventory;

namespace ProdOps.Recovery.Readiness.Gathering;

/// <summary>Reads what monitoring's store knows. A monitor may write meanwhile.</summary>
internal sealed class MonitorReader(ProdOpsEnvironment environment, TimeProvider time)
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(30), Week = TimeSpan.FromDays(7), Days = TimeSpan.FromDays(2), Day = TimeSpan.FromDays(1);

    private readonly string[] _servers = [.. environment.Servers.Select(static server => server.Name)];

    public async Task<MonitorFacts> ReadAsync(MonitoringFolder folder, CancellationToken cancellationToken)
    {
        using var store = folder.Open(time, SilentActivity.Instance, readOnly: true);
        var now = time.GetUtcNow();
        // Side by side: of a thousand servers each of them takes tenths of a second.
        var state = Task.Run(() => store.Monitor.Load(cancellationToken), cancellationToken);
        var availability = Task.Run(() => Availability(store, now, cancellationToken), cancellationToken);
        var disks = Task.Run(() => DisksAsync(store, now, cancellationToken), cancellationToken);
        var metrics = Task.Run(() => MetricsAsync(store, now, cancellationToken), cancellationToken);
        var messages = Task.Run(() => new NotificationHistory(store.Events, SilentActivity.Instance).Read(now - Decay.Gone, now + Decay.Skew, static _ => null, cancellationToken).ToList(), cancellationToken);
        await Task.WhenAll(state, availability, disks, metrics, messages).ConfigureAwait(false);
        var (facts, known, sent) = (await metrics.ConfigureAwait(false), await state.ConfigureAwait(false), await messages.ConfigureAwait(false));
        return facts with
        {
            LastAlive = store.Monitor.LastAlive,
            Disks = await disks.ConfigureAwait(false),
            Open = [.. OpenIncidents.Of(known, static _ => "")],
            Checks = Checks(store, known),
            Sent = sent,
            LastIncident = LastIncident(store, sent),
            Availability = await availability.ConfigureAwait(false),
        };
    }

    private async Task<MonitorFacts> MetricsAsync(MetricStore store, DateTimeOffset now, CancellationToken cancellationToken) => new()
    {
        LatestOfServers = store.Latest(store.Series(_servers, ["cpu.busy", "memory.available", "load.1"], [])),
        Responses = await ResponsesAsync(store, now, cancellationToken).ConfigureAwait(false),
        ClockOffsets = store.Latest(store.Series(_servers, ["clock.offset"], [])),
        Certificates = store.Latest(store.Series([], ["certificate.days"], [])),
    };

    private static async Task<IReadOnlyList<ResponseFact>> ResponsesAsync(MetricStore store, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var found = new List<ResponseFact>();
        var query = new MetricQuery { From = now - Day, To = now.AddMilliseconds(1), Resolution = MetricResolution.Raw };
        await foreach (var (series, points) in PointReader.ReadAsync(new StoreSource(store), store.Series([], ["http.time"], []), query, cancellationToken).ConfigureAwait(false))
        {
            if (points.Count == 0) continue;
            double[] values = [.. points.Select(static point => point.Value).Order()];
            double percentile = values[(int)Math.Ceiling(values.Length * 0.95) - 1];
            found.Add(new ResponseFact(series.Server, series.Instance ?? "", TimeSpan.FromSeconds(Math.Clamp(percentile, 0, 1e6)), points.Count, TimeOf(points[0]), TimeOf(points[^1])));
        }

        return found;
    }

    /// <summary>
    /// Of a store that is younger than a week, all that there is. Of days the averages of hours come first, which are a twelfth of those of five minutes: these are read only where a disk may soon be
    /// full, or was emptied, and the last hours count.
    /// </summary>
    private async Task<IReadOnlyList<MetricForecast>> DisksAsync(MetricStore store, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var from = store.Begin is { } begin && begin > now - Week ? begin : now - Week;
        var all = store.Series(_servers, ["disk.used"], []);
        bool byHours = now - from > Days;
        var forecasts = await ForecastsAsync(all, byHours ? MetricResolution.Hour : MetricResolution.FiveMinutes).ConfigureAwait(false);
        if (byHours)
        {
            foreach (var (series, closer) in await ForecastsAsync([.. all.Where(one => forecasts[one].IsDoubtful)], MetricResolution.FiveMinutes).ConfigureAwait(false)) forecasts[series] = closer;
        }

        return [.. all.Select(one => forecasts[one].Forecast).OfType<MetricForecast>()];

        async Task<Dictionary<SeriesRow, (MetricForecast? Forecast, bool IsDoubtful)>> ForecastsAsync(IReadOnlyList<SeriesRow> series, MetricResolution resolution)
        {
            var query = new MetricQuery { From = from, To = now.AddMilliseconds(1), Resolution = resolution };
            return await PointReader.MakeAsync(new StoreSource(store), series, query, (one, points) => KeyValuePair.Create(one, Forecast(one, points)), cancellationToken).ToDictionaryAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        (MetricForecast?, bool) Forecast(SeriesRow series, List<Point> points)
        {
            // What is not mounted any more is measured no longer.
            if (points.Count == 0 || TimeOf(points[^1]) < now - Day) return (null, false);
            var asked = new MetricForecast { Server = series.Server, Name = series.Metric, Instance = series.Instance, Unit = series.Unit, Threshold = 100, From = TimeOf(points[0]), To = now };
            var forecast = Forecaster.Of(asked, points, upward: true);
            return (forecast, forecast.Reached < now + Month || forecast.From > asked.From);
        }
    }

    /// <summary>Each check's newest value tells when it was last made; what is wrong with it is told by the state, where there is nothing of one that was always well.</summary>
    private static List<CheckFact> Checks(MetricStore store, MonitorState state)
    {
        var known = state.Checks.ToLookup(static check => check.Key.Server);
        var made = store.Latest(store.Series([], ["http.time", "tcp.time", "log.matches"], [])).Where(static sample => sample.Instance is not null)
            .Select(sample => new CheckFact(sample.Server, sample.Instance!, StateOf(sample.Server, sample.Instance!), sample.Time));
        return [.. made];

        HealthState StateOf(string server, string check) => known[server].Where(one => one.Key.Rule.Equals(check, StringComparison.OrdinalIgnoreCase) || check.Equals(one.Key.Instance, StringComparison.OrdinalIgnoreCase))
            .Select(static one => one.Value.Level).DefaultIfEmpty(HealthState.OK).Max();
    }

    private static DateTimeOffset TimeOf(Point point) => DateTimeOffset.FromUnixTimeMilliseconds(point.Time);

    private static IncidentFact? LastIncident(MetricStore store, List<SentNotification> sent)
    {
        var problem = sent.Where(static one => one is { Kind: NotificationKind.Problem, Incidents.Count: > 0 }).MaxBy(static one => one.Time);
        if (problem is null) return null;
        long incident = problem.Incidents[^1];
        var first = sent.Where(one => one.Incidents.Contains(incident)).MinBy(static one => one.Id);
        var opened = new EventReader(store.Events, SilentActivity.Instance).Find(incident) as IncidentOpened;
        return new IncidentFact(incident, opened?.Time ?? problem.Time, first);
    }

    private HealthAvailability? Availability(MetricStore store, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (environment.Objectives.Availability is not { } promised || environment.Servers.Count == 0) return null;
        var checks = OutageChecks.Of(environment);
        var request = new AvailabilityRequest(new CheckList(environment).Servers, now - Month, now, key => checks.Any(pattern => NamePattern.IsMatch(pattern, key.Rule))) { Objective = promised };
        return request.Read(store, SilentActivity.Instance, cancellationToken)[^1] with { Environment = environment.Name, Checks = checks };
    }
}

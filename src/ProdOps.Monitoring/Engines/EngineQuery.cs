using ProdOps.Monitoring.Exporting;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Store.Chunks;

namespace ProdOps.Monitoring.Engines;

/// <summary>A query of the admin's own, in the engine's language, over whatever the engine keeps.</summary>
/// <param name="queries">The engine.</param>
/// <param name="text">The query.</param>
/// <param name="unit">The unit of its values, for those who read them.</param>
/// <param name="environment">Whose servers may be known by their addresses.</param>
internal sealed class EngineQuery(EngineQueries queries, string text, string unit, ProdOpsEnvironment? environment)
{
    private const int MostValues = 10_000_000, LongestName = 200;

    private static readonly int[] Steps = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400];

    // A line a thousand columns wide shows no more.
    private const int Usual = 500;

    /// <summary>The usual step for a length of time.</summary>
    public static TimeSpan StepOf(TimeSpan length) => TimeSpan.FromSeconds(Steps.FirstOrDefault(step => length.TotalSeconds / step <= Usual, Steps[^1]));

    /// <summary>The series that it comes to, each with a value for each step at which it had one.</summary>
    /// <exception cref="ProdOpsException">It cannot be asked, is refused, or comes to too much.</exception>
    public async Task<IReadOnlyList<MetricSeries>> ReadAsync(DateTimeOffset from, DateTimeOffset to, TimeSpan step, CancellationToken cancellationToken)
    {
        if (step < TimeSpan.FromSeconds(1)) throw MonitoringErrors.StepInvalid(step);
        // At whole multiples of the step: so the same moments are asked for again by whoever asks again.
        long width = (long)step.TotalMilliseconds, first = RoundUp(from.ToUnixTimeMilliseconds(), width), last = to.ToUnixTimeMilliseconds() - 1;
        if (((last - first) / width) + 1 is var points and > MostValues) throw MonitoringErrors.TooManyPoints(points, MostValues);
        var rows = new Dictionary<SeriesRow, List<Point>>();
        long values = 0;
        await foreach (var part in queries.PartsAsync(text, first, last, width, cancellationToken).ConfigureAwait(false))
        {
            foreach (var series in part)
            {
                var row = RowOf(series);
                if (!rows.TryGetValue(row, out var known)) rows[row] = known = [];
                known.AddRange(series.Points);
                if ((values += series.Points.Count) > MostValues) throw MonitoringErrors.TooManyPoints(values, MostValues);
            }
        }

        var query = new MetricQuery { From = from, To = to };
        return [.. rows.Where(static row => row.Value.Count > 0).OrderBy(static row => row.Key.Server, StringComparer.Ordinal).ThenBy(static row => row.Key.Metric, StringComparer.Ordinal).ThenBy(static row => row.Key.Instance, StringComparer.Ordinal)
            .Select(row => SeriesReader.Of(row.Key, row.Value, query))];
    }

    /// <summary>What it comes to at one moment.</summary>
    /// <exception cref="ProdOpsException">It cannot be asked, or is refused.</exception>
    public async Task<IReadOnlyList<MetricSample>> AtAsync(DateTimeOffset moment, CancellationToken cancellationToken)
    {
        var found = await queries.AtAsync(text, moment.ToUnixTimeMilliseconds(), cancellationToken).ConfigureAwait(false);
        return [.. found.Where(static series => series.Points.Count > 0).Select(series => MetricReader.Sample(RowOf(series), series.Points[^1].Time, series.Points[^1].Value))];
    }

    /// <summary>
    /// A series as ours are called: our own by their names here; another by the server of the environment that its <c>instance</c> is the address of, else by its <c>instance</c>, and by the rest of its
    /// labels, which tell it from the others.
    /// </summary>
    private SeriesRow RowOf(EngineSeries series)
    {
        string family = series.Label("__name__") ?? "";
        if (ExportNames.SeriesOf(family, series.Label) is { } own) return own;
        string server = series.Label("server") ?? "", from = server.Length > 0 ? "server" : "instance", instance = series.Label("instance") ?? "";
        if (server.Length == 0) server = ServerAt(instance) ?? instance;
        string rest = string.Join(' ', series.Labels.Where(label => label.Key != "__name__" && label.Key != from).OrderBy(static label => label.Key, StringComparer.Ordinal).Select(static label => $"{label.Key}={label.Value}"));
        return new SeriesRow(0, PlainLine.Of(server, LongestName), PlainLine.Of(family.Length > 0 ? family : text, LongestName), rest.Length > 0 ? PlainLine.Of(rest, 10 * LongestName) : null, unit);
    }

    private string? ServerAt(string instance)
    {
        int colon = instance.LastIndexOf(':');
        string host = (colon > 0 ? instance[..colon] : instance).Trim('[', ']');
        return environment?.Servers.FirstOrDefault(server => host.Equals(server.Address ?? server.Name, StringComparison.OrdinalIgnoreCase) || host.Equals(server.Name, StringComparison.OrdinalIgnoreCase))?.Name;
    }

    private static long RoundUp(long moment, long width) => (moment + width - 1) / width * width;
}

using System.Globalization;

namespace ProdOps.Monitoring.Engines;

/// <summary>Questions to an engine by Prometheus' HTTP API. What the engine says beside its answers is told once.</summary>
internal sealed class EngineQueries(EngineHttp http, IActivity activity)
{
    /// <summary>Prometheus gives no more values of a series at once than 11,000.</summary>
    public const int MostPoints = 11_000;

    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    public string Location => http.Location;

    /// <summary>What a query comes to at one moment.</summary>
    /// <exception cref="ProdOpsException">It cannot be asked, or is refused.</exception>
    public async Task<IReadOnlyList<EngineSeries>> AtAsync(string query, long moment, CancellationToken cancellationToken)
    {
        activity.Verbose($"Asking {http.Location} at {DateTimeOffset.FromUnixTimeMilliseconds(moment):yyyy-MM-dd HH:mm:ss.fff}Z: {query}");
        // VictoriaMetrics takes its newest values for not whole yet, and leaves them out, unless it may not use its cache.
        return Told(PrometheusReply.ReadQuery(http.Location, await http.GetAsync("/api/v1/query", [new("query", query), new("time", PromQl.Moment(moment)), new("nocache", "1")], cancellationToken).ConfigureAwait(false)));
    }

    /// <summary>What a query comes to at so many moments, one every step from the first to the last.</summary>
    /// <exception cref="ProdOpsException">It cannot be asked, or is refused.</exception>
    public async Task<IReadOnlyList<EngineSeries>> RangeAsync(string query, long first, long last, long step, CancellationToken cancellationToken)
    {
        activity.Verbose($"Asking {http.Location} from {DateTimeOffset.FromUnixTimeMilliseconds(first):yyyy-MM-dd HH:mm:ss.fff}Z to {DateTimeOffset.FromUnixTimeMilliseconds(last):yyyy-MM-dd HH:mm:ss.fff}Z: {query}");
        return Told(PrometheusReply.ReadQuery(http.Location, await http.GetAsync("/api/v1/query_range",
            [new("query", query), new("start", PromQl.Moment(first)), new("end", PromQl.Moment(last)), new("step", PromQl.Moment(step)), new("nocache", "1")], cancellationToken).ConfigureAwait(false)));
    }

    /// <summary>The same in parts, as many as its limit of values and ours of an answer ask for, in the order of time.</summary>
    public async IAsyncEnumerable<IReadOnlyList<EngineSeries>> PartsAsync(string query, long first, long last, long step, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long most = MostPoints;
        while (first <= last)
        {
            long end = Math.Min(last, first + ((most - 1) * step));
            IReadOnlyList<EngineSeries> part;
            try
            {
                part = await RangeAsync(query, first, end, step, cancellationToken).ConfigureAwait(false);
            }
            catch (ProdOpsException error) when (error.ErrorId == MonitoringErrors.EngineAnswerTooLongId && end > first)
            {
                most = Math.Max(1, (((end - first) / step) + 1) / 2);
                continue;
            }

            yield return part;
            first = end + step;
        }
    }

    /// <summary>The series that a selector fits and that had values between.</summary>
    /// <exception cref="ProdOpsException">It cannot be asked, or is refused.</exception>
    public async Task<IReadOnlyList<EngineSeries>> SeriesAsync(string selector, long from, long to, CancellationToken cancellationToken)
    {
        activity.Verbose($"Asking {http.Location} for the series of {selector}");
        return Told(PrometheusReply.ReadSeries(http.Location, await http.GetAsync("/api/v1/series", [new("match[]", selector), new("start", PromQl.Moment(from)), new("end", PromQl.Moment(to))], cancellationToken).ConfigureAwait(false)));
    }

    private IReadOnlyList<EngineSeries> Told(PrometheusReply reply)
    {
        foreach (string warning in reply.Warnings) if (_told.Add(warning)) activity.Warning($"The engine at {http.Location} warns: {warning}");
        if (reply.NotNumbers > 0 && _told.Add("NaN")) activity.Warning(string.Create(CultureInfo.InvariantCulture, $"{reply.NotNumbers} values of the engine at {http.Location} are not a number, or endless: they are left out."));
        return reply.Series;
    }
}

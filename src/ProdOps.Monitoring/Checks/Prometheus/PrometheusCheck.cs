using ProdOps.Monitoring.Checks.Http;

namespace ProdOps.Monitoring.Checks.Prometheus;

/// <summary>
/// A query of Prometheus, VictoriaMetrics or what else has their HTTP API: a result for each series that it comes to. The values are judged by thresholds, not here.
/// That the engine cannot be asked leaves open how it is.
/// </summary>
/// <param name="subject">What the results are called.</param>
/// <param name="request">The query as a request.</param>
/// <param name="unit">The unit of the values, for those who read them.</param>
/// <param name="time">The clock.</param>
internal sealed class PrometheusCheck(CheckSubject subject, HttpCheckOptions request, string unit, TimeProvider time) : IHealthCheck
{
    private const int MostBody = 16 * 1024 * 1024;

    private readonly HttpCheckOptions _request = request with { MaximumBody = MostBody };

    /// <summary>The request of a query.</summary>
    /// <param name="engine">Where the engine is, e.g. <c>http://metrics:9090</c>, with the path that it may have.</param>
    /// <param name="query">The query.</param>
    public static Uri AddressOf(Uri engine, string query) => new($"{engine.GetLeftPart(UriPartial.Path).TrimEnd('/')}/api/v1/query?query={Uri.EscapeDataString(query)}");

    public async Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken)
    {
        using var exchange = new HttpExchange(_request, time);
        var run = new CheckRun(subject, _request.Timeout, time) { Describe = exchange.Describe, Late = HealthState.Unknown, Broken = HealthState.Unknown };
        return await run.AllAsync(async (blank, limit) =>
        {
            var (status, body) = await exchange.ReadAsync(limit).ConfigureAwait(false);
            var values = PrometheusAnswer.Parse(status, body);
            return values.Count == 0 ? [blank with { Message = "no series answers the query" }] : [.. values.Select(value => Result(blank, value))];
        }, cancellationToken).ConfigureAwait(false);
    }

    private HealthCheckResult Result(HealthCheckResult blank, PrometheusValue value)
    {
        blank = blank with { Instance = value.Labels };
        if (double.IsNaN(value.Value)) return blank with { Message = "the value is not a number (NaN)" };
        string shown = double.IsFinite(value.Value) ? HealthThreshold.Format(value.Value, unit) : value.Value > 0 ? "infinite" : "infinitely small";
        return blank with { State = HealthState.OK, Value = value.Value, Unit = unit, Message = shown };
    }
}

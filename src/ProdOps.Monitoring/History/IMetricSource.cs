using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Store.Chunks;

namespace ProdOps.Monitoring.History;

/// <summary>Where the history of metrics is: the store of this machine, or an engine elsewhere.</summary>
internal interface IMetricSource
{
    /// <summary>The first moment that there may be values of, in five minutes or finer; <see langword="null"/> if that is not known.</summary>
    DateTimeOffset? Begin => null;

    /// <summary>The series of which any pattern fits each of the three, by server, metric and instance; no patterns fit everything.</summary>
    /// <param name="servers">Patterns of servers.</param>
    /// <param name="metrics">Patterns of metrics.</param>
    /// <param name="instances">Patterns of instances.</param>
    /// <param name="from">Series that ended before may be missing.</param>
    /// <param name="to">Series that begin later may be missing.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<IReadOnlyList<SeriesRow>> SeriesAsync(IReadOnlyList<string> servers, IReadOnlyList<string> metrics, IReadOnlyList<string> instances, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken);

    /// <summary>Samples of some series, or what stands for them, in the order of time; what the query says of servers, metrics and instances does not count.</summary>
    IAsyncEnumerable<MetricSample> QueryAsync(IReadOnlyList<SeriesRow> series, MetricQuery query, CancellationToken cancellationToken);

    /// <summary>Roll-ups of some series with all that they hold, of each in the order of time; samples are roll-ups of one.</summary>
    IAsyncEnumerable<(int Series, Rollup Rollup)> RollupsAsync(IReadOnlyList<SeriesRow> series, MetricQuery query, CancellationToken cancellationToken);

    /// <summary>Samples, or what the query's function makes of roll-ups, of each of some series in pieces that follow each other.</summary>
    IAsyncEnumerable<(int Series, List<Point> Points)> PointsAsync(IReadOnlyList<SeriesRow> series, MetricQuery query, CancellationToken cancellationToken) =>
        RollupsAsync(series, query, cancellationToken).Select(one => (one.Series, new List<Point> { new(one.Rollup.Start, one.Rollup.Value(query.Function)) }));

    /// <summary>The newest sample of each of some series before a moment, in their order; one that is older than <paramref name="from"/> may be missing.</summary>
    Task<IReadOnlyList<MetricSample>> LatestAsync(IReadOnlyList<SeriesRow> series, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken);

    /// <summary>The error for what is not there.</summary>
    ProdOpsException NotFound(string what, DateTimeOffset from, DateTimeOffset to);
}

/// <summary>The store of this machine.</summary>
internal sealed class StoreSource(MetricStore store) : IMetricSource
{
    public DateTimeOffset? Begin => store.Begin;

    public Task<IReadOnlyList<SeriesRow>> SeriesAsync(IReadOnlyList<string> servers, IReadOnlyList<string> metrics, IReadOnlyList<string> instances, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<SeriesRow>>(store.Series(servers, metrics, instances));

    public IAsyncEnumerable<MetricSample> QueryAsync(IReadOnlyList<SeriesRow> series, MetricQuery query, CancellationToken cancellationToken) => store.Query(series, query, cancellationToken).ToAsyncEnumerable();

    public IAsyncEnumerable<(int Series, Rollup Rollup)> RollupsAsync(IReadOnlyList<SeriesRow> series, MetricQuery query, CancellationToken cancellationToken) => store.Rollups(series, query, cancellationToken).ToAsyncEnumerable();

    public IAsyncEnumerable<(int Series, List<Point> Points)> PointsAsync(IReadOnlyList<SeriesRow> series, MetricQuery query, CancellationToken cancellationToken) => store.Points(series, query, cancellationToken).ToAsyncEnumerable();

    public Task<IReadOnlyList<MetricSample>> LatestAsync(IReadOnlyList<SeriesRow> series, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<MetricSample>>(store.Latest(series));

    public ProdOpsException NotFound(string what, DateTimeOffset from, DateTimeOffset to) => MonitoringErrors.MetricNotFound(what, store.Path);
}

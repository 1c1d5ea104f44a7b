using System.Runtime.CompilerServices;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Store.Chunks;

namespace ProdOps.Monitoring.History;

/// <summary>
/// Reads many series, so many at once: what is not in chunks yet lies in the order of time and is looked through as a whole for each reading, however few series that is of.
/// </summary>
internal static class PointReader
{
    // 16 bytes each.
    private const int MostPoints = 4_000_000;

    private const int LeastSeries = 64, MostSeries = 16_384;

    /// <summary>The series in their order, each with what a time has of it in the order of time; maybe nothing.</summary>
    public static async IAsyncEnumerable<(SeriesRow Series, List<Point> Points)> ReadAsync(IMetricSource source, IReadOnlyList<SeriesRow> series, MetricQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var some in series.Chunk(SeriesAtOnce(query, MostPoints)))
        {
            var points = some.Select(static _ => new List<Point>()).ToArray();
            await foreach (var (index, rollup) in source.RollupsAsync(some, query, cancellationToken).ConfigureAwait(false)) points[index].Add(new Point(rollup.Start, rollup.Value(query.Function)));
            for (int i = 0; i < some.Length; i++) yield return (some[i], points[i]);
        }
    }

    /// <summary>How many series are read at once, so that about so many values are held: of samples one for ten seconds is counted, as a monitor takes them.</summary>
    public static int SeriesAtOnce(MetricQuery query, int values)
    {
        var length = query.To - query.From;
        int step = query.Resolution switch
        {
            MetricResolution.Raw => 10,
            MetricResolution.FiveMinutes => 300,
            MetricResolution.Hour => 3600,
            _ => length <= ResolutionChoice.MostRaw ? 10 : length <= ResolutionChoice.MostFine ? 300 : 3600,
        };
        return (int)Math.Clamp(values / Math.Max(1, length.TotalSeconds / step), LeastSeries, MostSeries);
    }
}

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
    private const int MostPoints = 3_000_000;

    private const int LeastSeries = 64, MostSeries = 16_384;

    /// <summary>The series in their order, each with what a time has of it in the order of time; maybe nothing.</summary>
    public static async IAsyncEnumerable<(SeriesRow Series, List<Point> Points)> ReadAsync(IMetricSource source, IReadOnlyList<SeriesRow> series, MetricQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in BatchesAsync(source, series, query, cancellationToken).ConfigureAwait(false))
        {
            foreach (var one in batch) yield return one;
        }
    }

    /// <summary>What is made of each of the series, in their order; of many on all processors.</summary>
    /// <param name="source">Where they are.</param>
    /// <param name="series">The series.</param>
    /// <param name="query">Of which time.</param>
    /// <param name="make">Makes it, and does not throw.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async IAsyncEnumerable<T> MakeAsync<T>(IMetricSource source, IReadOnlyList<SeriesRow> series, MetricQuery query, Func<SeriesRow, List<Point>, T> make, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in BatchesAsync(source, series, query, cancellationToken).ConfigureAwait(false))
        {
            var all = batch.Length < LeastSeries ? batch.Select(one => make(one.Series, one.Points)) : batch.AsParallel().AsOrdered().WithCancellation(cancellationToken).Select(one => make(one.Series, one.Points));
            foreach (var made in all) yield return made;
        }
    }

    private static async IAsyncEnumerable<(SeriesRow Series, List<Point> Points)[]> BatchesAsync(IMetricSource source, IReadOnlyList<SeriesRow> series, MetricQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var some in series.Chunk(SeriesAtOnce(query, MostPoints, source.Begin)))
        {
            var points = new List<Point>?[some.Length];
            await foreach (var (index, piece) in source.PointsAsync(some, query, cancellationToken).ConfigureAwait(false))
            {
                if (points[index] is { } before) before.AddRange(piece);
                else points[index] = piece;
            }

            yield return [.. some.Select((one, i) => (one, points[i] ?? []))];
        }
    }

    /// <summary>How many series are read at once, so that about so many values are held: of samples one for ten seconds is counted, as a monitor takes them.</summary>
    /// <param name="query">Of which time.</param>
    /// <param name="values">So many values.</param>
    /// <param name="begin">Before this there are no values but those of hours; <see langword="null"/> if that is not known.</param>
    public static int SeriesAtOnce(MetricQuery query, int values, DateTimeOffset? begin)
    {
        var length = query.To - query.From;
        int step = query.Resolution switch
        {
            MetricResolution.Raw => 10,
            MetricResolution.FiveMinutes => 300,
            MetricResolution.Hour => 3600,
            _ => length <= ResolutionChoice.MostRaw ? 10 : length <= ResolutionChoice.MostFine ? 300 : 3600,
        };
        if (step < 3600 && query.To - begin is { } kept && kept < length) length = kept;
        return (int)Math.Clamp(values / Math.Max(1, length.TotalSeconds / step), LeastSeries, MostSeries);
    }
}

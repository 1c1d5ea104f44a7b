using System.Runtime.CompilerServices;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Store.Chunks;

namespace ProdOps.Monitoring.History;

/// <summary>Puts what there is of each series into one object.</summary>
internal static class SeriesReader
{
    // Held at once, each with its object of a hundred bytes.
    private const int MostSamples = 500_000;

    /// <summary>The series in their order, without those of which there is nothing in the time.</summary>
    public static async IAsyncEnumerable<MetricSeries> ReadAsync(IMetricSource source, IReadOnlyList<SeriesRow> series, MetricQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var batch in series.Chunk(PointReader.SeriesAtOnce(query, MostSamples, source.Begin)))
        {
            var gathered = new Gathered?[batch.Length];
            await foreach (var (index, rollup) in source.RollupsAsync(batch, query, cancellationToken).ConfigureAwait(false)) (gathered[index] ??= new Gathered(batch[index])).Add(rollup, query.Function);
            foreach (var one in gathered)
            {
                if (one is not null) yield return one.Result(query);
            }
        }
    }

    /// <summary>One series of samples that are at hand, in the order of time; there is at least one.</summary>
    public static MetricSeries Of(SeriesRow series, IEnumerable<Point> points, MetricQuery query)
    {
        var gathered = new Gathered(series);
        foreach (var point in points) gathered.Add(new Rollup(point.Time, 1, point.Value, point.Value, point.Value, point.Value), MetricFunction.Average);
        return gathered.Result(query);
    }

    private sealed class Gathered(SeriesRow series)
    {
        private readonly List<MetricSample> _samples = [];
        private double _least = double.PositiveInfinity, _greatest = double.NegativeInfinity, _sum, _last;
        private long _count;

        public void Add(in Rollup rollup, MetricFunction function)
        {
            _samples.Add(MetricReader.Sample(series, rollup.Start, rollup.Value(function)));
            _least = Math.Min(_least, rollup.Min);
            _greatest = Math.Max(_greatest, rollup.Max);
            _sum += rollup.Sum;
            _count += rollup.Count;
            _last = rollup.Last;
        }

        public MetricSeries Result(MetricQuery query) => new()
        {
            Server = series.Server,
            Name = series.Metric,
            Instance = series.Instance,
            Unit = series.Unit,
            Current = _last,
            Minimum = _least,
            Average = MetricPrecision.Round(_sum / _count, series.Unit),
            Maximum = _greatest,
            From = query.From,
            To = query.To,
            Count = _count,
            Samples = _samples,
        };
    }
}

using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Store.Chunks;

namespace ProdOps.Monitoring.History;

/// <summary>Puts what the store has of each series into one object.</summary>
internal static class SeriesReader
{
    // A series may have 86,400 samples a day: only those of so many are held at once.
    private const int Batch = 64;

    /// <summary>The series in their order, without those of which there is nothing in the time.</summary>
    public static IEnumerable<MetricSeries> Read(MetricStore store, IReadOnlyList<SeriesRow> series, MetricQuery query, CancellationToken cancellationToken)
    {
        foreach (var batch in series.Chunk(Batch))
        {
            var gathered = new Gathered?[batch.Length];
            foreach (var (index, rollup) in store.Rollups(batch, query, cancellationToken)) (gathered[index] ??= new Gathered(batch[index])).Add(rollup, query.Function);
            foreach (var one in gathered)
            {
                if (one is not null) yield return one.Result(query);
            }
        }
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

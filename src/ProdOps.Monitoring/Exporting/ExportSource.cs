using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Exporting;

/// <summary>What is exported: series, and their samples.</summary>
/// <param name="Series">The series.</param>
/// <param name="SamplesOf">The samples of one, by its place, in the order of time.</param>
/// <param name="All">The samples of all, in the order of time.</param>
internal sealed record ExportSource(IReadOnlyList<SeriesRow> Series, Func<int, IEnumerable<MetricSample>> SamplesOf, Func<IEnumerable<MetricSample>> All)
{
    /// <summary>What is kept of a time, read as it is written: whoever writes has nothing else to do, and waits for an engine.</summary>
    public static ExportSource Of(IMetricSource source, IReadOnlyList<SeriesRow> series, MetricQuery query, CancellationToken cancellationToken)
    {
        return new ExportSource(series, index => Read([series[index]]), () => Read(series));

        IEnumerable<MetricSample> Read(IReadOnlyList<SeriesRow> some) => source.QueryAsync(some, query, cancellationToken).ToBlockingEnumerable(cancellationToken);
    }

    /// <summary>Samples that are at hand, of whichever series.</summary>
    public static ExportSource Of(IEnumerable<MetricSample> samples)
    {
        var all = samples.OrderBy(static sample => sample.Time).ToList();
        var series = all.GroupBy(static sample => (sample.Server, sample.Name, sample.Instance, sample.Unit)).OrderBy(static group => group.Key)
            .Select(static (group, index) => (Row: new SeriesRow(index, group.Key.Server, group.Key.Name, group.Key.Instance, group.Key.Unit), Samples: group.ToList())).ToList();
        return new ExportSource([.. series.Select(static one => one.Row)], index => series[index].Samples, () => all);
    }

    /// <summary>Only the newest sample of each series.</summary>
    public ExportSource Newest()
    {
        var newest = Enumerable.Range(0, Series.Count).Select(index => SamplesOf(index).TakeLast(1).ToArray()).ToArray();
        return new ExportSource(Series, index => newest[index], () => newest.SelectMany(static samples => samples).OrderBy(static sample => sample.Time));
    }
}

/// <summary>Counts what an export takes from its source.</summary>
internal sealed class ExportCount
{
    public long Samples { get; private set; }

    public DateTimeOffset? From { get; private set; }

    public DateTimeOffset? To { get; private set; }

    public ExportSource Of(ExportSource source) => source with { SamplesOf = index => Count(source.SamplesOf(index)), All = () => Count(source.All()) };

    private IEnumerable<MetricSample> Count(IEnumerable<MetricSample> samples)
    {
        foreach (var sample in samples)
        {
            Samples++;
            From = From < sample.Time ? From : sample.Time;
            To = To > sample.Time ? To : sample.Time;
            yield return sample;
        }
    }
}

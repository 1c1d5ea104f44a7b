using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Running.Outlets;

/// <summary>The newest sample of each series, as long as it can be taken for the present one. May be used by several threads.</summary>
internal sealed class LatestSamples(TimeProvider time)
{
    // As Export-Metric has it: of a server that is gone, the last values would be taken for those of now.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(15);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Server, string Name, string? Instance, string Unit), MetricSample> _samples = [];

    public void Take(IReadOnlyList<MetricSample> samples)
    {
        lock (_lock)
        {
            foreach (var sample in samples)
            {
                if (double.IsFinite(sample.Value)) _samples[(sample.Server, sample.Name, sample.Instance, sample.Unit)] = sample;
            }
        }
    }

    /// <summary>What there is now, as exact as it is kept.</summary>
    public IReadOnlyList<MetricSample> Read()
    {
        var since = time.GetUtcNow() - Fresh;
        lock (_lock)
        {
            foreach (var (key, sample) in _samples) if (sample.Time < since) _samples.Remove(key);
            return [.. _samples.Values.Select(static sample => sample with { Value = MetricPrecision.Round(sample.Value, sample.Unit) })];
        }
    }
}

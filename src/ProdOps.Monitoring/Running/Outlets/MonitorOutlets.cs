using ProdOps.Monitoring.Exporting;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Running.Outlets;

/// <summary>All ways by which what a monitor measures gets to others.</summary>
internal sealed class MonitorOutlets : IDisposable
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(5);

    // A monitor that has decided nothing for so long is held up by something.
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private readonly List<IOutlet> _outlets = [];
    private readonly LatestSamples? _latest;
    private long _decided;

    /// <param name="options">Which there are.</param>
    /// <param name="store">The monitor's store.</param>
    /// <param name="interval">How often servers are asked.</param>
    /// <param name="time">The clock.</param>
    /// <param name="activity">Where to report to.</param>
    /// <exception cref="ProdOpsException">The store cannot be written to, or a file of certificates cannot be read.</exception>
    public MonitorOutlets(OutletOptions options, MetricStore store, TimeSpan interval, TimeProvider time, IActivity activity)
    {
        (_time, _decided) = (time, time.GetTimestamp());
        if (options.Heartbeat is { } heartbeat) _outlets.Add(new Heartbeat(heartbeat.Sender, heartbeat.Environment, () => _time.GetElapsedTime(Volatile.Read(ref _decided)) < LongestPause, time, activity));
        if (options.Engine is { } engine) _outlets.Add(new EngineSink(store, engine, options.LongestDelay, time, activity));
        if (options.Listen is null && options.TextFile is null) return;
        var latest = _latest = new LatestSamples(time);
        if (options.Listen is { } address) _outlets.Add(new MetricsEndpoint(address, isOpen => OpenMetricsText.Lines(ExportSource.Of(latest.Read()), isOpen ? SampleTime.Seconds : SampleTime.Milliseconds, SilentActivity.Instance), time, activity));
        if (options.TextFile is { } path)
            _outlets.Add(new TextFileOutlet(path, interval < ShortestInterval ? ShortestInterval : interval, () => OpenMetricsText.Lines(ExportSource.Of(latest.Read()), SampleTime.None, SilentActivity.Instance), time, activity));
    }

    /// <summary>What is wrong with each; <see langword="null"/> where nothing is.</summary>
    public IEnumerable<(string Name, string? Trouble)> States => _outlets.Select(static outlet => (outlet.Name, outlet.Trouble));

    /// <summary>Is called whenever the monitor decides.</summary>
    public void Decided() => Volatile.Write(ref _decided, _time.GetTimestamp());

    /// <summary>Takes what was measured.</summary>
    public void Take(IReadOnlyList<MetricSample> samples) => _latest?.Take(samples);

    /// <summary>Begins to work, until it is called off.</summary>
    public IEnumerable<Task> Start(CancellationToken stop) => [.. _outlets.Select(outlet => outlet.RunAsync(stop))];

    public void Dispose()
    {
        foreach (var outlet in _outlets) (outlet as IDisposable)?.Dispose();
    }
}

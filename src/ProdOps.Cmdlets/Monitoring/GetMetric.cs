using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Store;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Shows what monitoring has measured: how it is, and how it came to be.</summary>
[Cmdlet(VerbsCommon.Get, "Metric")]
[OutputType(typeof(MetricSeries), typeof(MetricSample))]
public sealed class GetMetric : MetricCmdlet
{
    // Objects cross to the pipeline's thread by so many.
    private const int Batch = 1024;

    private static readonly TimeSpan Usual = TimeSpan.FromHours(24);

    /// <summary>The metrics.</summary>
    [Parameter(Position = 0, HelpMessage = "Metrics: names or wildcards, e.g. disk.used, cpu.*. Default: all.")]
    [ArgumentCompleter(typeof(MetricNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>How fine.</summary>
    [Parameter(HelpMessage = "How fine: every sample, or one value for 5 minutes or an hour. Default: Auto, what suits the length of time and is still kept of it.")]
    public MetricResolution Resolution { get; set; }

    /// <summary>What stands for 5 minutes or an hour.</summary>
    [Parameter(HelpMessage = "Which value stands for 5 minutes or an hour. Default: Average.")]
    public MetricFunction Function { get; set; }

    /// <summary>Emit samples one by one.</summary>
    [Parameter(HelpMessage = "Emit the samples one by one, of all series in the order of time, instead of one object a series.")]
    public SwitchParameter Samples { get; set; }

    /// <summary>Emit only the newest sample of each series.</summary>
    [Parameter(HelpMessage = "Emit only the newest sample of each series, whenever it was; with -Last or -After only if it is not older.")]
    public SwitchParameter Latest { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var (from, to) = Window(Usual);
        var store = await OpenStoreAsync();
        var series = await SeriesAsync(store, Name);
        if (series.Count == 0) return;
        if (Latest)
        {
            await WriteAllAsync([.. store.Latest(series).Where(sample => (!HasBeginning || sample.Time >= from) && (Before is null || sample.Time < to))]);
            return;
        }

        var query = new MetricQuery { From = from, To = to, Resolution = Resolution, Function = Function };
        long emitted = 0;
        if (Samples)
        {
            foreach (var batch in store.Query(series, query, cancellationToken).Chunk(Batch))
            {
                await WriteAllAsync(batch);
                emitted += batch.Length;
            }
        }
        else
        {
            foreach (var one in SeriesReader.Read(store, series, query, cancellationToken))
            {
                await WriteObjectAsync(one);
                emitted++;
            }
        }

        // Nothing at all looks like "all is well" to a script that counts.
        if (emitted == 0 && store.Latest(series) is { Count: > 0 } latest) Activity.Warning($"Nothing was measured in that time; the newest value is of {latest.Max(static sample => sample.Time).ToLocalTime():yyyy-MM-dd HH:mm:ss}.");
    }
}

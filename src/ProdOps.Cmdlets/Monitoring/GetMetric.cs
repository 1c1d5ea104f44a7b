using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Monitoring;
using ProdOps.Monitoring.Engines;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Store;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Shows what monitoring has measured: how it is, and how it came to be.</summary>
[Cmdlet(VerbsCommon.Get, "Metric", DefaultParameterSetName = NameSet)]
[OutputType(typeof(MetricSeries), typeof(MetricSample))]
public sealed class GetMetric : MetricCmdlet
{
    private const string NameSet = "Name", QuerySet = "Query";

    private static readonly TimeSpan Usual = TimeSpan.FromHours(24), LatestInEngine = TimeSpan.FromDays(7);

    /// <summary>The metrics.</summary>
    [Parameter(Position = 0, ParameterSetName = NameSet, HelpMessage = "Metrics: names or wildcards, e.g. disk.used, cpu.*. Default: all.")]
    [ArgumentCompleter(typeof(MetricNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>A query in the engine's language.</summary>
    [Parameter(Mandatory = true, ParameterSetName = QuerySet, HelpMessage = "A query in PromQL, over whatever the engine keeps: 'rate(node_cpu_seconds_total[5m])'.")]
    [Alias("PromQL")]
    [ValidateNotNullOrEmpty]
    public string? Query { get; set; }

    /// <summary>How far apart the values of a query are.</summary>
    [Parameter(ParameterSetName = QuerySet, HelpMessage = "How far apart the values of the query are, e.g. 1m. Default: by the length of the time, about 500 values.")]
    [Duration]
    public TimeSpan Step { get; set; }

    /// <summary>The unit of a query's values.</summary>
    [Parameter(ParameterSetName = QuerySet, HelpMessage = "The unit of the query's values, for those who read them: %, B, B/s, s, /s. Default: none.")]
    [ValidateSet("%", "B", "B/s", "s", "/s", "°C", IgnoreCase = false)]
    public string Unit { get; set; } = "";

    /// <summary>How fine.</summary>
    [Parameter(ParameterSetName = NameSet, HelpMessage = "How fine: every sample, or one value for 5 minutes or an hour. Default: Auto, what suits the length of time and is still kept of it.")]
    public MetricResolution Resolution { get; set; }

    /// <summary>What stands for 5 minutes or an hour.</summary>
    [Parameter(ParameterSetName = NameSet, HelpMessage = "Which value stands for 5 minutes or an hour. Default: Average.")]
    public MetricFunction Function { get; set; }

    /// <summary>Emit samples one by one.</summary>
    [Parameter(HelpMessage = "Emit the samples one by one, of all series in the order of time, instead of one object a series.")]
    public SwitchParameter Samples { get; set; }

    /// <summary>Emit only the newest sample of each series.</summary>
    [Parameter(HelpMessage = "Emit only the newest sample of each series, whenever it was, an engine's of the last seven days; with -Last or -After only if it is not older.")]
    public SwitchParameter Latest { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName == QuerySet) await AskAsync(cancellationToken);
        else if (Latest) await WriteLatestAsync(cancellationToken);
        else await WriteHistoryAsync(cancellationToken);
    }

    private async Task WriteLatestAsync(CancellationToken cancellationToken)
    {
        var (from, to) = Window(HasBeginning ? Usual : LatestInEngine);
        var source = await OpenSourceAsync();
        var series = await SeriesAsync(source, Name, (from, to), cancellationToken);
        await WriteAllAsync([.. (await source.LatestAsync(series, from, to, cancellationToken)).Where(sample => (!HasBeginning || sample.Time >= from) && (Before is null || sample.Time < to))]);
    }

    private async Task WriteHistoryAsync(CancellationToken cancellationToken)
    {
        var (from, to) = Window(Usual);
        var source = await OpenSourceAsync();
        var series = await SeriesAsync(source, Name, (from, to), cancellationToken);
        if (series.Count == 0) return;
        var query = new MetricQuery { From = from, To = to, Resolution = Resolution, Function = Function };
        long emitted = 0;
        if (Samples)
        {
            await foreach (var batch in source.QueryAsync(series, query, cancellationToken).Chunk(PipelineBatch).WithCancellation(cancellationToken))
            {
                await WriteAllAsync(batch);
                emitted += batch.Length;
            }
        }
        else
        {
            await foreach (var one in SeriesReader.ReadAsync(source, series, query, cancellationToken))
            {
                await WriteObjectAsync(one);
                emitted++;
            }
        }

        // Nothing at all looks like "all is well" to a script that counts.
        if (emitted == 0 && await source.LatestAsync(series, from - LatestInEngine, to, cancellationToken) is { Count: > 0 } latest)
            Activity.Warning($"Nothing was measured in that time; the newest value is of {latest.Max(static sample => sample.Time).ToLocalTime():yyyy-MM-dd HH:mm:ss}.");
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        var (from, to) = Window(Usual);
        var engine = await OpenEngineAsync() ?? throw MonitoringErrors.EngineMissing();
        var hosts = await NamesOfAsync(Server);
        var query = new EngineQuery(engine, Query!, Unit, await FindEnvironmentAsync());
        if (Latest)
        {
            await WriteAllAsync([.. (await query.AtAsync(Before ?? TimeProvider.System.GetUtcNow(), cancellationToken)).Where(sample => IsWanted(sample.Server, sample.Instance) && (!HasBeginning || sample.Time >= from))]);
            return;
        }

        var found = (await query.ReadAsync(from, to, Step > TimeSpan.Zero ? Step : EngineQuery.StepOf(to - from), cancellationToken)).Where(series => IsWanted(series.Server, series.Instance));
        if (!Samples) await WriteAllAsync([.. found]);
        else foreach (var batch in found.SelectMany(static series => series.Samples).OrderBy(static sample => sample.Time).Chunk(PipelineBatch)) await WriteAllAsync(batch);

        bool IsWanted(string server, string? instance) =>
            (hosts.Count == 0 || hosts.Any(host => NamePattern.IsMatch(host, server))) && (Instance.Length == 0 || Instance.Any(pattern => NamePattern.IsMatch(pattern, instance ?? "")));
    }
}

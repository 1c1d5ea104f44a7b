using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring;
using ProdOps.Monitoring.Exporting;
using ProdOps.Monitoring.Store;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Gives what was measured to other programs: as OpenMetrics, CSV, JSON, or what VictoriaMetrics imports.</summary>
[Cmdlet(VerbsData.Export, "Metric", SupportsShouldProcess = true, DefaultParameterSetName = StoreSet)]
[OutputType(typeof(MetricExport), typeof(string))]
public sealed class ExportMetric : MetricSourceCmdlet
{
    private const string StoreSet = "Store", InputSet = "Input";

    private static readonly TimeSpan Usual = TimeSpan.FromHours(24), Fresh = TimeSpan.FromMinutes(15), LatestInEngine = TimeSpan.FromDays(7);

    private readonly List<MetricSample> _inputs = [];

    /// <summary>The file.</summary>
    [Parameter(Position = 0, HelpMessage = "The file to write. Without it the lines go to the pipeline.")]
    [Alias("FilePath")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>What to export.</summary>
    [Parameter(Mandatory = true, ParameterSetName = InputSet, ValueFromPipeline = true, HelpMessage = "What Get-Metric or Get-HealthStatus emitted.")]
    [ValidateNotNull]
    public PSObject InputObject { get; set; } = null!;

    /// <summary>The metrics.</summary>
    [Parameter(ParameterSetName = StoreSet, HelpMessage = "Metrics: names or wildcards, e.g. disk.used, cpu.*. Default: all.")]
    [ArgumentCompleter(typeof(MetricNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>The servers.</summary>
    [Parameter(ParameterSetName = StoreSet, HelpMessage = "Only of these servers: names, wildcards, role:App, group:blue, or server objects. Default: all.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(MetricServerCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public ServerReference[]? Server { get; set; }

    /// <summary>Which of several.</summary>
    [Parameter(ParameterSetName = StoreSet, HelpMessage = "Only of these instances: mounts, devices, interfaces, e.g. /var or eth*. Default: all.")]
    [ArgumentCompleter(typeof(MetricInstanceCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Instance { get; set; } = [];

    /// <summary>How lines are written.</summary>
    [Parameter(HelpMessage = "How samples are written. Default: by the name, .csv or .json, else OpenMetrics.")]
    public MetricExportFormat? Format { get; set; }

    /// <summary>How fine.</summary>
    [Parameter(ParameterSetName = StoreSet, HelpMessage = "How fine: every sample, or one value for 5 minutes or an hour. Default: Auto, what suits the length of time and is still kept of it.")]
    public MetricResolution Resolution { get; set; }

    /// <summary>What stands for 5 minutes or an hour.</summary>
    [Parameter(ParameterSetName = StoreSet, HelpMessage = "Which value stands for 5 minutes or an hour. Default: Average.")]
    public MetricFunction Function { get; set; }

    /// <summary>Only the newest sample of each series.</summary>
    [Parameter(ParameterSetName = StoreSet, HelpMessage = "Only the newest sample of each series, an engine's of the last seven days; with -Last or -After only if it is not older.")]
    public SwitchParameter Latest { get; set; }

    /// <summary>Where an engine is.</summary>
    [Parameter(ParameterSetName = StoreSet, HelpMessage = "Where Prometheus or VictoriaMetrics is, e.g. http://metrics:8428. Default: the environment's Monitoring.Url if it has an Engine and no -Store is named; else the store is read.")]
    [ValidateNotNullOrEmpty]
    public override string? Url { get; set; }

    /// <summary>Replace a file that is there.</summary>
    [Parameter(HelpMessage = "Replace a file that is there. Who reads it meanwhile sees the old one or the new one, and never half of one.")]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName == InputSet) _inputs.AddRange(SamplesOf(InputObject.BaseObject));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName == InputSet && _inputs.Count == 0) return;
        string? path = Path is null ? null : await InvokeAsync(() => SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path));
        if (path is not null && File.Exists(path) && !Force) throw MonitoringErrors.ExportExists(path);
        var format = Format ?? FormatOf(path);
        var (source, isNewest) = await SourceAsync(format, cancellationToken);
        if (path is not null && !await ShouldProcessAsync(path, "Export metrics")) return;
        var count = new ExportCount();
        var lines = Lines(count.Of(source), format, isNewest);
        if (path is null)
        {
            foreach (string[] batch in lines.Chunk(PipelineBatch)) await WriteAllAsync(batch);
            return;
        }

        using var file = new ExportFile(path);
        foreach (string line in lines)
        {
            cancellationToken.ThrowIfCancellationRequested();
            file.Write(line, format == MetricExportFormat.Csv ? "\r\n" : "\n");
        }

        file.Complete();
        await WriteObjectAsync(new MetricExport { Path = path, Format = format, Series = source.Series.Count, Samples = count.Samples, Bytes = file.Bytes, From = count.From, To = count.To });
    }

    private static MetricExportFormat FormatOf(string? path) => System.IO.Path.GetExtension(path)?.ToUpperInvariant() switch
    {
        ".CSV" => MetricExportFormat.Csv,
        ".JSON" or ".JSONL" or ".NDJSON" => MetricExportFormat.Json,
        _ => MetricExportFormat.OpenMetrics,
    };

    private static IEnumerable<MetricSample> SamplesOf(object input) => input switch
    {
        MetricSample sample => [sample],
        MetricSeries series => series.Samples,
        ServerHealth health => health.Metrics,
        HealthCheckResult result => result.Metrics,
        _ => throw MonitoringErrors.NothingToExport(input.GetType().Name),
    };

    /// <summary>What is exported, and whether it is the newest sample of each series alone.</summary>
    private async Task<(ExportSource Source, bool IsNewest)> SourceAsync(MetricExportFormat format, CancellationToken cancellationToken)
    {
        bool isPresent = format == MetricExportFormat.OpenMetrics && !HasBeginning && Before is null;
        if (ParameterSetName == InputSet)
        {
            var given = ExportSource.Of(_inputs);
            return isPresent ? (given.Newest(), true) : (given, false);
        }

        var (from, to) = Window(Latest ? HasBeginning ? Usual : LatestInEngine : isPresent ? Fresh : Usual);
        var source = await OpenSourceAsync();
        var series = await SeriesAsync(source, (Server, Name, Instance), (from, to), cancellationToken);
        if (!isPresent && !Latest) return (ExportSource.Of(source, series, new MetricQuery { From = from, To = to, Resolution = Resolution, Function = Function }, cancellationToken), false);
        // Of a server that is gone the last values would be taken for those of now.
        bool isBounded = HasBeginning || !Latest;
        return (ExportSource.Of((await source.LatestAsync(series, from, to, cancellationToken)).Where(sample => (!isBounded || sample.Time >= from) && (Before is null || sample.Time < to))), true);
    }

    private IEnumerable<string> Lines(ExportSource source, MetricExportFormat format, bool isNewest) => format switch
    {
        MetricExportFormat.Csv => MetricText.Csv(source),
        MetricExportFormat.Json => MetricText.Json(source),
        MetricExportFormat.VictoriaMetrics => MetricText.VictoriaMetrics(source),
        _ => OpenMetricsText.Lines(source, isNewest ? SampleTime.None : SampleTime.Seconds, Activity),
    };
}

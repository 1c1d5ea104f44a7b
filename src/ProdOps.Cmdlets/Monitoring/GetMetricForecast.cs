using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Store.Chunks;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Says when metrics reach a limit if they go on as they did, and how sure that is.</summary>
[Cmdlet(VerbsCommon.Get, "MetricForecast")]
[OutputType(typeof(MetricForecast))]
public sealed class GetMetricForecast : MetricCmdlet
{
    private static readonly TimeSpan Usual = TimeSpan.FromDays(7);

    /// <summary>The metrics.</summary>
    [Parameter(Position = 0, HelpMessage = "Metrics: names or wildcards. Default: disk.used.")]
    [ArgumentCompleter(typeof(MetricNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["disk.used"];

    /// <summary>The limit.</summary>
    [Parameter(Position = 1, HelpMessage = "The limit: 90%, 10GiB, 500ms, 42; with a sign before it, as '< 10GiB', it also says which side is bad. Default: 100 %, or 0 % of what must not run out.")]
    [ValidateNotNullOrEmpty]
    public string? Threshold { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var (from, to) = Window(Usual);
        var named = Threshold is null ? null : ForecastLimit.Parse(Threshold);
        var source = await OpenSourceAsync();
        var query = new MetricQuery { From = from, To = to };
        var series = await SeriesAsync(source, Name, (from, to), cancellationToken);
        await foreach (var (forecast, error) in PointReader.MakeAsync(source, series, query, (one, points) => Forecast(one, points, named, (from, to)), cancellationToken))
        {
            if (forecast is not null) await WriteObjectAsync(forecast);
            else await WriteErrorAsync(error!);
        }
    }

    private static (MetricForecast? Forecast, ProdOpsException? Error) Forecast(SeriesRow series, List<Point> points, ForecastLimit? named, (DateTimeOffset From, DateTimeOffset To) asked)
    {
        try
        {
            var limit = named ?? ForecastLimit.Usual(series.Metric, series.Unit);
            limit.Check(series.Metric, series.Unit);
            var forecast = new MetricForecast { Server = series.Server, Name = series.Metric, Instance = series.Instance, Unit = series.Unit, Threshold = limit.Value, From = asked.From, To = asked.To };
            return (Forecaster.Of(forecast, points, limit.IsUpward(series.Metric, points.Count > 0 ? points[^1].Value : 0)), null);
        }
        catch (ProdOpsException error)
        {
            return (null, error);
        }
    }
}

using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Logging;
using ProdOps.Logging.Searching;

namespace ProdOps.Cmdlets.Logging;

/// <summary>Counts log entries over time and by fields, and measures a field of theirs.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "Log")]
[OutputType(typeof(LogMeasure))]
public sealed class MeasureLog : SearchingCmdlet
{
    /// <summary>Fields to group by.</summary>
    [Parameter(HelpMessage = "Fields to group by: Server, Source, Level, Status, or any other field of the entries.")]
    [ArgumentCompleter(typeof(LogFieldCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] By { get; set; } = [];

    /// <summary>The length of the intervals.</summary>
    [Parameter(HelpMessage = "Count by intervals of this length: 1m, 1h, 1d. Default: all in one.")]
    [Duration]
    [ValidateNotNull]
    public TimeSpan? Interval { get; set; }

    /// <summary>A field to measure.</summary>
    [Parameter(HelpMessage = "A field to measure: sum, average, least, greatest and percentiles of its numbers; durations in seconds.")]
    [ArgumentCompleter(typeof(LogFieldCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Property { get; set; }

    /// <summary>Only the most frequent groups.</summary>
    [Parameter(HelpMessage = "Only so many groups, the most frequent; the rest is one group together.")]
    [ValidateRange(1, 100_000)]
    public int Top { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (Interval is { } interval && interval <= TimeSpan.Zero) throw LoggingErrors.IntervalInvalid();
        var environment = await InvokeAsync(() => StoreAccess.EnvironmentOf(SessionState, Environment));
        var query = await CreateQueryOfAllAsync(environment);
        using var search = await OpenSearchAsync(environment);
        var options = new MeasureOptions { By = By, Interval = Interval, Property = Property, Top = Top > 0 ? Top : null };
        var measures = await search.Search.MeasureAsync(query, options, cancellationToken);
        await WriteAllAsync([.. measures.Select(ForView)]);
    }

    /// <summary>Intervals and measured fields have columns of their own, in views that a further type name chooses.</summary>
    private object ForView(LogMeasure measure)
    {
        string view = (Interval is null ? "" : "Interval") + (Property is null ? "" : "Measured");
        if (view.Length == 0) return measure;
        var viewed = new PSObject(measure);
        viewed.TypeNames.Insert(0, $"{typeof(LogMeasure).FullName}#{view}");
        return viewed;
    }
}

using ProdOps.Recovery.Consoles.Actions;
using ProdOps.Recovery.Reports.Html;

namespace ProdOps.Recovery.Consoles;

/// <summary>
/// A console: its gate and its pages. It shows, and does nothing unless it was asked to: without <see cref="ConsoleSources.Actions"/> no request changes anything but what is remembered to answer the next one faster,
/// and what would is not there.
/// </summary>
internal sealed class ConsoleSite : IDisposable
{
    private static readonly Dictionary<string, (string Resource, string Type)> Files = new(StringComparer.Ordinal)
    {
        ["/report.css"] = ("report.css", "text/css; charset=utf-8"),
        ["/console.css"] = ("console.css", "text/css; charset=utf-8"),
        ["/report.js"] = ("report.js", "text/javascript; charset=utf-8"),
        ["/console.js"] = ("console.js", "text/javascript; charset=utf-8"),
    };

    private readonly ConsoleGate _gate;
    private readonly LiveReport _live;
    private readonly ReportConsole _report;
    private readonly LogConsole _logs;
    private readonly MetricConsole _metrics;
    private readonly ActionConsole? _actions;

    /// <param name="sources">What it shows.</param>
    /// <param name="token">Who has it is let in.</param>
    /// <param name="ending">Ends with the console.</param>
    public ConsoleSite(ConsoleSources sources, string token, CancellationToken ending)
    {
        _live = new LiveReport(sources, ending);
        _report = new ReportConsole(_live, sources.Interval, sources.Time);
        _logs = new LogConsole(sources);
        _metrics = new MetricConsole(sources);
        _actions = sources.Actions is { } actions ? new ActionConsole(sources, actions, _live) : null;
        _gate = new ConsoleGate(token, _actions?.Paths ?? []);
    }

    /// <summary>Answers a request.</summary>
    public async Task<ConsoleAnswer> AnswerAsync(ConsoleRequest asked, CancellationToken cancellationToken)
    {
        var request = asked.Head;
        if (_gate.Check(request) is { } stopped) return stopped;
        if (_actions?.AnswerAsync(asked, cancellationToken) is { } acting) return await acting.ConfigureAwait(false);
        if (Files.TryGetValue(request.Path, out var file)) return ConsoleAnswer.Of(200, file.Type, HtmlReport.Resource(file.Resource));
        return request.Path switch
        {
            "/" => await _report.PageAsync(cancellationToken).ConfigureAwait(false),
            "/events" => _report.Events(request),
            "/logs" => _logs.Page(request),
            "/metrics" => await _metrics.PageAsync(request, cancellationToken).ConfigureAwait(false),
            _ => ConsoleAnswer.Refusal(404, "There is no such page. The report is at /, logs are at /logs, metrics at /metrics."),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _live.Dispose();
        _logs.Dispose();
    }
}

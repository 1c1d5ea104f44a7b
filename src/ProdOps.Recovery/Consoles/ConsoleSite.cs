using ProdOps.Recovery.Reports.Html;
using ProdOps.Servers.Http;

namespace ProdOps.Recovery.Consoles;

/// <summary>A console: its gate and its pages. It shows, and does nothing: no request changes anything but what is remembered to answer the next one faster.</summary>
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

    /// <param name="sources">What it shows.</param>
    /// <param name="token">Who has it is let in.</param>
    /// <param name="ending">Ends with the console.</param>
    public ConsoleSite(ConsoleSources sources, string token, CancellationToken ending)
    {
        _gate = new ConsoleGate(token);
        _live = new LiveReport(sources.Report, sources.Interval, sources.Time, ending);
        _report = new ReportConsole(_live, sources.Interval, sources.Time);
        _logs = new LogConsole(sources);
        _metrics = new MetricConsole(sources);
    }

    /// <summary>Answers a request.</summary>
    public async Task<ConsoleAnswer> AnswerAsync(HttpRequestHead request, CancellationToken cancellationToken)
    {
        if (_gate.Check(request) is { } stopped) return stopped;
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

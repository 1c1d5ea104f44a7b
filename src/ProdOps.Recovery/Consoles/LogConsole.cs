using System.Globalization;
using ProdOps.Logging.Searching;
using ProdOps.Recovery.Html;
using ProdOps.Recovery.Readiness.Gathering;
using ProdOps.Recovery.Reports;
using ProdOps.Recovery.Reports.Html;
using ProdOps.Servers.Http;
using ProdOps.Servers.Secrets;

namespace ProdOps.Recovery.Consoles;

/// <summary>A page that searches logs as Search-Log does: the form at once, then how many lines there are over time, then the newest as they are found. It ends when the browser goes.</summary>
internal sealed class LogConsole(ConsoleSources sources) : IDisposable
{
    private const int Intervals = 120, Usual = 500, Most = 10_000, AtOnce = 2;

    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(1);
    private static readonly LogLevel[] Levels = [LogLevel.Emergency, LogLevel.Alert, LogLevel.Critical, LogLevel.Error, LogLevel.Warning, LogLevel.Notice, LogLevel.Informational, LogLevel.Debug];

    // A search takes all cores.
    private readonly SemaphoreSlim _free = new(AtOnce);

    public ConsoleAnswer Page(HttpRequestHead request)
    {
        var wanted = request.Parameters();
        return new ConsoleAnswer(200, ConsoleAnswer.Page) { Write = (output, gone) => WriteAsync(output, wanted, isAsked: request.Query.Length > 0, gone) };
    }

    private async Task WriteAsync(ConsoleOutput output, IReadOnlyDictionary<string, string> wanted, bool isAsked, CancellationToken gone)
    {
        TimeChoice? time = null;
        string problem = "";
        LogQuery? query = null;
        try
        {
            time = TimeChoice.Of(wanted, "1h", sources.Zone, sources.Time.GetUtcNow());
            query = QueryOf(wanted, time);
        }
        catch (ProdOpsException error)
        {
            problem = $"{error.Message} {error.Recommendation}";
        }

        var begin = ConsoleLayout.Begin("/logs", "Logs", "found", reload: 0, new HtmlWriter()).Add($"<main>\n");
        Form(begin, wanted, time ?? TimeChoice.Of(new Dictionary<string, string>(), "1h", sources.Zone, sources.Time.GetUtcNow()));
        begin.Add($"<section id=\"found\" aria-labelledby=\"found-title\">\n<h2 id=\"found-title\">{(isAsked ? "Lines that were found" : "The newest lines")}</h2>\n");
        await output.WriteAsync(begin.ToString(), gone).ConfigureAwait(false);
        if (query is not null)
        {
            try
            {
                await _free.WaitAsync(gone).ConfigureAwait(false);
                try
                {
                    await SearchAsync(output, wanted, query, time!, gone).ConfigureAwait(false);
                }
                finally
                {
                    _free.Release();
                }
            }
            // A store that cannot be read, or an engine that does not answer; where it was the browser that has gone, what follows fails as well.
            catch (Exception error) when (error is ProdOpsException or IOException or UnauthorizedAccessException && !gone.IsCancellationRequested)
            {
                problem = $"{error.Message} {(error as ProdOpsException)?.Recommendation}";
            }
        }

        var end = new HtmlWriter();
        if (problem.Length > 0) end.Add($"<p class=\"problem\" role=\"alert\">{SecretRedactor.Shared.Redact(problem)}</p>\n");
        await output.WriteAsync(end.Add($"</section>\n</main>\n{ConsoleLayout.End(new HtmlWriter().Add($"Times are of {sources.Zone.Id}. Search-Log finds the same, and more of it."))}").ToString(), gone).ConfigureAwait(false);
    }

    private async Task SearchAsync(ConsoleOutput output, IReadOnlyDictionary<string, string> wanted, LogQuery query, TimeChoice time, CancellationToken gone)
    {
        var problems = new ProblemActivity();
        using var open = await sources.Logs(problems).ConfigureAwait(false);
        query = query with { Servers = await sources.ServersOf(query.Servers).ConfigureAwait(false) };
        var interval = TimeSpan.FromSeconds(Math.Max(LeastInterval.TotalSeconds, Math.Ceiling(time.Length.TotalSeconds / Intervals)));
        var counts = await open.Search.MeasureAsync(query with { Newest = null }, new MeasureOptions { By = ["Level"], Interval = interval }, gone).ConfigureAwait(false);
        var html = new HtmlWriter();
        LogSection.Histogram(html, new LogReport { Interval = interval, Counts = counts }, time.To, sources.Zone, at => PageAddress.Of("/logs", Others(wanted).Concat(time.Between(at, at + interval).Parameters())));
        long all = counts.Sum(static count => count.Count);
        if (all == 0) html.Add($"<p class=\"dim\">Nothing was found in that time.</p>\n");
        else html.Add($"<p class=\"about\" id=\"count\">{(all > query.Newest ? $"The newest {query.Newest:N0} of {all:N0}." : $"{all:N0} in all.")}</p>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Lines\"><table>\n<caption>Lines</caption>\n<thead><tr>").Each(LogSection.Columns, static (head, column) => head.Add($"<th scope=\"col\">{column}</th>")).Add($"</tr></thead>\n<tbody>\n");
        await output.WriteAsync(html.ToString(), gone).ConfigureAwait(false);
        if (all > 0)
        {
            await foreach (var batch in open.Search.SearchAsync(query, gone).ConfigureAwait(false))
            {
                var rows = new HtmlWriter();
                foreach (var entry in batch)
                {
                    rows.Add($"<tr>");
                    LogSection.Cells(rows, entry, sources.Zone);
                    rows.Add($"</tr>\n");
                }

                await output.WriteAsync(rows.ToString(), gone).ConfigureAwait(false);
            }

            await output.WriteAsync("</tbody>\n</table></div>\n", gone).ConfigureAwait(false);
        }

        var told = new HtmlWriter().Each(problems.Found, static (each, problem) => each.Add($"<p class=\"problem\">Not all could be read: {problem}</p>\n"));
        await output.WriteAsync(told.ToString(), gone).ConfigureAwait(false);
    }

    private LogQuery QueryOf(IReadOnlyDictionary<string, string> wanted, TimeChoice time)
    {
        string text = Of(wanted, "q"), where = Of(wanted, "where").Trim();
        return new LogQuery
        {
            Patterns = text.Length > 0 ? [text] : [],
            IsRegex = Of(wanted, "regex").Length > 0,
            Level = Enum.TryParse(Of(wanted, "level"), out LogLevel level) && Levels.Contains(level) ? level : null,
            Servers = Names(Of(wanted, "server")),
            Sources = Names(Of(wanted, "source")),
            After = time.From,
            Before = time.To,
            Newest = Limit(wanted),
            Where = where.Length > 0 ? sources.Condition(where) : null,
        };
    }

    private static int Limit(IReadOnlyDictionary<string, string> wanted) => int.TryParse(Of(wanted, "limit"), NumberStyles.None, CultureInfo.InvariantCulture, out int limit) && limit > 0 ? Math.Min(limit, Most) : Usual;

    private static string Of(IReadOnlyDictionary<string, string> wanted, string name) => wanted.GetValueOrDefault(name, "");

    /// <summary>Names as they are typed: with commas or spaces between them.</summary>
    internal static string[] Names(string text) => text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static IEnumerable<(string, string)> Others(IReadOnlyDictionary<string, string> wanted) => ((string[])["q", "regex", "where", "level", "server", "source", "limit"]).Select(name => (name, Of(wanted, name)));

    private static void Form(HtmlWriter html, IReadOnlyDictionary<string, string> wanted, TimeChoice time)
    {
        html.Add($"<form class=\"ask\" action=\"/logs\" method=\"get\" role=\"search\" aria-label=\"Search logs\">\n<label>Text <input type=\"search\" name=\"q\" value=\"{Of(wanted, "q")}\" autocomplete=\"off\"></label>\n");
        if (Of(wanted, "regex").Length > 0) html.Add($"<label class=\"check\"><input type=\"checkbox\" name=\"regex\" value=\"on\" checked=\"checked\"> regular expression</label>\n");
        else html.Add($"<label class=\"check\"><input type=\"checkbox\" name=\"regex\" value=\"on\"> regular expression</label>\n");
        html.Add($"<label>Condition <input type=\"text\" name=\"where\" value=\"{Of(wanted, "where")}\" placeholder=\"$_.Status -ge 500\" maxlength=\"1000\" autocomplete=\"off\" spellcheck=\"false\"></label>\n<label>As bad as <select name=\"level\"><option value=\"\">any</option>");
        foreach (var level in Levels)
        {
            if (level.ToString() == Of(wanted, "level")) html.Add($"<option selected=\"selected\">{level.ToString()}</option>");
            else html.Add($"<option>{level.ToString()}</option>");
        }

        html.Add($"</select></label>\n<label>Servers <input type=\"text\" name=\"server\" value=\"{Of(wanted, "server")}\" placeholder=\"web*, role:App\" autocomplete=\"off\"></label>\n<label>Sources <input type=\"text\" name=\"source\" value=\"{Of(wanted, "source")}\" placeholder=\"nginx*\" autocomplete=\"off\"></label>\n");
        time.Fields(html);
        html.Add($"<label>At most <input type=\"number\" name=\"limit\" min=\"1\" max=\"{Most}\" value=\"{Limit(wanted)}\"></label>\n<button>Search</button>\n</form>\n");
    }

    /// <inheritdoc/>
    public void Dispose() => _free.Dispose();
}

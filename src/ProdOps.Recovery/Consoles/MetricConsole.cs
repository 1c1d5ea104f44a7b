using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Store;
using ProdOps.Recovery.Html;
using ProdOps.Recovery.Reports.Html;
using ProdOps.Servers.Http;
using ProdOps.Servers.Secrets;

namespace ProdOps.Recovery.Consoles;

/// <summary>A page of metrics: a chart for each series that is chosen, of a time that can be narrowed and widened. What is shown is read anew each time, as fine as the time allows.</summary>
internal sealed class MetricConsole(ConsoleSources sources)
{
    private const int MostCharts = 24, MostProposals = 500;

    // Who looks at what is now sees it go on.
    private const int Seconds = 30;

    public async Task<ConsoleAnswer> PageAsync(HttpRequestHead request, CancellationToken cancellationToken)
    {
        var wanted = request.Parameters();
        var content = new HtmlWriter();
        TimeChoice? time = null;
        string problem = "";
        try
        {
            time = TimeChoice.Of(wanted, "24h", sources.Zone, sources.Time.GetUtcNow());
            await ContentAsync(content, wanted, time, cancellationToken).ConfigureAwait(false);
        }
        catch (ProdOpsException error)
        {
            problem = SecretRedactor.Shared.Redact($"{error.Message} {error.Recommendation}");
        }

        time ??= TimeChoice.Of(new Dictionary<string, string>(), "24h", sources.Zone, sources.Time.GetUtcNow());
        var page = ConsoleLayout.Begin("/metrics", "Metrics", "charts", reload: 0, new HtmlWriter()).Add($"<main data-again=\"{(time.Last.Length > 0 && problem.Length == 0 ? Seconds : 0)}\">\n");
        if (problem.Length > 0)
        {
            Form(page, (Of(wanted, "server", ""), Of(wanted, "metric", ""), Of(wanted, "instance", "")), ([], []), time);
            page.Add($"<p class=\"problem\" role=\"alert\">{problem}</p>\n");
        }

        return ConsoleAnswer.Of(200, page.Add($"{content}</main>\n{ConsoleLayout.End(new HtmlWriter().Add($"Times are of {sources.Zone.Id}. Get-Metric has the numbers."))}"));
    }

    private async Task ContentAsync(HtmlWriter html, IReadOnlyDictionary<string, string> wanted, TimeChoice time, CancellationToken cancellationToken)
    {
        using var open = await sources.Metrics().ConfigureAwait(false);
        var known = await sources.ServerNames().ConfigureAwait(false);
        string server = Of(wanted, "server", known.Count > 0 ? known[0] : "*"), metric = Of(wanted, "metric", "cpu.busy"), instance = Of(wanted, "instance", "");
        var servers = await sources.ServersOf(LogConsole.Names(server)).ConfigureAwait(false);
        var there = await open.Source.SeriesAsync(servers, [], [], time.From, time.To, cancellationToken).ConfigureAwait(false);
        if (known.Count == 0) known = [.. there.Select(static one => one.Server).Distinct().Order(StringComparer.OrdinalIgnoreCase)];
        Form(html, (server, metric, instance), (known, [.. there.Select(static one => one.Metric).Distinct().Order(StringComparer.Ordinal)]), time);
        var chosen = await open.Source.SeriesAsync(servers, LogConsole.Names(metric), instance.Length > 0 ? [instance] : [], time.From, time.To, cancellationToken).ConfigureAwait(false);
        html.Add($"<section id=\"charts\" aria-labelledby=\"charts-title\">\n<h2 id=\"charts-title\">{(metric == "*" ? "All metrics" : metric)} of {(server == "*" ? "all servers" : server)}</h2>\n");
        Steps(html, (server, metric, instance), time);
        int count = 0;
        foreach (var one in chosen.Take(MostCharts))
        {
            var values = new MetricValues(time.From, time.To);
            await foreach (var (_, rollup) in open.Source.RollupsAsync([one], new MetricQuery { From = time.From, To = time.To }, cancellationToken).ConfigureAwait(false)) values.Add(rollup);
            MetricChart.Write(html, count++, one, values, sources.Zone);
        }

        if (count == 0) html.Add($"<p class=\"dim\">There is no such metric of it.{(there.Count > 0 ? $" There are: {string.Join(", ", there.Select(static one => one.Metric).Distinct().Order(StringComparer.Ordinal).Take(60))}." : "")}</p>\n");
        if (chosen.Count > MostCharts) html.Add($"<p class=\"dim\">{chosen.Count - MostCharts} more are not shown: choose fewer servers, or an instance.</p>\n");
        html.Add($"</section>\n");
    }

    /// <summary>Another time by links, which need neither a mouse nor a script.</summary>
    private void Steps(HtmlWriter html, (string Server, string Metric, string Instance) of, TimeChoice time)
    {
        var now = sources.Time.GetUtcNow();
        var (half, whole) = (time.Length / 2, time.Length);
        html.Add($"<p class=\"steps-of-time\"><span>{Page.Time(time.From, time.Zone)} to {Page.Time(time.To, time.Zone)}</span> ");
        Step("earlier", "Earlier", time.From - half, time.To - half);
        if (time.To + half < now + whole) Step("later", "Later", time.From + half, time.To + half);
        Step("out", "Zoom out", time.From - half, time.To + half < now ? time.To + half : now);
        Step("in", "Zoom in", time.From + (whole / 4), time.To - (whole / 4));
        html.Add($"</p>\n");

        void Step(string id, string name, DateTimeOffset from, DateTimeOffset to) =>
            html.Add($"<a id=\"{id}\" href=\"{PageAddress.Of("/metrics", [("server", of.Server), ("metric", of.Metric), ("instance", of.Instance), .. time.Between(from, to).Parameters()])}\">{name}</a> ");
    }

    private static void Form(HtmlWriter html, (string Server, string Metric, string Instance) of, (IReadOnlyList<string> Servers, IReadOnlyList<string> Metrics) known, TimeChoice time)
    {
        html.Add($"<form class=\"ask\" action=\"/metrics\" method=\"get\" aria-label=\"Choose metrics\">\n<label>Servers <input type=\"text\" name=\"server\" list=\"servers\" value=\"{of.Server}\" placeholder=\"web1, role:App\" autocomplete=\"off\"></label>\n<label>Metric <input type=\"text\" name=\"metric\" list=\"known\" value=\"{of.Metric}\" placeholder=\"disk.*\" autocomplete=\"off\"></label>\n<label>Instance <input type=\"text\" name=\"instance\" value=\"{of.Instance}\" placeholder=\"/var, eth*\" autocomplete=\"off\"></label>\n");
        time.Fields(html);
        html.Add($"<button>Show</button>\n</form>\n");
        Proposals("servers", known.Servers);
        Proposals("known", known.Metrics);

        void Proposals(string id, IReadOnlyList<string> names) =>
            html.Add($"<datalist id=\"{id}\">").Each(names.Take(MostProposals), static (each, name) => each.Add($"<option value=\"{name}\"></option>")).Add($"</datalist>\n");
    }

    private static string Of(IReadOnlyDictionary<string, string> wanted, string name, string usual) => wanted.GetValueOrDefault(name, "").Trim() is { Length: > 0 } value ? value : usual;
}

/// <summary>Where metrics are read from, and what is given back when they are read.</summary>
internal readonly record struct OpenMetrics(IMetricSource Source, IDisposable Owner) : IDisposable
{
    public void Dispose() => Owner.Dispose();
}

using ProdOps.Monitoring;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Running;
using ProdOps.Recovery.Html;
using ProdOps.Recovery.Reports.Html;
using static System.FormattableString;

namespace ProdOps.Recovery.Consoles.Actions;

/// <summary>Somebody takes an incident on, as with Confirm-HealthEvent.</summary>
internal sealed class AcknowledgeAction(ConsoleSources sources, ActionSources acting) : ConsoleAction
{
    private static readonly string[] Usual = ["30m", "1h", "2h", "4h", "8h", "24h"];

    public override string Path => ActionLinks.AcknowledgePath;

    public override string Title => "Acknowledge an incident";

    public override string Button => "Acknowledge";

    public override string About => "You work on it: nobody is reminded of it, and nobody else is called, until it is over or gets worse.";

    public override async Task<PreparedAction> PrepareAsync(FormValues values, CancellationToken cancellationToken)
    {
        var folder = await acting.Folder().ConfigureAwait(false);
        var told = Find(folder, values.Number("incident"), cancellationToken);
        string what = told.Instance is { } instance ? $"{told.Check} {instance}" : told.Check;
        (string, HtmlWriter)[] facts =
        [
            ("Incident", new HtmlWriter().Add($"{told.Number}")),
            ("Where", PreparedAction.Plain(told.Server)),
            ("What", PreparedAction.Plain(told.Message.Length > 0 ? $"{what}: {told.Message}" : what)),
            ("State", Page.State(ReportText.Of(told.State ?? HealthState.Unknown))),
            ("Since", Page.Time(told.Time, sources.Zone)),
            ("Taken on by", PreparedAction.Plain(told.By.Length > 0 ? told.By : "nobody")),
        ];
        // Others may have taken it on meanwhile, or it may have got worse: then it is decided anew.
        return new PreparedAction(facts, Invariant($"{told.Number} {told.State} {told.By}"), async token =>
        {
            string by = values.Who(acting.By);
            var until = values.Duration("for", "") is { } length ? sources.Time.GetUtcNow() + length : (DateTimeOffset?)null;
            await new RequestDesk(folder, sources.Time, acting.Activity).AskAsync(new AcknowledgeRequest(told.Number, by, values.Text("comment"), until, values.Has("sticky")), token).ConfigureAwait(false);
            return Invariant($"{by} acknowledged incident {told.Number} of {told.Server}.");
        });
    }

    public override void Fields(HtmlWriter html, FormValues values)
    {
        html.Add($"<input type=\"hidden\" name=\"incident\" value=\"{values.Number("incident")}\">\n");
        ActionForm.Text(html, "What you do about it", "comment", values.Text("comment"), isFirst: true);
        ActionForm.Durations(html, "For", values.Text("for"), Usual, "until it is over");
        ActionForm.Check(html, "also if it gets worse", "sticky", values.Has("sticky"));
    }

    private HealthEvent Find(MonitoringFolder folder, long number, CancellationToken cancellationToken)
    {
        using var store = folder.Open(sources.Time, acting.Activity, readOnly: true);
        var state = store.Monitor.Load(cancellationToken);
        long incident = IncidentFinder.Find(store, state, number, cancellationToken);
        return OpenIncidents.Of(state, static _ => "").FirstOrDefault(open => open.Number == incident) ?? throw MonitoringErrors.IncidentNotFound(incident);
    }
}

using ProdOps.Monitoring;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using ProdOps.Recovery.Html;
using ProdOps.Recovery.Reports.Html;

namespace ProdOps.Recovery.Consoles.Actions;

/// <summary>Somebody ends announced work before its time, as with Resume-HealthCheck.</summary>
internal sealed class ResumeAction(ConsoleSources sources, ActionSources acting) : ConsoleAction
{
    public override string Path => ActionLinks.ResumePath;

    public override string Title => "Resume notifications";

    public override string Button => "Resume";

    public override string About => "The announced work is over. What is still wrong is told.";

    public override async Task<PreparedAction> PrepareAsync(FormValues values, CancellationToken cancellationToken)
    {
        var folder = await acting.Folder().ConfigureAwait(false);
        var set = Find(folder, values.Number("downtime"), cancellationToken);
        var downtime = Downtimes.Of(set, sources.Time.GetUtcNow());
        (string, HtmlWriter)[] facts =
        [
            ("Paused", PreparedAction.Plain(downtime.ToString())),
            ("Since", Page.Time(downtime.From, sources.Zone)),
            ("Until", downtime.Until is { } until ? Page.Time(until, sources.Zone) : PreparedAction.Plain("it is resumed")),
            ("Why", PreparedAction.Plain(downtime.Reason)),
            ("By", PreparedAction.Plain(downtime.By)),
        ];
        // A number is of one downtime for ever.
        return new PreparedAction([.. facts.Where(static fact => fact.Item2.ToString().Length > 0)], "", async token =>
        {
            string by = values.Who(acting.By);
            await new RequestDesk(folder, sources.Time, acting.Activity).AskAsync(new EndDowntimeRequest(set.Id, by), token).ConfigureAwait(false);
            return $"{by} resumed {downtime}.";
        });
    }

    public override void Fields(HtmlWriter html, FormValues values) => html.Add($"<input type=\"hidden\" name=\"downtime\" value=\"{values.Number("downtime")}\">\n");

    private Downtime Find(MonitoringFolder folder, long number, CancellationToken cancellationToken)
    {
        using var store = folder.Open(sources.Time, acting.Activity, readOnly: true);
        var downtime = store.Monitor.LoadDowntimes(cancellationToken).GetValueOrDefault(number) ?? throw MonitoringErrors.DowntimeNotFound(number);
        return downtime.Source is { } source ? throw MonitoringErrors.DowntimeElsewhere(number, source, downtime.Silence ?? "") : downtime;
    }
}

using ProdOps.Monitoring;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using ProdOps.Recovery.Html;
using ProdOps.Recovery.Reports.Html;
using static System.FormattableString;

namespace ProdOps.Recovery.Consoles.Actions;

/// <summary>Somebody says that what a check looked at is gone for good, as with Remove-HealthCheck.</summary>
internal sealed class ForgetAction(ConsoleSources sources, ActionSources acting) : ConsoleAction
{
    public override string Path => ActionLinks.ForgetPath;

    public override string Title => "Forget a check";

    public override string Button => "Forget";

    public override string About => "What it looked at is gone for good. Its problem is over then, and whoever was told of it is told that. What was measured stays; if it appears again, it is a new check.";

    public override async Task<PreparedAction> PrepareAsync(FormValues values, CancellationToken cancellationToken)
    {
        var folder = await acting.Folder().ConfigureAwait(false);
        var key = new CheckKey(values.Text("server"), values.Text("check"), values.Text("instance") is { Length: > 0 } instance ? instance : null);
        var check = Find(folder, key, cancellationToken);
        (string, HtmlWriter)[] facts =
        [
            ("Server", PreparedAction.Plain(key.Server)),
            ("Check", PreparedAction.Plain(key.Instance is null ? key.Rule : $"{key.Rule} {key.Instance}")),
            ("State", Page.State(ReportText.Of(check.Shown))),
            ("Since", Page.Time(check.Since, sources.Zone)),
            ("What", PreparedAction.Plain(check.Message ?? "")),
        ];
        // It may be measured again meanwhile.
        return new PreparedAction(facts, Invariant($"{key} {check.Shown} {check.Missing} {check.Since:O}"), async token =>
        {
            string by = values.Who(acting.By);
            await new RequestDesk(folder, sources.Time, acting.Activity).AskAsync(new ForgetRequest(key, by, values.Text("reason") is { Length: > 0 } reason ? reason : null, Force: false), token).ConfigureAwait(false);
            return $"{by} forgot {key}.";
        });
    }

    public override void Fields(HtmlWriter html, FormValues values)
    {
        foreach (string name in (string[])["server", "check", "instance"]) html.Add($"<input type=\"hidden\" name=\"{name}\" value=\"{values.Text(name)}\">\n");
        ActionForm.Text(html, "Why", "reason", values.Text("reason"), placeholder: "the disk was taken out", isFirst: true);
    }

    private CheckState Find(MonitoringFolder folder, CheckKey key, CancellationToken cancellationToken)
    {
        using var store = folder.Open(sources.Time, acting.Activity, readOnly: true);
        return store.Monitor.Load(cancellationToken).Checks.GetValueOrDefault(key) ?? throw MonitoringErrors.CheckNotMonitored(key.ToString());
    }
}

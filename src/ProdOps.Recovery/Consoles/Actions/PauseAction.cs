using System.Globalization;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using ProdOps.Recovery.Html;
using ProdOps.Recovery.Reports.Html;
using ProdOps.Servers.Inventory;

namespace ProdOps.Recovery.Consoles.Actions;

/// <summary>Somebody announces work on servers or on a check, as with Suspend-HealthCheck.</summary>
internal sealed class PauseAction(ConsoleSources sources, ActionSources acting) : ConsoleAction
{
    private const int MostNamed = 50;
    private const string UsualLength = "30m";

    private static readonly string[] Usual = ["15m", UsualLength, "1h", "2h", "4h", "8h", "24h", "7d"];

    public override string Path => ActionLinks.PausePath;

    public override string Title => "Pause notifications";

    public override string Button => "Pause";

    public override string About => "It is measured on, and nobody is told, nor is anything done about it. What is still wrong when the pause is over is told then.";

    public override async Task<PreparedAction> PrepareAsync(FormValues values, CancellationToken cancellationToken)
    {
        var folder = await acting.Folder().ConfigureAwait(false);
        string typed = values.Text("server");
        var (named, check, instance) = (LogConsole.Names(typed), Pattern("check"), Pattern("instance"));
        var (patterns, unknown) = await PatternsAsync(named).ConfigureAwait(false);
        var keys = Keys(folder, cancellationToken);
        var known = (await sources.ServerNames().ConfigureAwait(false)).Concat(keys.Select(static key => key.Server)).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        string[] servers = [.. known.Where(name => patterns.Any(pattern => NamePattern.IsMatch(pattern, name))).Order(StringComparer.OrdinalIgnoreCase)];
        bool isWhole = check is null && instance is null;
        string[] checks = isWhole ? [] : [.. keys.Where(key => patterns.Any(pattern => new Downtime { Server = pattern, Rule = check, Instance = instance }.Covers(key))).Select(static key => key.ToString()).Order(StringComparer.OrdinalIgnoreCase)];
        (string, HtmlWriter)[] facts = named.Length == 0 ? [] :
        [
            ("Servers", PreparedAction.Plain(servers.Length == 0 ? "none that is known" : Some(servers))),
            ("Checks", PreparedAction.Plain(isWhole ? "all" : checks.Length == 0 ? "none that has been measured" : Some(checks))),
        ];
        // Where it is more or less than what was typed, that has to be seen first.
        bool isPlain = servers.SequenceEqual(named.Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase) && (isWhole || checks.Length > 0);
        return new PreparedAction(facts, isPlain || servers.Length == 0 ? "" : string.Join('\n', [.. servers, "", .. checks]), async token =>
        {
            if (servers.Length == 0) throw unknown ?? RecoveryErrors.ConsoleServerMissing(typed);
            var (by, now) = (values.Who(acting.By), sources.Time.GetUtcNow());
            var until = values.Duration("for", UsualLength) is { } length ? now + length : DateTimeOffset.MaxValue;
            foreach (string server in patterns)
            {
                var downtime = new Downtime { Server = server, Rule = check, Instance = instance, From = now, Until = until, Reason = values.Text("reason"), By = by };
                await new RequestDesk(folder, sources.Time, acting.Activity).AskAsync(new DowntimeRequest(downtime), token).ConfigureAwait(false);
            }

            string what = string.Join(' ', ((string?[])[string.Join(", ", patterns), check, instance]).Where(static part => part is not null));
            return until == DateTimeOffset.MaxValue ? $"{by} paused {what} until it is resumed." : $"{by} paused {what} until {TimeZoneInfo.ConvertTime(until, sources.Zone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}.";
        });

        string? Pattern(string name) => values.Text(name) is { Length: > 0 } pattern ? pattern : null;
    }

    public override void Fields(HtmlWriter html, FormValues values)
    {
        ActionForm.Text(html, "Servers", "server", values.Text("server"), placeholder: "web1, role:App", isNeeded: true);
        ActionForm.Text(html, "Check", "check", values.Text("check"), placeholder: "all");
        ActionForm.Text(html, "Instance", "instance", values.Text("instance"), placeholder: "all");
        ActionForm.Durations(html, "For", values.Text("for", UsualLength), Usual, "until it is resumed");
        ActionForm.Text(html, "Why", "reason", values.Text("reason"), placeholder: "deploy, new disk", isFirst: true);
    }

    /// <summary>What the names stand for, or why they stand for nothing: what was typed stays in the form then.</summary>
    private async Task<(IReadOnlyList<string> Patterns, ProdOpsException? Unknown)> PatternsAsync(string[] named)
    {
        try
        {
            return (named.Length == 0 ? [] : await sources.ServersOf(named).ConfigureAwait(false), null);
        }
        catch (ProdOpsException error)
        {
            return ([], error);
        }
    }

    /// <summary>All that was ever measured; nothing where no monitor has run.</summary>
    private IReadOnlyCollection<CheckKey> Keys(MonitoringFolder folder, CancellationToken cancellationToken)
    {
        if (!File.Exists(folder.StorePath)) return [];
        using var store = folder.Open(sources.Time, acting.Activity, readOnly: true);
        return store.Monitor.Load(cancellationToken).Checks.Keys;
    }

    private static string Some(string[] names) => names.Length <= MostNamed ? string.Join(", ", names) : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", names.Take(MostNamed))} and {names.Length - MostNamed} more");
}

using System.Globalization;
using System.Text;

namespace ProdOps.Servers.Schedules;

/// <summary>The text of a schedule's timer and service. Lists in it may repeat, so that each time of the schedule is a line.</summary>
internal static class SystemdUnits
{
    private const string Header = "# Made by ProdOps (Register-ProdOpsSchedule). Registering it again writes this file anew.";

    /// <summary>Keeps colours and calls home out of what runs unattended.</summary>
    public static IReadOnlyList<string> Environment { get; } = ["NO_COLOR=1", "POWERSHELL_TELEMETRY_OPTOUT=1", "POWERSHELL_UPDATECHECK=Off"];

    public static string UnitName(string name) => $"prodops-{name}";

    /// <summary>The calendar events of a definition, in order.</summary>
    public static IReadOnlyList<string> Calendars(ScheduleDefinition definition) =>
    [
        .. (definition.Daily ?? []).Select(CalendarText.Daily),
        .. definition.Every > TimeSpan.Zero && CalendarText.Every(definition.Every) is { } even ? [even] : Array.Empty<string>(),
        .. (definition.Cron ?? []).SelectMany(cron => CalendarText.FromCron(CronExpression.Parse(cron))),
        .. definition.Calendar ?? [],
    ];

    /// <summary>When it runs.</summary>
    public static string Timer(ScheduleDefinition definition)
    {
        var text = Begin(definition).Append("\n[Timer]\n");
        var calendars = Calendars(definition);
        foreach (string calendar in calendars) text.Append("OnCalendar=").Append(UnitText.Value(calendar)).Append('\n');
        if (definition.Every > TimeSpan.Zero && CalendarText.Every(definition.Every) is null)
            text.Append($"OnActiveSec={Span(definition.Every)}\nOnUnitActiveSec={Span(definition.Every)}\n");
        if (definition.RandomDelay > TimeSpan.Zero) text.Append($"RandomizedDelaySec={Span(definition.RandomDelay)}\n");
        // Without it systemd may take up to a minute to gather timers.
        text.Append("AccuracySec=1s\n");
        // Makes up for a run that was missed while the machine was off.
        if (calendars.Count > 0) text.Append("Persistent=true\n");
        return text.Append("\n[Install]\nWantedBy=timers.target\n").ToString();
    }

    /// <summary>What runs: once each time, or always. A service that is still at work is not started again: runs never overlap.</summary>
    /// <param name="definition">The schedule.</param>
    /// <param name="runner">The program's full path on the server.</param>
    /// <param name="user">The account, or <see langword="null"/> for a unit of the user's own manager.</param>
    public static string Service(ScheduleDefinition definition, string runner, string? user)
    {
        var text = Begin(definition);
        if (user is not null) text.Append("Wants=network-online.target\nAfter=network-online.target\n");
        text.Append(definition.Always ? AlwaysSettings(user) : "\n[Service]\nType=oneshot\n");
        // Named even when it is root: that is what sets HOME.
        if (user is not null) text.Append("User=").Append(UnitText.Value(user)).Append('\n');
        text.Append("Environment=").AppendJoin(' ', Environment).Append('\n');
        text.Append("SyslogIdentifier=").Append(UnitName(definition.Name)).Append('\n');
        text.Append("ExecStart=").Append(UnitText.CommandLine(definition.Words(runner))).Append('\n');
        // Only what no job can miss. ProtectSystem, ProtectKernelModules and the like give the job a file system of its own with parts
        // missing: a backup would silently lack them, a restore fail. For another account these imply NoNewPrivileges, which breaks
        // sudo and the mail queue's setgid programs; root needs neither.
        if (user == "root") text.Append("NoNewPrivileges=true\nLockPersonality=true\nRestrictRealtime=true\n");
        if (definition.Always) text.Append($"\n[Install]\nWantedBy={(user is null ? "default" : "multi-user")}.target\n");
        return text.ToString();
    }

    /// <summary>A service that is started again when it fails. The host ends with 143 when SIGTERM ends it, which is as it should be.</summary>
    private static string AlwaysSettings(string? user) =>
        "StartLimitIntervalSec=0\n\n[Service]\nType=notify\nNotifyAccess=all\nRestart=on-failure\nRestartSec=5s\nSuccessExitStatus=143\nTimeoutStopSec=60s\n"
        // Ports below 1024 (capabilities(7)); root has it anyway, and a user's own manager has it not to give.
        + (user is null or "root" ? "" : "AmbientCapabilities=CAP_NET_BIND_SERVICE\n");

    private static StringBuilder Begin(ScheduleDefinition definition)
    {
        string description = string.IsNullOrWhiteSpace(definition.Description) ? $"ProdOps schedule {definition.Name}" : definition.Description.Trim();
        return new StringBuilder().Append(Header).Append('\n').Append(definition.ToMarker()).Append("\n\n[Unit]\nDescription=").Append(UnitText.Value(description)).Append('\n');
    }

    private static string Span(TimeSpan span) => span.Ticks % TimeSpan.TicksPerSecond == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{span.Ticks / TimeSpan.TicksPerSecond}s")
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(span.TotalMilliseconds):0}ms");
}

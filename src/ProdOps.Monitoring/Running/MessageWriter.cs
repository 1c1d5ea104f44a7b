using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Running;

/// <summary>Writes what is told out of what was decided and what is known when it is written.</summary>
internal static class MessageWriter
{
    private const int MostChecks = 50, MostDiagnoses = 3;

    public static NotificationMessage Write(NotificationDecided decided, MonitorState state, MonitorPlan plan, string environment) => new()
    {
        Id = decided.Number,
        Environment = environment,
        Route = decided.Route,
        Kind = decided.Kind,
        Severity = decided.Severity,
        Title = decided.Title,
        Time = decided.Time,
        Incidents = [.. decided.Incidents.Select(notice => Item(notice, decided, state, plan))],
    };

    private static NotificationItem Item(Notice notice, NotificationDecided decided, MonitorState state, MonitorPlan plan)
    {
        var incident = state.Incidents.GetValueOrDefault(notice.Incident);
        var members = incident?.Members.Keys.OrderBy(key => key != notice.Root).Take(MostChecks) ?? [];
        return new NotificationItem
        {
            Incident = notice.Incident,
            Kind = notice.Kind,
            Severity = notice.Severity,
            Title = notice.Title,
            Server = notice.Root.Server,
            Check = notice.Root.Instance is { } instance ? $"{notice.Root.Rule} {instance}" : notice.Root.Rule,
            Since = notice.Opened ?? incident?.Opened ?? decided.Time,
            Checks = [.. members.Select(key => Check(key, state, plan))],
            Advice = plan.RuleOf(notice.Root)?.Advice ?? "",
            // How it was then says nothing about how it is after hours, or when it is over.
            Diagnosis = notice.Kind is NotificationKind.Reminder or NotificationKind.Recovery ? "" : Diagnosis(notice, state),
        };
    }

    /// <summary>What was seen when it began, of the cause before the rest.</summary>
    private static string Diagnosis(Notice notice, MonitorState state)
    {
        var seen = state.Actions.Where(run => run.Incident == notice.Incident && run.Seen is not null).OrderBy(run => run.Key.Server != notice.Root.Server).Take(MostDiagnoses).ToList();
        return string.Join('\n', seen.Select(run => seen.Count > 1 ? $"{run.Key}:\n{run.Seen}" : run.Seen));
    }

    private static HealthCheckResult Check(CheckKey key, MonitorState state, MonitorPlan plan)
    {
        var check = state.Checks.GetValueOrDefault(key);
        var rule = plan.RuleOf(key);
        return new HealthCheckResult
        {
            Server = key.Server,
            Check = key.Rule,
            Instance = key.Instance,
            State = check?.Shown ?? HealthState.Unknown,
            Value = check?.Value,
            Unit = UnitOf(rule),
            Warning = rule?.Warning?.ToString() ?? "",
            Critical = rule?.Critical?.ToString() ?? "",
            Message = check?.Message ?? (check?.Value is { } value ? HealthThreshold.Format(value, UnitOf(rule)) : ""),
            Time = check?.Since ?? default,
        };
    }

    /// <summary>The unit of what a rule compares.</summary>
    public static string UnitOf(HealthRule? rule) => rule is null ? "" : rule.Warning?.Unit ?? rule.Critical?.Unit ?? MetricCatalog.UnitOf(rule.Metric ?? "");
}

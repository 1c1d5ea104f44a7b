using ProdOps.Monitoring.States;
using ProdOps.Servers;

namespace ProdOps.Monitoring.Incidents;

/// <summary>The first lines of messages: what is the cause, and how much follows from it.</summary>
internal sealed class NotificationText(MonitorState state, Causes causes)
{
    private const int Named = 5, NamedCauses = 3;

    public string Title(Incident incident, CheckKey root, NotificationKind kind, HealthState severity, IReadOnlyList<CheckKey> members)
    {
        // The root first, then what came at the same time and has no cause of its own among the rest.
        var roots = members.Where(member => member != root && causes.RootOf(member) == member).Prepend(root).ToList();
        string subject = string.Join(", ", roots.Take(NamedCauses).Select(key => Name(key, severity)));
        int others = Math.Max(roots.Count, members.Count + (members.Contains(root) ? 0 : 1)) - Math.Min(roots.Count, NamedCauses);
        string more = others > 0 ? $", and {others} more" : "";
        return kind switch
        {
            NotificationKind.Recovery => $"OK: {subject}: {(state.Checks.ContainsKey(root) ? "" : "checked no longer, ")}over after {HealthThreshold.Format(Math.Max(0, ((incident.Resolved ?? incident.Opened) - incident.Opened).TotalSeconds), "s")}",
            NotificationKind.Flapping => $"{severity}: {subject}: comes and goes{more}",
            NotificationKind.Worse => $"{severity}: {subject}: got worse{more}",
            NotificationKind.Reminder => $"{severity}: {subject}: still so{more}",
            NotificationKind.Escalation => $"{severity}: {subject}: nobody has taken it on{more}",
            _ => $"{severity}: {subject}{more}",
        };
    }

    /// <summary>What a key that is not the one that was known means for a server that seems to be gone; <see langword="null"/> where that is not so.</summary>
    public static string? Alarm(MonitorState state, CheckKey key) => key.IsReachability && state.Checks.TryGetValue(key, out var check) ? ServersErrors.HostKeyAlarm(check.Message) : null;

    private string Name(CheckKey key, HealthState severity) => !key.IsReachability ? key.ToString() : Alarm(state, key) is { } alarm ? $"{key.Server}: {alarm}"
        // Nothing worse is known than that nothing is known.
        : severity == HealthState.Unknown ? $"{key.Server} does not tell how it is" : $"{key.Server} cannot be reached";

    public static string Summary(IReadOnlyList<Notice> notices, IReadOnlyList<Held> held)
    {
        // What was held back and is told now is named once.
        var missed = held.Where(one => notices.All(notice => notice.Incident != one.Incident)).Select(static one => one.Title).ToList();
        string now = notices.Count > 0 ? $"{notices.Count} incidents: {List(notices.OrderByDescending(static notice => Incident.Rank(notice.Severity)).Select(static notice => notice.Title))}" : "";
        string before = missed.Count > 0 ? $"held back and over since: {List(missed)}" : "";
        return now.Length > 0 && before.Length > 0 ? $"{now}; {before}" : now + before;
    }

    public string Digest(IReadOnlyList<Held> held)
    {
        var open = held.Where(one => state.Incidents.TryGetValue(one.Incident, out var incident) && incident.Resolved is null).ToList();
        string still = open.Count > 0 ? $"still so: {List(open.Select(static one => one.Title))}" : "";
        var over = held.Except(open).ToList();
        string gone = over.Count > 0 ? $"over: {List(over.Select(static one => one.Title))}" : "";
        return $"The day's digest: {string.Join("; ", new[] { still, gone }.Where(static part => part.Length > 0))}";
    }

    private static string List(IEnumerable<string> titles)
    {
        var all = titles.Distinct().ToList();
        return string.Join("; ", all.Take(Named)) + (all.Count > Named ? $"; and {all.Count - Named} more" : "");
    }
}

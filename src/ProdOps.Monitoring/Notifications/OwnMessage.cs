using System.Globalization;

namespace ProdOps.Monitoring.Notifications;

/// <summary>Messages that a person or a script sends, not the monitor.</summary>
internal static class OwnMessage
{
    private const int NamedInTitle = 3;

    /// <summary>A message that tries a channel.</summary>
    public static NotificationMessage Trial(string environment, string machine, HealthState severity, DateTimeOffset now) => new()
    {
        Id = now.ToUnixTimeMilliseconds(),
        Environment = environment,
        Kind = NotificationKind.Test,
        Severity = severity,
        Title = $"Test message from {machine}",
        Text = "Somebody tries whether messages arrive. Nothing has happened.",
        Time = now,
    };

    /// <summary>A message that says that a monitor is at work.</summary>
    public static NotificationMessage Heartbeat(string environment, string machine, DateTimeOffset now) => new()
    {
        Id = now.ToUnixTimeMilliseconds(),
        Environment = environment,
        Kind = NotificationKind.Message,
        Severity = HealthState.OK,
        Title = $"The monitor on {machine} is at work",
        Text = "",
        Time = now,
    };

    /// <summary>Somebody's own words, and what is the matter with servers.</summary>
    /// <param name="environment">The environment's name.</param>
    /// <param name="title">The first line; <see langword="null"/> to make one of <paramref name="things"/>.</param>
    /// <param name="text">What follows.</param>
    /// <param name="severity">How bad it is; <see langword="null"/> for as bad as the worst of <paramref name="things"/>.</param>
    /// <param name="things">Servers' health and results of checks; anything else is a line of text.</param>
    /// <param name="now">The moment.</param>
    public static NotificationMessage Make(string environment, string? title, IReadOnlyList<string> text, HealthState? severity, IReadOnlyList<object> things, DateTimeOffset now)
    {
        var checks = things.SelectMany(static thing => thing switch
        {
            ServerHealth health => health.Problems.Count > 0 ? health.Problems : [new HealthCheckResult { Server = health.Server, Check = "health", State = health.State, Time = health.Time }],
            HealthCheckResult check => [check],
            _ => (IReadOnlyList<HealthCheckResult>)[],
        }).ToList();
        var items = checks.GroupBy(static check => check.Server, StringComparer.OrdinalIgnoreCase).Select(Item).OrderByDescending(static item => item.Severity).ToList();
        var lines = text.Concat(things.Where(static thing => thing is not (ServerHealth or HealthCheckResult)).Select(static thing => Convert.ToString(thing, CultureInfo.InvariantCulture) ?? ""));
        var worst = severity ?? items.Select(static item => item.Severity).DefaultIfEmpty(HealthState.OK).Max();
        return new NotificationMessage
        {
            Id = now.ToUnixTimeMilliseconds(),
            Environment = environment,
            Kind = NotificationKind.Message,
            Severity = worst,
            Title = title ?? $"{worst}: {TitleOf(items)}",
            Text = string.Join('\n', lines),
            Incidents = items,
            Time = now,
        };
    }

    private static NotificationItem Item(IGrouping<string, HealthCheckResult> checks)
    {
        var sorted = checks.OrderByDescending(static check => check.State).ToList();
        return new NotificationItem
        {
            Kind = NotificationKind.Message,
            Severity = sorted[0].State,
            Title = $"{sorted[0].State}: {checks.Key}",
            Server = checks.Key,
            Check = sorted[0].ToString(),
            Since = sorted.Min(static check => check.Time),
            Checks = sorted,
        };
    }

    private static string TitleOf(List<NotificationItem> items) => items.Count == 0 ? "a message"
        : string.Join(", ", items.Take(NamedInTitle).Select(static item => $"{item.Server} {item.Check}")) + (items.Count > NamedInTitle ? $", and {items.Count - NamedInTitle} more" : "");
}

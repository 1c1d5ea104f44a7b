using System.Globalization;
using System.Text;

namespace ProdOps.Monitoring.Notifications;

/// <summary>What a message says, as plain text: the title; then of each incident its checks with their values, since when, and what to do.</summary>
internal static class MessageText
{
    /// <summary>How long a title may be where there is room.</summary>
    public const int LongestTitle = 200;

    /// <summary>How many of an incident's checks are told; the rest is a number.</summary>
    public const int MostChecks = 20;

    private const int LongestLine = 400, LongestName = 100, MostOwnLines = 100, MostSeenLines = 60, LongestSeenLine = 160;

    /// <summary>The first line, whatever the message holds.</summary>
    public static string Title(NotificationMessage message, int limit = LongestTitle) =>
        PlainLine.Of(message.Title, limit) is { Length: > 0 } title ? title : $"{message.Severity}: {message.Kind}";

    /// <summary>The first line with the environment before it.</summary>
    public static string Subject(NotificationMessage message, int limit = LongestTitle) =>
        PlainLine.Of(message.Environment, LongestName) is { Length: > 0 } environment ? $"[{environment}] {Title(message, limit)}" : Title(message, limit);

    /// <summary>All below the first line.</summary>
    /// <param name="message">The message.</param>
    /// <param name="limit">How many bytes of UTF-8 it may take; what does not fit is counted in the last line but one.</param>
    public static string Body(NotificationMessage message, int limit)
    {
        string footer = Footer(message);
        var text = new BoundedText(limit - Encoding.UTF8.GetByteCount(footer) - 1);
        foreach (string line in OwnLines(message)) text.TryAdd(line);
        for (int i = 0; i < message.Incidents.Count && !text.IsFull; i++)
        {
            if (text.HasLines) text.TryAdd("");
            Append(text, message, message.Incidents[i]);
            if (text.IsFull) text.Note(Missing(message, i, text.ChecksAdded));
        }

        text.Close();
        return text.HasLines ? $"{text}\n{footer}" : footer;
    }

    /// <summary>Each line of what somebody wrote.</summary>
    public static IEnumerable<string> OwnLines(NotificationMessage message) =>
        message.Text.Length == 0 ? [] : message.Text.ReplaceLineEndings("\n").Split('\n', MostOwnLines).Select(static line => PlainLine.Of(line, LongestLine));

    /// <summary>The line above an incident's checks; <see langword="null"/> where it would only repeat the message's first one.</summary>
    public static string? Heading(NotificationMessage message, NotificationItem item)
    {
        string title = ItemTitle(item);
        return message.Incidents.Count == 1 && title == PlainLine.Of(message.Title, LongestTitle) ? null : title;
    }

    /// <summary>An incident's first line.</summary>
    public static string ItemTitle(NotificationItem item) =>
        PlainLine.Of(item.Title, LongestTitle) is { Length: > 0 } title ? title : PlainLine.Of($"{item.Severity}: {item.Server} {item.Check}", LongestTitle);

    /// <summary>Since when, and how long that is; <see langword="null"/> for an end of which the beginning is not known any more.</summary>
    public static string? Since(NotificationMessage message, NotificationItem item)
    {
        double seconds = Math.Max(0, (message.Time - item.Since).TotalSeconds);
        string length = seconds < 1 ? "" : $", {HealthThreshold.Format(seconds, "s")}";
        if (item.Kind != NotificationKind.Recovery) return $"Since {Time(item.Since)}{length}";
        return length.Length > 0 ? $"From {Time(item.Since)} until {Time(message.Time)}{length}" : null;
    }

    /// <summary>One check: how it is, which it is, and what it says with the value and the threshold.</summary>
    public static string Check(HealthCheckResult check) => $"{check.State}: {Name(check)}{(Detail(check) is { Length: > 0 } detail ? $": {detail}" : "")}";

    /// <summary>Which check it is.</summary>
    public static string Name(HealthCheckResult check) => PlainLine.Of($"{check.Server} {check}", LongestTitle);

    /// <summary>What a check says, with its value and the threshold that it is beyond.</summary>
    public static string Detail(HealthCheckResult check)
    {
        string message = PlainLine.Of(check.Message, LongestLine);
        string value = check.Value is { } number ? HealthThreshold.Format(number, PlainLine.Of(check.Unit, LongestName)) : "";
        if (value.Length > 0 && !message.Contains(value, StringComparison.Ordinal)) message = message.Length == 0 ? value : $"{value}, {message}";
        string limit = PlainLine.Of(check.State switch { HealthState.Critical => check.Critical, HealthState.Warning => check.Warning, _ => "" }, LongestName);
        return limit.Length > 0 && !message.Contains(limit, StringComparison.Ordinal) ? $"{message} ({check.State.ToString().ToLowerInvariant()} {limit})" : message;
    }

    /// <summary>What an admin does about an incident.</summary>
    public static string Advice(NotificationItem item) => PlainLine.Of(item.Advice, LongestLine);

    /// <summary>What was seen on the server, line by line; columns stay below each other.</summary>
    public static IEnumerable<string> Seen(NotificationItem item)
    {
        if (item.Diagnosis.Length == 0) yield break;
        foreach (string line in item.Diagnosis.ReplaceLineEndings("\n").Split('\n').Take(MostSeenLines))
            yield return line.Length == 0 ? "" : string.Concat(line.AsSpan(0, Math.Min(line.Length - line.AsSpan().TrimStart(' ').Length, LongestSeenLine)), PlainLine.Of(line, LongestSeenLine));
    }

    /// <summary>How many checks are not told.</summary>
    public static string? MoreChecks(NotificationItem item, int told) => item.Checks.Count - told is > 0 and var more ? Count(more, "more check") : null;

    /// <summary>Where the message comes from.</summary>
    public static string Footer(NotificationMessage message)
    {
        string environment = PlainLine.Of(message.Environment, LongestName), route = PlainLine.Of(message.Route, LongestName);
        return string.Create(CultureInfo.InvariantCulture,
            $"{message.Kind}{(environment.Length > 0 ? $" of {environment}" : "")}{(route.Length > 0 ? $", route {route}" : "")}, message {message.Id}, {Time(message.Time)}");
    }

    /// <summary>A moment in the zone that it is given in.</summary>
    public static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    private static void Append(BoundedText text, NotificationMessage message, NotificationItem item)
    {
        text.ChecksAdded = 0;
        if (Heading(message, item) is { } heading) text.TryAdd(heading);
        if (Since(message, item) is { } since) text.TryAdd(since);
        // Advice before the checks: it is what must not be cut off.
        if (Advice(item) is { Length: > 0 } advice) text.TryAdd($"What to do: {advice}");
        foreach (var check in item.Checks.Take(MostChecks))
        {
            if (!text.TryAdd($"- {Check(check)}")) return;
            text.ChecksAdded++;
        }

        if (MoreChecks(item, MostChecks) is { } more) text.TryAdd($"- and {more}");
        // What does not fit of it is missed least.
        foreach (string line in Seen(item).Select(static line => $"  {line}".TrimEnd()).Prepend("Seen at that moment:").Take(item.Diagnosis.Length > 0 ? int.MaxValue : 0)) if (!text.TryAdd(line)) return;
    }

    private static string Missing(NotificationMessage message, int incident, int checksTold)
    {
        int incidents = message.Incidents.Count - incident - 1;
        var parts = new[] { MoreChecks(message.Incidents[incident], checksTold), incidents > 0 ? Count(incidents, "more incident") : null }.OfType<string>().ToList();
        return parts.Count == 0 ? "…" : $"… and {string.Join(" and ", parts)}";
    }

    private static string Count(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}

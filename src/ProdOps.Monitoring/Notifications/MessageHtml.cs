using System.Net;
using System.Text;

namespace ProdOps.Monitoring.Notifications;

/// <summary>A message as a page for mails: a table of checks for each incident. Everything that is not ours is escaped; there is no script, no image and no link.</summary>
internal static class MessageHtml
{
    private const int MostIncidents = 50;

    public static string Write(NotificationMessage message)
    {
        var page = new StringBuilder("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light dark\"></head>\n");
        page.Append("<body style=\"font-family:sans-serif;font-size:14px\">\n");
        page.Append($"<h2 style=\"font-size:18px;border-left:6px solid {ColorOf(message)};padding-left:8px\">{Escape(MessageText.Title(message))}</h2>\n");
        string own = string.Join("<br>\n", MessageText.OwnLines(message).Select(Escape));
        if (own.Length > 0) page.Append($"<p>{own}</p>\n");
        foreach (var item in message.Incidents.Take(MostIncidents)) Append(page, message, item);
        if (message.Incidents.Count > MostIncidents) page.Append($"<p>… and {message.Incidents.Count - MostIncidents} more</p>\n");
        return page.Append($"<p style=\"color:#777;font-size:12px\">{Escape(MessageText.Footer(message))}</p>\n</body></html>\n").ToString();
    }

    /// <summary>The color of how bad it is; of what is over, that of what is well.</summary>
    public static string ColorOf(NotificationMessage message) => message.Kind == NotificationKind.Recovery ? ColorOf(HealthState.OK) : ColorOf(message.Severity);

    private static string ColorOf(HealthState state) => state switch
    {
        HealthState.OK => "#2e7d32",
        HealthState.Critical or HealthState.Unreachable => "#c62828",
        HealthState.Maintenance => "#1565c0",
        _ => "#ef6c00",
    };

    private static void Append(StringBuilder page, NotificationMessage message, NotificationItem item)
    {
        if (MessageText.Heading(message, item) is { } heading) page.Append($"<h3 style=\"font-size:15px;margin-bottom:4px\">{Escape(heading)}</h3>\n");
        if (MessageText.Since(message, item) is { } since) page.Append($"<p style=\"margin:4px 0\">{Escape(since)}</p>\n");
        if (MessageText.Advice(item) is { Length: > 0 } advice) page.Append($"<p style=\"margin:4px 0\"><b>What to do:</b> {Escape(advice)}</p>\n");
        if (item.Checks.Count > 0) AppendChecks(page, item);
        if (item.Diagnosis.Length > 0) page.Append($"<p style=\"margin:4px 0\"><b>Seen at that moment:</b></p>\n<pre style=\"font-size:12px;margin:4px 0\">{Escape(string.Join('\n', MessageText.Seen(item)))}</pre>\n");
    }

    private static void AppendChecks(StringBuilder page, NotificationItem item)
    {
        page.Append("<table cellpadding=\"4\" style=\"border-collapse:collapse\">\n");
        foreach (var check in item.Checks.Take(MessageText.MostChecks))
            page.Append($"<tr><td style=\"color:{ColorOf(check.State)}\"><b>{check.State}</b></td><td>{Escape(MessageText.Name(check))}</td><td>{Escape(MessageText.Detail(check))}</td></tr>\n");
        if (MessageText.MoreChecks(item, MessageText.MostChecks) is { } more) page.Append($"<tr><td></td><td colspan=\"2\">and {more}</td></tr>\n");
        page.Append("</table>\n");
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}

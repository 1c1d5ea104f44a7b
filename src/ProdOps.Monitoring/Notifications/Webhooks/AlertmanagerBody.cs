using System.Globalization;
using System.Text.Json;

namespace ProdOps.Monitoring.Notifications.Webhooks;

/// <summary>
/// Alerts for Alertmanager: one for each incident. An alert there is its labels, so only what stays the same from an incident's first message to its last is one; and as its
/// severity is one, since routes look at it, the alerts of the other severities are told to be over each time.
/// </summary>
internal static class AlertmanagerBody
{
    private const string Path = "/api/v2/alerts";
    private const int LongestText = 8 * 1024;

    // An alert with no end, or an early one, is over for Alertmanager when nobody repeats it (resolve_timeout); messages are repeated after hours, or never.
    private static readonly TimeSpan Holds = TimeSpan.FromDays(7), HoldsAlone = TimeSpan.FromHours(1);
    private static readonly string[] Severities = ["critical", "unknown", "warning"];

    public static IReadOnlyList<WebhookRequest> Write(NotificationMessage message, Uri url, string key)
    {
        string path = url.AbsolutePath.TrimEnd('/');
        var address = path.EndsWith(Path, StringComparison.Ordinal) ? url : new UriBuilder(url) { Path = path + Path }.Uri;
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, MessageJson.Options))
        {
            json.WriteStartArray();
            if (message.Incidents.Count == 0 || message.Kind == NotificationKind.Message) WriteAlert(json, message, "message", message.Id, SeverityOf(message.Severity), message.Time, message.Time + HoldsAlone);
            else foreach (var item in message.Incidents) WriteIncident(json, message, item);
            json.WriteEndArray();
        }

        return [new(address, buffer.WrittenSpan.ToArray(), key)];
    }

    private static void WriteIncident(Utf8JsonWriter json, NotificationMessage message, NotificationItem item)
    {
        var own = message with { Title = MessageText.ItemTitle(item), Kind = item.Kind, Severity = item.Severity, Incidents = [item] };
        string severity = SeverityOf(item.Severity);
        foreach (string other in Severities.Where(other => other != severity)) WriteAlert(json, own, "incident", item.Incident, other, item.Since, Later(item.Since, message.Time));
        WriteAlert(json, own, "incident", item.Incident, severity, item.Since, item.Kind == NotificationKind.Recovery ? Later(item.Since, message.Time) : Later(item.Since, message.Time + Holds));
    }

    private static void WriteAlert(Utf8JsonWriter json, NotificationMessage message, string what, long number, string severity, DateTimeOffset starts, DateTimeOffset ends)
    {
        json.WriteStartObject();
        json.WriteStartObject("labels");
        json.WriteString("alertname", "ProdOps");
        // A label that is empty is none.
        if (PlainLine.Of(message.Environment, MessageText.LongestTitle) is { Length: > 0 } environment) json.WriteString("environment", environment);
        json.WriteString(what, number.ToString(CultureInfo.InvariantCulture));
        json.WriteString("severity", severity);
        json.WriteEndObject();
        json.WriteStartObject("annotations");
        json.WriteString("summary", MessageText.Title(message));
        json.WriteString("description", MessageText.Body(message, LongestText));
        if (message.Incidents is [var item] && message.Kind != NotificationKind.Message)
        {
            json.WriteString("server", PlainLine.Of(item.Server, MessageText.LongestTitle));
            json.WriteString("check", PlainLine.Of(item.Check, MessageText.LongestTitle));
        }

        json.WriteEndObject();
        json.WriteString("startsAt", starts);
        json.WriteString("endsAt", ends);
        json.WriteEndObject();
    }

    /// <summary>An alert that ends before it begins is refused, and with it all that were sent together.</summary>
    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static string SeverityOf(HealthState state) => state switch
    {
        HealthState.Critical or HealthState.Unreachable => "critical",
        HealthState.Unknown => "unknown",
        HealthState.Warning => "warning",
        _ => "info",
    };
}

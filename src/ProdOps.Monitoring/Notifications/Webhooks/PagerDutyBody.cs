namespace ProdOps.Monitoring.Notifications.Webhooks;

/// <summary>Events for PagerDuty (Events API version 2): one for each incident, which opens an alert there, adds to it or resolves it.</summary>
internal static class PagerDutyBody
{
    private const int LongestSummary = 1000, LongestText = 16 * 1024;

    public static IReadOnlyList<WebhookRequest> Write(NotificationMessage message, Uri url, string key, string routingKey)
    {
        if (message.Incidents.Count == 0 || message.Kind == NotificationKind.Message)
        {
            var trigger = Event(message, url, key, routingKey, key, "prodops", isOver: false);
            // What nobody can resolve later is resolved at once: it was told, and does not stay.
            bool stays = message.Kind is not (NotificationKind.Test or NotificationKind.Digest or NotificationKind.Summary) && message.Severity != HealthState.OK;
            return stays ? [trigger] : [trigger, Event(message, url, $"{key}-resolve", routingKey, key, "prodops", isOver: true)];
        }

        return
        [
            .. message.Incidents.Select(item => Event(
                message with { Title = MessageText.ItemTitle(item), Kind = item.Kind, Severity = item.Severity, Incidents = [item] },
                url, $"{key}-{item.Incident}", routingKey, MessageKey.OfIncident(message, item), item.Check, item.Kind == NotificationKind.Recovery, item.Server)),
        ];
    }

    private static WebhookRequest Event(NotificationMessage message, Uri url, string key, string routingKey, string alert, string component, bool isOver, string server = "") => new(url, MessageJson.Write(json =>
    {
        json.WriteString("routing_key", routingKey);
        json.WriteString("event_action", isOver ? "resolve" : "trigger");
        json.WriteString("dedup_key", alert);
        if (isOver) return;
        json.WriteString("client", "ProdOps");
        json.WriteStartObject("payload");
        json.WriteString("summary", MessageText.Subject(message, LongestSummary - MessageText.LongestTitle));
        json.WriteString("source", PlainLine.Of(server.Length > 0 ? server : message.Environment.Length > 0 ? message.Environment : "prodops", MessageText.LongestTitle));
        json.WriteString("severity", SeverityOf(message.Severity));
        json.WriteString("timestamp", message.Time);
        json.WriteString("component", PlainLine.Of(component, MessageText.LongestTitle));
        json.WriteString("group", PlainLine.Of(message.Environment, MessageText.LongestTitle));
        json.WriteString("class", message.Kind.ToString());
        json.WriteStartObject("custom_details");
        json.WriteString("text", MessageText.Body(message, LongestText));
        json.WriteEndObject();
        json.WriteEndObject();
    }), key);

    private static string SeverityOf(HealthState state) => state switch
    {
        HealthState.Critical or HealthState.Unreachable => "critical",
        HealthState.Unknown => "error",
        HealthState.Warning => "warning",
        _ => "info",
    };
}

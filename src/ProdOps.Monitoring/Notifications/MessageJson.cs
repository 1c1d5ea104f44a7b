using System.Text.Encodings.Web;
using System.Text.Json;

namespace ProdOps.Monitoring.Notifications;

/// <summary>A message as JSON for programs: its properties in camel case, and its text as people get it.</summary>
internal static class MessageJson
{
    private const int MostIncidents = 100, MostChecks = 100, LongestOutput = 2000, LongestText = 16 * 1024;

    /// <summary>No escapes but those that JSON needs: nothing of it is put into a page.</summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(NotificationMessage message) => Write(json =>
    {
        json.WriteNumber("id", message.Id);
        json.WriteString("key", MessageKey.Of(message));
        json.WriteString("environment", PlainLine.Of(message.Environment, MessageText.LongestTitle));
        json.WriteString("route", PlainLine.Of(message.Route, MessageText.LongestTitle));
        json.WriteString("kind", message.Kind.ToString());
        json.WriteString("severity", message.Severity.ToString());
        json.WriteString("time", message.Time);
        json.WriteString("title", MessageText.Title(message));
        json.WriteString("text", MessageText.Body(message, LongestText));
        json.WriteStartArray("incidents");
        foreach (var item in message.Incidents.Take(MostIncidents)) WriteItem(json, item);
        json.WriteEndArray();
        json.WriteNumber("omittedIncidents", Math.Max(0, message.Incidents.Count - MostIncidents));
    });

    /// <summary>An object as bytes.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> properties)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            properties(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteItem(Utf8JsonWriter json, NotificationItem item)
    {
        json.WriteStartObject();
        json.WriteNumber("incident", item.Incident);
        json.WriteString("kind", item.Kind.ToString());
        json.WriteString("severity", item.Severity.ToString());
        json.WriteString("title", MessageText.ItemTitle(item));
        json.WriteString("server", PlainLine.Of(item.Server, MessageText.LongestTitle));
        json.WriteString("check", PlainLine.Of(item.Check, MessageText.LongestTitle));
        json.WriteString("since", item.Since);
        json.WriteString("advice", MessageText.Advice(item));
        if (item.Diagnosis.Length > 0) json.WriteString("diagnosis", string.Join('\n', MessageText.Seen(item)));
        json.WriteStartArray("checks");
        foreach (var check in item.Checks.Take(MostChecks)) WriteCheck(json, check);
        json.WriteEndArray();
        json.WriteNumber("omittedChecks", Math.Max(0, item.Checks.Count - MostChecks));
        json.WriteEndObject();
    }

    private static void WriteCheck(Utf8JsonWriter json, HealthCheckResult check)
    {
        json.WriteStartObject();
        json.WriteString("server", PlainLine.Of(check.Server, MessageText.LongestTitle));
        json.WriteString("check", PlainLine.Of(check.Check, MessageText.LongestTitle));
        if (check.Instance is not null) json.WriteString("instance", PlainLine.Of(check.Instance, MessageText.LongestTitle));
        json.WriteString("state", check.State.ToString());
        // JSON has neither infinities nor what is not a number.
        if (check.Value is { } value && double.IsFinite(value)) json.WriteNumber("value", value);
        json.WriteString("unit", PlainLine.Of(check.Unit, MessageText.LongestTitle));
        json.WriteString("warning", PlainLine.Of(check.Warning, MessageText.LongestTitle));
        json.WriteString("critical", PlainLine.Of(check.Critical, MessageText.LongestTitle));
        json.WriteString("message", PlainLine.Of(check.Message, LongestOutput));
        if (check.Output.Length > 0) json.WriteString("output", PlainLine.Of(check.Output, LongestOutput));
        json.WriteString("time", check.Time);
        json.WriteEndObject();
    }
}

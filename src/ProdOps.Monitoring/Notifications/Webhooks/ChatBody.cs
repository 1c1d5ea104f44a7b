using System.Text.RegularExpressions;

namespace ProdOps.Monitoring.Notifications.Webhooks;

/// <summary>Messages for chats. Nothing in them calls everybody, and nothing is a link.</summary>
internal static partial class ChatBody
{
    // A chat shows the beginning of what is longer; Teams refuses what takes 28 KB with all that is around it.
    private const int LongestSlackText = 3000, LongestTeamsText = 8000, MostTeamsLines = 60;

    /// <summary>For Slack, Mattermost and Rocket.Chat: a line, and the rest in a box with the color of how bad it is.</summary>
    public static byte[] Slack(NotificationMessage message)
    {
        string subject = EscapeSlack(MessageText.Subject(message));
        return MessageJson.Write(json =>
        {
            json.WriteString("text", subject);
            json.WriteStartArray("attachments");
            json.WriteStartObject();
            json.WriteString("color", MessageHtml.ColorOf(message));
            json.WriteString("fallback", subject);
            json.WriteString("text", $"```\n{EscapeSlack(MessageText.Body(message, LongestSlackText)).Replace("```", "'''")}\n```");
            json.WriteStartArray("mrkdwn_in");
            json.WriteStringValue("text");
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
        });
    }

    /// <summary>For Teams: an adaptive card, as its workflows and its connectors take it. Text runs, unlike text blocks, are no Markdown.</summary>
    public static byte[] Teams(NotificationMessage message) => MessageJson.Write(json =>
    {
        json.WriteString("type", "message");
        json.WriteStartArray("attachments");
        json.WriteStartObject();
        json.WriteString("contentType", "application/vnd.microsoft.card.adaptive");
        json.WriteNull("contentUrl");
        json.WriteStartObject("content");
        json.WriteString("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
        json.WriteString("type", "AdaptiveCard");
        json.WriteString("version", "1.4");
        json.WriteStartObject("msteams");
        json.WriteString("width", "Full");
        json.WriteEndObject();
        json.WriteStartArray("body");
        WriteRun(json, MessageText.Subject(message), ColorOf(message), isTitle: true);
        foreach (string line in MessageText.Body(message, LongestTeamsText).Split('\n').Where(static line => line.Length > 0).Take(MostTeamsLines)) WriteRun(json, line, null, isTitle: false);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    });

    private static void WriteRun(System.Text.Json.Utf8JsonWriter json, string text, string? color, bool isTitle)
    {
        json.WriteStartObject();
        json.WriteString("type", "RichTextBlock");
        json.WriteString("spacing", isTitle ? "Default" : "Small");
        json.WriteStartArray("inlines");
        json.WriteStartObject();
        json.WriteString("type", "TextRun");
        json.WriteString("text", text);
        if (color is not null) json.WriteString("color", color);
        if (isTitle)
        {
            json.WriteString("weight", "Bolder");
            json.WriteString("size", "Medium");
        }

        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string ColorOf(NotificationMessage message) => message.Kind == NotificationKind.Recovery ? "Good" : message.Severity switch
    {
        HealthState.OK => "Good",
        HealthState.Critical or HealthState.Unreachable => "Attention",
        HealthState.Maintenance => "Accent",
        _ => "Warning",
    };

    /// <summary>Slack knows three characters (its "Formatting text for app surfaces"); Mattermost and Rocket.Chat call people by words after an @, which a word joiner ends.</summary>
    private static string EscapeSlack(string text) =>
        Everybody().Replace(text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;"), "@\u2060$1");

    [GeneratedRegex("@(channel|all|here|everyone)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Everybody();
}

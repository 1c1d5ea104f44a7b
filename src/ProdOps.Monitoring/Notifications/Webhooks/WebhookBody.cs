using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ProdOps.Monitoring.Notifications.Webhooks;

/// <summary>What is sent to a web address.</summary>
/// <param name="Url">Where.</param>
/// <param name="Body">JSON.</param>
/// <param name="Key">The same whenever this is sent again, and of nothing else.</param>
internal readonly record struct WebhookRequest(Uri Url, byte[] Body, string Key);

/// <summary>A message as each kind of web address expects it.</summary>
internal static partial class WebhookBody
{
    private const int LongestText = 8 * 1024;

    /// <summary>Where PagerDuty takes events.</summary>
    public static Uri PagerDuty { get; } = new("https://events.pagerduty.com/v2/enqueue");

    /// <param name="channel">The channel.</param>
    /// <param name="message">The message.</param>
    /// <param name="url">Where it goes.</param>
    /// <param name="token">The routing key, for PagerDuty.</param>
    public static IReadOnlyList<WebhookRequest> Write(NotificationChannel channel, NotificationMessage message, Uri url, string? token)
    {
        string key = MessageKey.Of(message);
        if (channel.Body is { } body) return [new(url, Fill(body, message), key)];
        return channel.Template switch
        {
            WebhookTemplate.Slack => [new(url, ChatBody.Slack(message), key)],
            WebhookTemplate.Teams => [new(url, ChatBody.Teams(message), key)],
            WebhookTemplate.Ntfy => NtfyBody.Write(message, url, key),
            WebhookTemplate.PagerDuty => PagerDutyBody.Write(message, url, key, token ?? ""),
            WebhookTemplate.Alertmanager => AlertmanagerBody.Write(message, url, key),
            _ => [new(url, MessageJson.Write(message), key)],
        };
    }

    /// <summary>Whether an answer that looks good is none: Teams tells of limits and errors behind it with a 200.</summary>
    public static bool IsRefusal(NotificationChannel channel, string answer) =>
        channel is { Template: WebhookTemplate.Teams, Body: null } && answer.Contains("endpoint returned HTTP error", StringComparison.OrdinalIgnoreCase);

    /// <summary>A body of somebody's own. What is put in is not looked at again: a title cannot ask for another value.</summary>
    private static byte[] Fill(string body, NotificationMessage message) => Encoding.UTF8.GetBytes(Placeholder().Replace(body, match => JsonEncodedText.Encode(match.Value switch
    {
        "{title}" => MessageText.Title(message),
        "{text}" => MessageText.Body(message, LongestText),
        "{severity}" => message.Severity.ToString(),
        "{kind}" => message.Kind.ToString(),
        "{id}" => message.Id.ToString(CultureInfo.InvariantCulture),
        "{environment}" => PlainLine.Of(message.Environment, MessageText.LongestTitle),
        _ => message.Time.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture),
    }, MessageJson.Options.Encoder).Value));

    [GeneratedRegex(@"\{(?:title|text|severity|kind|id|environment|time)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}

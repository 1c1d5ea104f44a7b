namespace ProdOps.Monitoring.Notifications.Webhooks;

/// <summary>A message for ntfy, published as JSON: headers could not carry a title with more than ASCII.</summary>
internal static class NtfyBody
{
    // What is longer than 4,096 bytes ntfy makes into a file.
    private const int LongestText = 4000;

    /// <param name="message">The message.</param>
    /// <param name="url">The address of the topic, as it is subscribed to.</param>
    /// <param name="key">The message's key.</param>
    public static IReadOnlyList<WebhookRequest> Write(NotificationMessage message, Uri url, string key)
    {
        string path = url.AbsolutePath.TrimEnd('/');
        int slash = path.LastIndexOf('/');
        string topic = Uri.UnescapeDataString(path[(slash + 1)..]);
        var root = new UriBuilder(url) { Path = slash > 0 ? path[..slash] : "/" }.Uri;
        return
        [
            new(root, MessageJson.Write(json =>
            {
                json.WriteString("topic", topic);
                json.WriteString("title", MessageText.Subject(message));
                json.WriteString("message", MessageText.Body(message, LongestText));
                json.WriteNumber("priority", PriorityOf(message));
                json.WriteStartArray("tags");
                json.WriteStringValue(SignOf(message));
                json.WriteStringValue(message.Kind.ToString().ToLowerInvariant());
                json.WriteEndArray();
            }), key),
        ];
    }

    /// <summary>From 1 to 5; the usual is 3, and 5 rings.</summary>
    private static int PriorityOf(NotificationMessage message) => message.Kind switch
    {
        NotificationKind.Recovery or NotificationKind.Test => 3,
        NotificationKind.Digest => 2,
        _ => message.Severity switch
        {
            HealthState.Critical or HealthState.Unreachable => 5,
            HealthState.Warning or HealthState.Unknown => 4,
            _ => 3,
        },
    };

    /// <summary>A tag that ntfy shows as a picture.</summary>
    private static string SignOf(NotificationMessage message) => message.Kind == NotificationKind.Recovery ? "white_check_mark" : message.Severity switch
    {
        HealthState.OK => "white_check_mark",
        HealthState.Critical or HealthState.Unreachable => "rotating_light",
        HealthState.Maintenance => "construction",
        _ => "warning",
    };
}

using ProdOps.Monitoring.Notifications;

namespace ProdOps.Monitoring;

internal static partial class MonitoringErrors
{
    public static ProdOpsException ChannelInvalid(string channel, string why, string recommendation) => new(
        "NotificationChannelInvalid", ErrorKind.InvalidArgument, $"The channel '{channel}' cannot be used: {why}.", recommendation) { Target = channel };

    public static NotificationTroubleException NotDelivered(string channel, string why, Exception? cause = null, TimeSpan? retryAfter = null) => new(
        "NotificationNotDelivered", ErrorKind.ResourceUnavailable,
        $"The channel '{channel}' did not take the message: {why}",
        "It is tried again while a monitor runs. Test-Notification tells whether the channel works.", cause) { Target = channel, RetryAfter = retryAfter };

    public static ProdOpsException NotificationRefused(string channel, string answer, Exception? cause = null) => new(
        "NotificationRefused", ErrorKind.InvalidData,
        $"The channel '{channel}' refuses the message: {answer}",
        "Trying again does not help. See what the other side expects: who may send to whom, the template, headers.", cause) { Target = channel };

    public static ProdOpsException NotificationLoginFailed(string channel, string answer, bool hasLogin, Exception? cause = null) => new(
        "NotificationLoginFailed", ErrorKind.Authentication,
        hasLogin ? $"The channel '{channel}' does not accept the login: {answer}" : $"The channel '{channel}' wants a login: {answer}",
        "The channel's User and Password, or its Token, say who sends.", cause) { Target = channel };

    public static ProdOpsException NotificationNotTrusted(string channel, string reason, Exception? cause = null) => new(
        "NotificationNotTrusted", ErrorKind.Authentication,
        $"The certificate that the channel '{channel}' is shown is not trusted: {reason}",
        "If an authority of your own signed it, name its PEM file as the channel's CaCertificate.", cause) { Target = channel };

    public static ProdOpsException NotificationAddressWrong(string channel, string answer, Exception? cause = null) => new(
        "NotificationAddressWrong", ErrorKind.NotFound,
        $"Nothing takes messages where the channel '{channel}' sends them: {answer}",
        "Correct the channel's Target. Addresses of chats end when the chat, or who made them, is gone.", cause) { Target = channel };

    public static ProdOpsException NotificationTimeout(string channel, TimeSpan limit) => new(
        "NotificationTimeout", ErrorKind.Timeout,
        FormattableString.Invariant($"The channel '{channel}' did not take the message within {limit.TotalSeconds:0.###} s."),
        "It may have arrived all the same, and is sent again. The channel's Timeout says how long one attempt may take.") { Target = channel };

    public static ProdOpsException ChannelNotFound(string name, IEnumerable<string> known) => new(
        "NotificationChannelNotFound", ErrorKind.NotFound,
        $"There is no channel or route '{name}'.",
        known.ToList() is { Count: > 0 } names ? $"There are: {string.Join(", ", names)}." : "Monitoring.Channels of environment.psd1 describes channels.") { Target = name };

    public static ProdOpsException NoChannels(string what) => new(
        "NotificationChannelMissing", ErrorKind.NotFound,
        $"There is no {what} to send by.",
        "Monitoring.Channels of environment.psd1 describes channels, and Monitoring.Notify the routes that use them. Is this the environment's folder?");

    public static ProdOpsException MessageEmpty() => new(
        "NotificationMessageEmpty", ErrorKind.InvalidArgument, "There is nothing to send.", "Give a -Title, a -Text, or objects from the pipeline.");
}

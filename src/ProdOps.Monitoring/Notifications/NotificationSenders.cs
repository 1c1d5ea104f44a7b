using ProdOps.Monitoring.Notifications.Mail;
using ProdOps.Monitoring.Notifications.Webhooks;
using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Notifications;

/// <summary>Makes what sends by a channel.</summary>
internal static class NotificationSenders
{
    /// <summary>All channels of an environment. One that cannot be used stops none of the others: it is warned of, and fails whenever something is to be sent by it.</summary>
    public static IReadOnlyDictionary<string, INotificationSender> CreateAll(IEnumerable<NotificationChannel> channels, ISecretVault? vault, TimeProvider time, IActivity activity)
    {
        var senders = new Dictionary<string, INotificationSender>(StringComparer.Ordinal);
        foreach (var channel in channels)
        {
            try
            {
                senders[channel.Name] = Create(channel, vault, time, activity);
            }
            catch (ProdOpsException error)
            {
                activity.Warning($"{error.Message} {error.Recommendation}".TrimEnd());
                senders[channel.Name] = new InvalidChannel(channel, error);
            }
        }

        return senders;
    }

    /// <param name="channel">The channel.</param>
    /// <param name="vault">What reads the session's vaults, or <see langword="null"/> where there is no session.</param>
    /// <param name="time">The clock.</param>
    /// <param name="activity">Told what goes on, e.g. that one of several recipients was refused.</param>
    /// <param name="typed">What was typed at a prompt, in the place of what the channel refers to.</param>
    /// <exception cref="ProdOpsException">The channel is not described well enough to send by it.</exception>
    public static INotificationSender Create(NotificationChannel channel, ISecretVault? vault, TimeProvider time, IActivity activity, TypedSecrets? typed = null)
    {
        var secrets = new ChannelSecrets(channel, vault, typed ?? new TypedSecrets());
        if (channel.Timeout <= TimeSpan.Zero) throw MonitoringErrors.ChannelInvalid(channel.Name, "its Timeout is not above zero", "Leave it out for 15 seconds.");
        return channel.Kind switch
        {
            NotificationChannelKind.Mail => new MailSender(channel, secrets, time, activity),
            NotificationChannelKind.Webhook => new WebhookSender(channel, secrets, time),
            NotificationChannelKind.Syslog => new SyslogSender(channel, time),
            NotificationChannelKind.Script => new ScriptSender(channel, time),
            _ => throw new ArgumentOutOfRangeException(nameof(channel), channel.Kind, "There is no such kind of channel."),
        };
    }
}

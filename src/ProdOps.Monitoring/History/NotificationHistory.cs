using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;
using ProdOps.Servers.Inventory;

namespace ProdOps.Monitoring.History;

/// <summary>Messages, and what became of them.</summary>
internal sealed class NotificationHistory(EventStore events, IActivity activity)
{
    private readonly EventReader _reader = new(events, activity);

    /// <summary>The messages that were decided in a time, in its order.</summary>
    /// <param name="from">From when.</param>
    /// <param name="to">Until when.</param>
    /// <param name="channelsOf">The channels of a route, by its name, as patterns; <see langword="null"/> where the route is not known.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public IEnumerable<SentNotification> Read(DateTimeOffset from, DateTimeOffset to, Func<string, IReadOnlyList<string>?> channelsOf, CancellationToken cancellationToken)
    {
        // Whatever became of a message came later than the message; a clock that was set back a little changes nothing of that.
        var outcomes = new Dictionary<long, MonitorEvent>();
        var since = from - DateTimeOffset.UnixEpoch > TimeSpan.FromDays(1) ? from.AddDays(-1) : DateTimeOffset.UnixEpoch;
        foreach (string kind in new[] { "delivered", "givenUp" })
        {
            foreach (var outcome in Of(kind, since, null, cancellationToken))
            {
                if (outcome is NotificationDelivered delivered) outcomes[delivered.Notification] = outcome;
                else if (outcome is NotificationGivenUp given) outcomes.TryAdd(given.Notification, outcome);
            }
        }

        var dead = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var changed in Of("channel", null, null, cancellationToken).OfType<ChannelChanged>())
        {
            if (changed.Error is { } error) dead[changed.Channel] = error;
            else dead.Remove(changed.Channel);
        }

        foreach (var decided in Of("notification", from, to, cancellationToken).OfType<NotificationDecided>())
            yield return Of(decided, outcomes.GetValueOrDefault(decided.Number), () => Waiting(dead, channelsOf(decided.Route)));
        _reader.TellUnknown();
    }

    private IEnumerable<MonitorEvent> Of(string kind, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellationToken) =>
        _reader.Read(new EventQuery { Kind = kind, From = from, To = to }, static _ => true, cancellationToken);

    private static SentNotification Of(NotificationDecided decided, MonitorEvent? outcome, Func<string> waiting)
    {
        var sent = new SentNotification
        {
            Id = decided.Number,
            Time = decided.Time,
            Route = decided.Route,
            Kind = decided.Kind,
            Severity = decided.Severity,
            Title = decided.Title,
            Incidents = [.. decided.Incidents.Select(static notice => notice.Incident)],
        };
        return outcome switch
        {
            NotificationDelivered e => sent with { Status = DeliveryStatus.Delivered, Channel = e.Channel, Delivered = e.Time },
            NotificationGivenUp e => sent with { Status = DeliveryStatus.GivenUp, Error = e.Reason },
            _ => sent with { Status = DeliveryStatus.Pending, Error = waiting() },
        };
    }

    /// <summary>What is wrong with the channels that a message could go by.</summary>
    private static string Waiting(SortedDictionary<string, string> dead, IReadOnlyList<string>? channels) =>
        string.Join("; ", dead.Where(channel => channels is null || channels.Any(pattern => NamePattern.IsMatch(pattern, channel.Key))).Select(static channel => $"{channel.Key}: {channel.Value}"));
}

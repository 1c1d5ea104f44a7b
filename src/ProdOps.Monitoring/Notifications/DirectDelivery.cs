namespace ProdOps.Monitoring.Notifications;

/// <summary>Sends a message by a channel once, and tells how that went.</summary>
internal static class DirectDelivery
{
    /// <param name="channel">The channel.</param>
    /// <param name="make">Makes what sends by it; a channel that is not described well enough counts as not delivered.</param>
    /// <param name="message">The message.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What became of it, and the error if there is one.</returns>
    public static async Task<(NotificationDelivery Delivery, ProdOpsException? Error)> SendAsync(
        NotificationChannel channel, Func<INotificationSender> make, NotificationMessage message, TimeProvider time, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        var delivery = new NotificationDelivery { Channel = channel.Name, Kind = channel.Kind };
        try
        {
            await make().SendAsync(message, cancellationToken).ConfigureAwait(false);
            return (delivery with { Delivered = true, Duration = time.GetElapsedTime(begun) }, null);
        }
        catch (ProdOpsException error)
        {
            return (delivery with { Duration = time.GetElapsedTime(begun), Error = error.Message, ErrorId = error.ErrorId, Recommendation = error.Recommendation ?? "" }, error);
        }
    }
}

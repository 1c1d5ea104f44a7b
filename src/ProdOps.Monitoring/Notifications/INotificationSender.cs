namespace ProdOps.Monitoring.Notifications;

/// <summary>Brings messages to people by one channel. May be used for several messages at once.</summary>
internal interface INotificationSender
{
    /// <summary>The channel.</summary>
    NotificationChannel Channel { get; }

    /// <summary>Brings one message there; when this returns, the other side has taken it.</summary>
    /// <exception cref="ProdOpsException">It was not taken. Whether trying again can help says <see cref="ProdOpsException.Kind"/>: it cannot with <see cref="ErrorKind.InvalidData"/>, where the other side refused this very message.</exception>
    /// <exception cref="OperationCanceledException">It was called off; whether it was taken is not known.</exception>
    Task SendAsync(NotificationMessage message, CancellationToken cancellationToken);
}

namespace ProdOps.Monitoring.Notifications;

/// <summary>A channel that is not described well enough to send by it: it says why each time, so that its messages wait for one who corrects it or go another way.</summary>
internal sealed class InvalidChannel(NotificationChannel channel, ProdOpsException error) : INotificationSender
{
    public NotificationChannel Channel => channel;

    public ProdOpsException Error => error;

    public Task SendAsync(NotificationMessage message, CancellationToken cancellationToken) => Task.FromException(error);
}

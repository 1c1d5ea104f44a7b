namespace ProdOps.Monitoring.Notifications;

/// <summary>Ends an attempt that takes too long.</summary>
internal static class SendLimit
{
    /// <exception cref="ProdOpsException">It took too long, or what the attempt itself throws.</exception>
    /// <exception cref="OperationCanceledException">It was called off.</exception>
    public static async Task RunAsync(NotificationChannel channel, TimeProvider time, Func<CancellationToken, Task> send, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(channel.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            await send(both.Token).ConfigureAwait(false);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // A connection that is torn down by that fails in many ways.
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch (Exception) when (limit.IsCancellationRequested)
        {
            throw MonitoringErrors.NotificationTimeout(channel.Name, channel.Timeout);
        }
    }
}

using ProdOps.Monitoring.Notifications;

namespace ProdOps.Monitoring.Running.Outlets;

/// <summary>
/// Tells a channel each minute that the monitor is at work, so that whoever misses that knows that it is not. What is held up, or does not decide any more, says nothing: it is as good as dead.
/// </summary>
/// <param name="sender">The channel.</param>
/// <param name="environment">The environment's name.</param>
/// <param name="isAlive">Whether decisions are made.</param>
/// <param name="time">The clock.</param>
/// <param name="activity">Where to report to.</param>
internal sealed class Heartbeat(INotificationSender sender, string environment, Func<bool> isAlive, TimeProvider time, IActivity activity) : IOutlet
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private string? _trouble;

    public string Name => "heartbeat";

    public string? Trouble => Volatile.Read(ref _trouble);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            if (isAlive()) await BeatAsync(cancellationToken).ConfigureAwait(false);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        try
        {
            await sender.SendAsync(OwnMessage.Heartbeat(environment, Environment.MachineName, time.GetUtcNow()), cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _trouble, null);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever a channel stumbles over must not end the monitor.
            if (_trouble is null) activity.Warning($"The heartbeat does not arrive. {error.Message}");
            Volatile.Write(ref _trouble, error.Message);
        }
    }
}

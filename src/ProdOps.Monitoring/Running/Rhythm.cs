namespace ProdOps.Monitoring.Running;

/// <summary>When something is done again and again: at its interval, and sooner when it is asked to hurry.</summary>
/// <param name="interval">From one beginning to the next.</param>
/// <param name="soonest">The least time between two beginnings, however much it is hurried.</param>
/// <param name="time">The clock.</param>
internal sealed class Rhythm(TimeSpan interval, TimeSpan soonest, TimeProvider time)
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _waiting;
    private bool _hurried;

    /// <summary>Do it again as soon as it may be.</summary>
    public void Hurry()
    {
        lock (_lock)
        {
            _hurried = true;
            _waiting?.Cancel();
        }
    }

    /// <summary>Waits for the next time.</summary>
    /// <param name="begun">When it was last begun, by <see cref="TimeProvider.GetTimestamp"/>.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    public async Task WaitAsync(long begun, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bool hurried;
        lock (_lock)
        {
            (hurried, _hurried) = (_hurried, false);
            if (!hurried) _waiting = waiting;
        }

        try
        {
            if (!hurried) await Delay(interval - time.GetElapsedTime(begun), waiting.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            hurried = true;
        }
        finally
        {
            lock (_lock)
            {
                _waiting = null;
                _hurried &= !hurried;
            }
        }

        if (hurried) await Delay(soonest - time.GetElapsedTime(begun), cancellationToken).ConfigureAwait(false);
    }

    private Task Delay(TimeSpan wait, CancellationToken cancellationToken) => wait > TimeSpan.Zero ? Task.Delay(wait, time, cancellationToken) : Task.CompletedTask;
}

namespace ProdOps.Monitoring.Running;

/// <summary>When something is done again and again: at its interval, and sooner when it is asked to hurry.</summary>
/// <param name="interval">From one beginning to the next.</param>
/// <param name="soonest">The usual time between two beginnings when it is hurried.</param>
/// <param name="time">The clock.</param>
internal sealed class Rhythm(TimeSpan interval, TimeSpan soonest, TimeProvider time)
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _waiting;
    private bool _hurried;
    private TimeSpan _hurry;

    /// <summary>Do it again as soon as it may be.</summary>
    /// <param name="wishes">How soon that is, the least of them; <see langword="null"/> for the usual.</param>
    public void Hurry(params IEnumerable<TimeSpan?> wishes)
    {
        var least = wishes.Select(wish => wish ?? soonest).DefaultIfEmpty(soonest).Min();
        lock (_lock)
        {
            _hurried = true;
            _hurry = least < interval ? least : interval;
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

        if (!hurried) return;
        TimeSpan hurry;
        lock (_lock) hurry = _hurry;
        await Delay(hurry - time.GetElapsedTime(begun), cancellationToken).ConfigureAwait(false);
    }

    private Task Delay(TimeSpan wait, CancellationToken cancellationToken) => wait > TimeSpan.Zero ? Task.Delay(wait, time, cancellationToken) : Task.CompletedTask;
}

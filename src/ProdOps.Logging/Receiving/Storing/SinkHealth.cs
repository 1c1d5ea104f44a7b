namespace ProdOps.Logging.Receiving.Storing;

/// <summary>Whether lines can be stored. It says once that they cannot, and when they can again.</summary>
internal sealed class SinkHealth(IActivity activity, TimeProvider time)
{
    private static readonly TimeSpan Repetition = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private string? _failure;
    private string? _told;
    private long _toldAt;
    private long _since;

    /// <summary>Why lines cannot be stored at present, or <see langword="null"/> if they can.</summary>
    public string? Failure
    {
        get
        {
            lock (_lock) return _failure;
        }
    }

    /// <summary>How long to wait after so many failures in a row.</summary>
    public static TimeSpan DelayAfter(int failures) =>
        TimeSpan.FromTicks(Math.Min(LongestDelay.Ticks, FirstDelay.Ticks << Math.Min(failures - 1, 10)));

    public void Fail(Exception exception)
    {
        lock (_lock)
        {
            if (_failure is null) _since = time.GetTimestamp();
            _failure = exception.Message;
            // Where one stream fails and others do not, it comes and goes.
            if (_told == _failure && time.GetElapsedTime(_toldAt) < Repetition) return;
            (_told, _toldAt) = (_failure, time.GetTimestamp());
        }

        activity.Warning($"Received lines cannot be stored: {exception.Message} Until they can, TCP senders wait, RELP senders keep their lines, and what comes by UDP is dropped.");
    }

    public void Succeed()
    {
        // Read without the lock first: it is asked after every batch.
        if (Volatile.Read(ref _failure) is null) return;
        TimeSpan lasted;
        lock (_lock)
        {
            if (_failure is null) return;
            _failure = null;
            lasted = time.GetElapsedTime(_since);
        }

        activity.Warning($"Received lines are stored again, after {lasted.TotalSeconds:0.#} seconds.");
    }
}

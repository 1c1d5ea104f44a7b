namespace ProdOps.Benchmarks.Measurement;

/// <summary>A clock that runs faster than the machine's, with timers that do as well.</summary>
/// <param name="start">Where it begins.</param>
/// <param name="speed">How many times as fast.</param>
internal sealed class FastTime(DateTimeOffset start, double speed) : TimeProvider
{
    private readonly long _begun = System.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => start + (System.GetElapsedTime(_begun) * speed);

    public override long GetTimestamp() => (long)((System.GetTimestamp() - _begun) * speed);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new FastTimer(System.CreateTimer(callback, state, Real(dueTime), Real(period)), this);

    // A timer that is due at once is, and a period that is not 0 stays one.
    private TimeSpan Real(TimeSpan time) => time <= TimeSpan.Zero ? time : TimeSpan.FromMilliseconds(Math.Max(1, time.TotalMilliseconds / speed));

    private sealed class FastTimer(ITimer timer, FastTime time) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(time.Real(dueTime), time.Real(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}

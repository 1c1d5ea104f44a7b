namespace ProdOps.Host;

/// <summary>
/// Collects garbage when it has grown by a share of what lives. The runtime lets it grow with the processor's cache, which servers
/// report as hundreds of megabytes; this process has a machine to share with what it backs up.
/// </summary>
internal sealed class GarbageTimer : IDisposable
{
    private const long Allowance = 4L << 20;
    private const int MostYoung = 8;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(15);

    private readonly Timer _timer;
    private long _alive, _kept;
    private int _young, _busy;

    public GarbageTimer()
    {
        _alive = _kept = GC.GetTotalMemory(forceFullCollection: false);
        _timer = new Timer(static state => ((GarbageTimer)state!).Look(), this, Interval, Interval);
    }

    private void Look()
    {
        if (Interlocked.Exchange(ref _busy, 1) != 0) return;
        // A large index must not be walked again and again.
        long allowed = Allowance + (_alive / 4);
        if (GC.GetTotalMemory(forceFullCollection: false) - _kept > allowed)
        {
            _kept = Collect(1);
            // What is old by now and lives no longer stays until all is looked at: before the heap has grown by that share a second time, and now and then in any case, since it may have become less.
            if (_kept - _alive > allowed || ++_young >= MostYoung)
            {
                _alive = _kept = Collect(2);
                _young = 0;
            }
        }

        Volatile.Write(ref _busy, 0);
    }

    private static long Collect(int generation)
    {
        GC.Collect(generation, GCCollectionMode.Forced, blocking: true);
        return GC.GetTotalMemory(forceFullCollection: false);
    }

    public void Dispose() => _timer.Dispose();
}

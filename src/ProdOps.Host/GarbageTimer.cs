namespace ProdOps.Host;

/// <summary>
/// Collects garbage when it has grown by a fixed amount. The runtime lets it grow with the processor's cache, which servers
/// report as hundreds of megabytes; this process has a machine to share with what it backs up.
/// </summary>
internal sealed class GarbageTimer : IDisposable
{
    private const long Allowance = 4L << 20;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(15);

    private readonly Timer _timer;
    private long _kept;
    private int _busy;

    public GarbageTimer()
    {
        _kept = GC.GetTotalMemory(forceFullCollection: false);
        _timer = new Timer(static state => ((GarbageTimer)state!).Look(), this, Interval, Interval);
    }

    private void Look()
    {
        if (Interlocked.Exchange(ref _busy, 1) != 0) return;
        // What survived earlier collections counts too: a large index must not be walked again and again.
        if (GC.GetTotalMemory(forceFullCollection: false) - _kept > Allowance + (_kept / 2))
        {
            GC.Collect(GC.CollectionCount(1) % 4 == 3 ? 2 : 1, GCCollectionMode.Forced, blocking: true);
            _kept = GC.GetTotalMemory(forceFullCollection: false);
        }

        Volatile.Write(ref _busy, 0);
    }

    public void Dispose() => _timer.Dispose();
}

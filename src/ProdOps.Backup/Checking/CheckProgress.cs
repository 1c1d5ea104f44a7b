using System.Globalization;

namespace ProdOps.Backup.Checking;

/// <summary>Counts bytes from all threads and tells of them a few times a second.</summary>
internal sealed class CheckProgress(IActivity activity, string title, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly long _started = time.GetTimestamp();
    private long _readStarted, _lastTold, _read, _total, _trees;

    public long BytesRead => Interlocked.Read(ref _read);

    public void AddTree()
    {
        long trees = Interlocked.Increment(ref _trees);
        if (IsTimeToTell()) activity.Progress(new ActivityProgress(title, string.Create(CultureInfo.InvariantCulture, $"{trees:N0} folders")));
    }

    public void ExpectBytes(long bytes)
    {
        _readStarted = time.GetTimestamp();
        Interlocked.Add(ref _total, bytes);
    }

    public void AddBytes(int bytes)
    {
        long read = Interlocked.Add(ref _read, bytes);
        if (!IsTimeToTell()) return;
        double fraction = _total == 0 ? 0 : Math.Clamp((double)read / _total, 0, 1);
        var elapsed = time.GetElapsedTime(_readStarted);
        double speed = read / Math.Max(elapsed.TotalSeconds, 0.001);
        activity.Progress(new ActivityProgress(
            title, $"{ByteSize.Format(read)} of {ByteSize.Format(_total)}, {ByteSize.Format((long)speed)}/s",
            fraction, fraction > 0 ? elapsed * ((1 - fraction) / fraction) : null));
    }

    public void Complete() => activity.Progress(new ActivityProgress(title, "done", 1, TimeSpan.Zero, Completed: true));

    private bool IsTimeToTell()
    {
        long last = Interlocked.Read(ref _lastTold), now = time.GetTimestamp();
        return time.GetElapsedTime(last == 0 ? _started : last, now) >= Interval && Interlocked.CompareExchange(ref _lastTold, now, last) == last;
    }
}

namespace ProdOps.Servers.Files;

/// <summary>Adds up what all of a command's copies have sent, and tells how far they are.</summary>
internal sealed class CopyProgress(IActivity activity, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private long _planned, _done, _shownAt;

    public string Title { get; init; } = "Copying";

    /// <summary>More bytes are to be sent.</summary>
    public void Plan(long bytes) => Interlocked.Add(ref _planned, bytes);

    public void Add(long bytes, string what)
    {
        long done = Interlocked.Add(ref _done, bytes);
        long now = time.GetTimestamp(), shown = Interlocked.Read(ref _shownAt);
        if (time.GetElapsedTime(shown, now) < TimeSpan.FromMilliseconds(200) || Interlocked.CompareExchange(ref _shownAt, now, shown) != shown) return;
        long planned = Math.Max(Interlocked.Read(ref _planned), done);
        var elapsed = time.GetElapsedTime(_start, now);
        double rate = elapsed > TimeSpan.Zero ? done / elapsed.TotalSeconds : 0;
        double fraction = planned == 0 ? 0 : (double)done / planned;
        TimeSpan? remaining = rate > 0 ? TimeSpan.FromSeconds(Math.Min((planned - done) / rate, 1e8)) : null;
        string status = $"{ByteSize.Format(done)} of {ByteSize.Format(planned)}, {ByteSize.Format((long)rate)}/s, {what}";
        activity.Progress(new ActivityProgress(Title, status, fraction, remaining));
    }

    public void Complete() => activity.Progress(new ActivityProgress(Title, "", Completed: true));
}

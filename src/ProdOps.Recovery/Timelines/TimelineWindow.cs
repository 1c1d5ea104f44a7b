namespace ProdOps.Recovery.Timelines;

/// <summary>From when until when, and how far back it is looked for what is usual.</summary>
/// <param name="From">From this moment on.</param>
/// <param name="To">Before this moment.</param>
internal sealed record TimelineWindow(DateTimeOffset From, DateTimeOffset To)
{
    private static readonly TimeSpan Least = TimeSpan.FromMinutes(30), Most = TimeSpan.FromDays(2);

    /// <summary>The time before that is compared with: three times as long, half an hour at least.</summary>
    public TimeSpan Baseline => (To - From) * 3 is var length && length < Least ? Least : length > Most ? Most : length;

    public bool Covers(DateTimeOffset time) => time >= From && time < To;
}

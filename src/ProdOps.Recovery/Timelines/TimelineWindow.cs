namespace ProdOps.Recovery.Timelines;

/// <summary>From when until when, and how far back it is looked for what is usual.</summary>
/// <param name="From">From this moment on.</param>
/// <param name="To">Before this moment.</param>
internal sealed record TimelineWindow(DateTimeOffset From, DateTimeOffset To)
{
    // Nothing that is told of lies beyond, and there is room for what is compared with on either side.
    private static readonly DateTimeOffset First = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero), Last = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly TimeSpan Least = TimeSpan.FromMinutes(30), Most = TimeSpan.FromDays(2);

    /// <summary>The time before that is compared with: three times as long, half an hour at least.</summary>
    public TimeSpan Baseline => (To - From) * 3 is var length && length < Least ? Least : length > Most ? Most : length;

    /// <exception cref="ProdOpsException">It ends before it begins, or lies at an end of the calendar.</exception>
    public static TimelineWindow Of(DateTimeOffset from, DateTimeOffset to)
    {
        if (from >= to) throw RecoveryErrors.TimelineWindowInvalid("it ends before it begins");
        var window = new TimelineWindow(Within(from), Within(to));
        return window.From < window.To ? window : throw RecoveryErrors.TimelineWindowInvalid("nothing is known of that age");

        static DateTimeOffset Within(DateTimeOffset moment) => moment < First ? First : moment > Last ? Last : moment;
    }

    public bool Covers(DateTimeOffset time) => time >= From && time < To;
}

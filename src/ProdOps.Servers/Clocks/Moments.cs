namespace ProdOps.Servers.Clocks;

/// <summary>Reckons with moments that somebody typed or a server said, which may be at an end of the calendar.</summary>
internal static class Moments
{
    private static readonly DateTimeOffset First = DateTimeOffset.MinValue.AddDays(1), Last = DateTimeOffset.MaxValue.AddDays(-1);

    /// <summary>The moment so much later, or the first or last of the calendar where it would lie beyond.</summary>
    public static DateTimeOffset Add(DateTimeOffset moment, TimeSpan time)
    {
        if (time >= TimeSpan.Zero ? time > DateTimeOffset.MaxValue - moment : time < DateTimeOffset.MinValue - moment) return time < TimeSpan.Zero ? DateTimeOffset.MinValue : DateTimeOffset.MaxValue;
        var added = moment.ToUniversalTime() + time;
        // At the ends of the calendar not every zone has a time for it.
        return added < First || added > Last ? added : added.ToOffset(moment.Offset);
    }

    /// <summary>The moment so much earlier, or the first or last of the calendar.</summary>
    public static DateTimeOffset Subtract(DateTimeOffset moment, TimeSpan time) => Add(moment, time == TimeSpan.MinValue ? TimeSpan.MaxValue : -time);
}

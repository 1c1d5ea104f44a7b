namespace ProdOps.Servers.Clocks;

/// <summary>One answer: the server's time came back between two moments of this machine's.</summary>
/// <param name="Sent">When the question left.</param>
/// <param name="RoundTrip">How long the answer took.</param>
/// <param name="Time">What the server said.</param>
/// <param name="Resolution">How finely it counts: it says 10 when it is 10.99.</param>
internal readonly record struct ClockSample(DateTimeOffset Sent, TimeSpan RoundTrip, DateTimeOffset Time, TimeSpan Resolution);

/// <summary>An offset and what it may be off by.</summary>
internal readonly record struct ClockEstimate(TimeSpan Offset, TimeSpan Uncertainty, TimeSpan RoundTrip)
{
    /// <summary>
    /// The offset by the answer with the shortest round trip, as RFC 5905 section 10 filters: the server read its clock somewhere between
    /// question and answer, so the middle is off by half of the time between at most. Where the answers are too coarse for that (whole
    /// seconds) each of them still bounds the offset from both sides, and all bounds together are narrow once a second has changed.
    /// </summary>
    public static ClockEstimate From(IReadOnlyList<ClockSample> samples)
    {
        var best = samples.MinBy(sample => sample.RoundTrip + sample.Resolution);
        long low = Low(best), high = High(best);
        if (best.Resolution > best.RoundTrip)
        {
            foreach (var sample in samples)
            {
                long nextLow = Math.Max(low, Low(sample)), nextHigh = Math.Min(high, High(sample));
                // A clock that was set meanwhile contradicts itself; then the best answer alone counts.
                if (nextLow > nextHigh) return Between(Low(best), High(best), best.RoundTrip);
                (low, high) = (nextLow, nextHigh);
            }
        }

        return Between(low, high, best.RoundTrip);
    }

    private static long Low(ClockSample sample) => (sample.Time - sample.Sent - sample.RoundTrip).Ticks;

    private static long High(ClockSample sample) => (sample.Time + sample.Resolution - sample.Sent).Ticks;

    private static ClockEstimate Between(long low, long high, TimeSpan roundTrip) => new(new TimeSpan(low + (high - low) / 2), new TimeSpan((high - low + 1) / 2), roundTrip);
}

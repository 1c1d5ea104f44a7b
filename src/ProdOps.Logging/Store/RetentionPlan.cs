using ProdOps.Logging.Collecting;

namespace ProdOps.Logging.Store;

/// <summary>What is kept of a stream.</summary>
/// <param name="Age">Segments are removed when all of their lines are older; <see langword="null"/> for no limit.</param>
/// <param name="MaxSize">The oldest segments are removed until the rest, with its indexes, has so many bytes at most.</param>
internal sealed record RetentionRule(TimeSpan? Age, long? MaxSize);

/// <summary>A segment that is to go, and why.</summary>
internal sealed record RetentionDecision(SegmentFacts Segment, string Reason);

/// <summary>Decides which segments go. It looks at nothing but what it is given.</summary>
internal static class RetentionPlan
{
    /// <param name="segments">All segments of all streams that may be touched.</param>
    /// <param name="ruleOf">What is kept of a stream.</param>
    /// <param name="holdsOf">What must not be removed of a stream.</param>
    /// <param name="totalSize">How many bytes all segments together may have; <see langword="null"/> for no limit.</param>
    /// <param name="now">The present moment.</param>
    public static List<RetentionDecision> Make(
        IReadOnlyList<SegmentFacts> segments, Func<LogStream, RetentionRule> ruleOf, Func<LogStream, IReadOnlyList<HoldEntry>> holdsOf, long? totalSize, DateTimeOffset now)
    {
        var decisions = new List<RetentionDecision>();
        var free = new List<SegmentFacts>();
        foreach (var stream in segments.GroupBy(segment => segment.Stream))
        {
            var rule = ruleOf(stream.Key);
            var holds = holdsOf(stream.Key);
            long size = stream.Sum(SizeOf);
            foreach (var segment in stream.OrderBy(segment => segment.Age))
            {
                // An empty one holds the checkpoint and nothing else.
                if (segment.RawLength == 0 && segment.IsNewest) continue;
                if (holds.Any(hold => IsHeld(segment, hold))) continue;
                string? reason = rule.Age is { } age && segment.Age < now - age ? $"older than {Describe(age)}"
                    : rule.MaxSize is { } most && size > most ? $"the source has more than {ByteSize.Format(most)}"
                    : null;
                if (reason is null)
                {
                    free.Add(segment);
                    continue;
                }

                decisions.Add(new RetentionDecision(segment, reason));
                size -= SizeOf(segment);
            }
        }

        if (totalSize is not { } total) return decisions;
        long all = segments.Sum(SizeOf) - decisions.Sum(decision => SizeOf(decision.Segment));
        foreach (var segment in free.OrderBy(segment => segment.Age))
        {
            if (all <= total) break;
            decisions.Add(new RetentionDecision(segment, $"the store has more than {ByteSize.Format(total)}"));
            all -= SizeOf(segment);
        }

        return decisions;
    }

    private static long SizeOf(SegmentFacts segment) => segment.StoredLength + segment.IndexLength;

    /// <summary>Whether something says that a segment must stay.</summary>
    public static bool IsHeld(SegmentFacts segment, HoldEntry hold) =>
        (hold.After is not { } after || segment.To >= after || segment.Unread >= after) && (hold.Before is not { } before || segment.From < before);

    private static string Describe(TimeSpan age) => age.TotalDays >= 2 ? $"{age.TotalDays:0.#} days" : age.TotalHours >= 2 ? $"{age.TotalHours:0.#} hours" : $"{age.TotalMinutes:0.#} minutes";
}

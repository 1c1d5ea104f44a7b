using System.Runtime.CompilerServices;

namespace ProdOps.Logging.Engines.Loki;

/// <summary>
/// Reads all lines of a query in the order of time. Loki gives a limited number at once, and of a limited span: spans follow one another, and where one has more lines than are given, the next
/// page begins with the moment that the last may have cut in two. A moment with more lines than are given is taken apart by when its lines came.
/// </summary>
internal sealed class LokiPages(LokiApi api, TimeProvider time)
{
    private const long Hour = 60L * 60 * 1_000_000_000, Day = 24 * Hour;

    // Loki ends what takes it more than half a minute; what it answers in less than a second may be asked of more at once.
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(1), Slow = TimeSpan.FromSeconds(5);

    // Two years without anything are taken for the beginning: to ask for all of time would take minutes.
    private const long LongestGap = 730 * Day;

    private const int AtOnce = 6;

    private readonly Dictionary<string, (long Oldest, long Asked)> _oldest = [];

    /// <summary>The longest span that Loki takes, as far as is known; it takes 721 hours unless it is configured.</summary>
    public long LongestSpan { get; private set; } = 29 * Day;

    /// <summary>The end of all that may be there: servers' clocks may be ahead, but Loki takes nothing from far in the future.</summary>
    /// <param name="wanted">What was asked for, in UTC ticks.</param>
    public long EndOf(long? wanted)
    {
        long now = LokiLine.NanosecondsOf(time.GetUtcNow().UtcTicks);
        return wanted is { } ticks ? Math.Min(LokiLine.NanosecondsOf(ticks), now + (30 * Day)) : now + Hour;
    }

    /// <summary>The span to ask for next, by how long the last took.</summary>
    public long SpanAfter(long span, long started)
    {
        var took = time.GetElapsedTime(started);
        return Math.Min(LongestSpan, took < Quick ? span * 2 : took > Slow ? Math.Max(Hour, span / 2) : span);
    }

    /// <summary>When a question is asked, for <see cref="SpanAfter"/>.</summary>
    public long Started() => time.GetTimestamp();

    /// <summary>The span to ask for first.</summary>
    public long FirstSpan => Math.Min(LongestSpan, Day);

    /// <summary>Reads lines.</summary>
    /// <param name="query">The query.</param>
    /// <param name="streams">The query's selector alone.</param>
    /// <param name="from">The first moment in UTC ticks, or <see langword="null"/>.</param>
    /// <param name="to">The end in UTC ticks, or <see langword="null"/>.</param>
    /// <param name="limit">How many lines a page should have.</param>
    /// <param name="backwards">The latest first.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<IReadOnlyList<EngineLine>> ReadAsync(string query, string streams, long? from, long? to, int limit, bool backwards, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long end = EndOf(to);
        long start = from is { } first ? LokiLine.NanosecondsOf(first) : await OldestAsync(streams, cancellationToken).ConfigureAwait(false);
        for (long span = FirstSpan; start < end;)
        {
            span = Math.Min(span, LongestSpan);
            long started = Started();
            long low = backwards ? Math.Max(start, end - span) : start, high = backwards ? end : Math.Min(end, start + span);
            var (rows, most) = await PageAsync(query, low, high, limit, backwards, cancellationToken).ConfigureAwait(false);
            if (rows is null)
            {
                span = Math.Max(Hour, (high - low) / 4);
                continue;
            }

            List<EngineLine> lines;
            if (rows.Count < most)
            {
                lines = Order(rows, backwards);
                if (backwards) end = low;
                else start = high;
                span = SpanAfter(span, started);
            }
            else
            {
                long edge = backwards ? rows.Min(static row => row.Line.Ticks) : rows.Max(static row => row.Line.Ticks);
                var whole = rows.Where(row => row.Line.Ticks != edge).ToList();
                bool isOne = whole.Count == 0;
                lines = isOne ? await MomentAsync(query, edge, backwards, cancellationToken).ConfigureAwait(false) : Order(whole, backwards);
                long edgeStart = LokiLine.NanosecondsOf(edge), edgeEnd = edgeStart + EqualLines.TickLength;
                if (backwards) end = isOne ? edgeStart : edgeEnd;
                else start = isOne ? edgeEnd : edgeStart;
            }

            if (lines.Count > 0) yield return lines;
        }
    }

    /// <summary>A moment before which nothing is found.</summary>
    public async Task<long> OldestAsync(string streams, CancellationToken cancellationToken)
    {
        long now = EndOf(null);
        if (_oldest.TryGetValue(streams, out var known) && now - known.Asked < Hour / 60) return known.Oldest;
        long oldest = now;
        for (long asked = now; asked > 0 && oldest - asked < LongestGap;)
        {
            try
            {
                // The last of them that has something; those between may be empty.
                long span = LongestSpan;
                bool[] filled = await Task.WhenAll(Enumerable.Range(1, AtOnce).Select(i => HasAsync(streams, asked - (i * span), asked - ((i - 1) * span), cancellationToken))).ConfigureAwait(false);
                int last = Array.LastIndexOf(filled, true) + 1;
                if (last > 0) oldest = Math.Max(0, asked - (last * span));
                asked -= AtOnce * span;
            }
            catch (EngineRefusalException error) when (LokiApi.IsTooLong(error) && Shorten())
            {
                // Once more with a shorter span.
            }
        }

        if (oldest == now) return now;
        // Asking for lines of empty days costs Loki more than to find the first that has some.
        for (long span = Math.Min(LongestSpan, now - oldest); span > Day;)
        {
            span /= 2;
            if (!await HasAsync(streams, oldest, oldest + span, cancellationToken).ConfigureAwait(false)) oldest += span;
        }

        _oldest[streams] = (oldest, now);
        return oldest;
    }

    private async Task<bool> HasAsync(string streams, long start, long end, CancellationToken cancellationToken) =>
        end > 0 && await api.HasStreamsAsync(streams, Math.Max(0, start), end, cancellationToken).ConfigureAwait(false);

    /// <summary>Takes a shorter span from now on.</summary>
    /// <returns>False if there is none.</returns>
    public bool Shorten()
    {
        if (LongestSpan < Hour) return false;
        LongestSpan /= 2;
        return true;
    }

    private async Task<(List<LokiRow>? Rows, int Limit)> PageAsync(string query, long low, long high, int limit, bool backwards, CancellationToken cancellationToken)
    {
        try
        {
            return await api.LinesAsync(query, low, high, limit, backwards, cancellationToken).ConfigureAwait(false);
        }
        catch (EngineRefusalException error) when (LokiApi.IsTooLong(error) && Shorten())
        {
            return (null, 0);
        }
        catch (EngineTroubleException error) when (error.MayHaveArrived && high - low > Hour)
        {
            // It was reached; it may have been too much at once.
            return (null, 0);
        }
    }

    /// <summary>All lines of one moment, of which there are more than are given at once.</summary>
    private async Task<List<EngineLine>> MomentAsync(string query, long ticks, bool backwards, CancellationToken cancellationToken)
    {
        var rows = new List<LokiRow>();
        // What others have sent does not say when it came.
        var parts = new Stack<LokiFilter>([LokiLabels.Foreign, LokiFilter.Above(LokiLabels.Received, 0)]);
        long start = LokiLine.NanosecondsOf(ticks);
        while (parts.TryPop(out var part))
        {
            var (some, limit) = await api.LinesAsync($"{query} | {part}", start, start + EqualLines.TickLength, int.MaxValue, backwards: false, cancellationToken).ConfigureAwait(false);
            if (some.Count < limit)
            {
                rows.AddRange(some);
                continue;
            }

            long[] received = [.. some.Select(static row => row.Line.Received).Distinct().Order()];
            // Most came one after the other: then the first part is whole.
            if (received.Length < 2) throw LoggingErrors.EngineMomentTooFull(api.Location, new DateTimeOffset(ticks, TimeSpan.Zero), limit);
            var above = LokiFilter.Above(LokiLabels.Received, received[Math.Min(received.Length * 3 / 4, received.Length - 2)]);
            parts.Push(part.And(above));
            parts.Push(part.And(above.Not()));
        }

        return Order(rows, backwards);
    }

    /// <summary>The order of time, without what is there twice: Loki drops what it gets again only while it still remembers it.</summary>
    private static List<EngineLine> Order(List<LokiRow> rows, bool backwards)
    {
        var lines = rows.DistinctBy(static row => (row.Line.Stream, row.Nanoseconds, row.Text)).Select(static row => row.Line).ToList();
        lines.Sort(EngineLine.Compare);
        if (backwards) lines.Reverse();
        return lines;
    }
}

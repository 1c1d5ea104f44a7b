using System.Globalization;
using ProdOps.Logging.Conditions;
using ProdOps.Logging.Searching;

namespace ProdOps.Logging.Engines.Loki;

/// <summary>
/// Counts in Loki, by time and by what lines were sent with. Its ranges are of whole milliseconds, leave out their first moment and have their last. A single one may end at any nanosecond; of
/// several that follow one another the ends are moved to whole steps, and no offset but one of whole milliseconds is heeded. So no line is sent just on a tick, and those of others,
/// which may be there, are not counted so.
/// </summary>
/// <param name="api">Asks Loki.</param>
/// <param name="pages">Knows what spans it takes.</param>
/// <param name="measure">How lines are counted.</param>
/// <param name="table">Takes the counts.</param>
/// <param name="countHere">Looks at the lines of what is left of a window: UTC ticks.</param>
internal sealed class LokiCounts(LokiApi api, LokiPages pages, MeasureOptions measure, MeasureTable table, Func<long, long, Task> countHere)
{
    // Loki gives no more than 11,000 points of a series.
    private const int MostBuckets = 5000;

    private const long Second = 1_000_000_000, Millisecond = 1_000_000;

    private readonly long _interval = (measure.Interval?.Ticks ?? 0) * EqualLines.TickLength;

    /// <summary>Whether Loki can count so.</summary>
    public static bool CanCount(MeasureOptions measure) =>
        measure.Property is null && measure.By.All(static field => EntryFields.Find(field) is EntryField.Server or EntryField.Source or EntryField.Level)
        && (measure.Interval is not { } interval || (interval.Ticks % TimeSpan.TicksPerSecond == 0 && interval <= TimeSpan.FromDays(1)));

    /// <summary>Whether lines that others have sent must be looked at.</summary>
    public static bool NeedsOurs(MeasureOptions measure) => measure.Interval is not null || measure.By.Any(static field => EntryFields.Find(field) == EntryField.Level);

    /// <summary>Adds what a query finds.</summary>
    /// <param name="query">The query in LogQL.</param>
    /// <param name="streams">Its selector alone.</param>
    /// <param name="window">Its window of time.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task AddAsync(string query, string streams, LogQuery window, CancellationToken cancellationToken)
    {
        long start = window.After is { } after ? LokiLine.NanosecondsOf(after.UtcTicks) : await pages.OldestAsync(streams, cancellationToken).ConfigureAwait(false);
        long end = pages.EndOf(window.Before?.UtcTicks);
        if (start >= end) return;
        // Where no end is named any will do.
        if (window.Before is null) end += (Millisecond - ((end - start) % Millisecond)) % Millisecond;
        if (_interval == 0)
        {
            await AddSpansAsync(query, start, end, cancellationToken).ConfigureAwait(false);
            return;
        }

        // Whole intervals are counted together, and those that the window cuts one by one.
        long firstWhole = BucketOf(start) == start ? start : BucketOf(start) + _interval, endWhole = BucketOf(end);
        if (firstWhole >= endWhole)
        {
            for (long each = start; each < end; each = BucketOf(each) + _interval) await AddSpansAsync(query, each, Math.Min(end, BucketOf(each) + _interval), cancellationToken).ConfigureAwait(false);
            return;
        }

        if (start < firstWhole) await AddSpansAsync(query, start, firstWhole, cancellationToken).ConfigureAwait(false);
        await AddBucketsAsync(query, firstWhole, endWhole, cancellationToken).ConfigureAwait(false);
        if (endWhole < end) await AddSpansAsync(query, endWhole, end, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Counts spans that are not divided by time.</summary>
    private async Task AddSpansAsync(string query, long start, long end, CancellationToken cancellationToken)
    {
        for (long longest = pages.FirstSpan; end - start >= Millisecond;)
        {
            long span = Math.Min(end - start, Math.Min(longest, pages.LongestSpan)) / Millisecond * Millisecond, started = pages.Started();
            try
            {
                foreach (var (group, _, count) in await api.NumbersAsync(Of(query, span, 0), start + span - 1, cancellationToken).ConfigureAwait(false)) Add(group, start, count);
                start += span;
                longest = pages.SpanAfter(longest, started);
            }
            catch (EngineRefusalException error) when (LokiApi.IsTooLong(error) && pages.Shorten())
            {
                // Once more with a shorter span.
            }
        }

        if (start < end) await countHere(LokiLine.TicksOf(start), LokiLine.TicksOf(end)).ConfigureAwait(false);
    }

    /// <summary>Counts whole intervals.</summary>
    private async Task AddBucketsAsync(string query, long start, long end, CancellationToken cancellationToken)
    {
        // Loki counts at multiples of the interval since 1970; ours begin at year 1.
        long shift = PositiveRest(-start, _interval);
        for (long longest = pages.FirstSpan; start < end;)
        {
            long started = pages.Started(), count = Math.Max(1, Math.Min(Math.Min((end - start) / _interval, MostBuckets), (Math.Min(longest, pages.LongestSpan) / _interval) - 1));
            long first = start + _interval + shift, last = first + ((count - 1) * _interval);
            try
            {
                foreach (var (group, ticks, number) in await api.NumbersAsync(Of(query, _interval, shift), first, last, _interval / Second, cancellationToken).ConfigureAwait(false))
                    Add(group, LokiLine.NanosecondsOf(ticks) - _interval - shift, number);
                start += count * _interval;
                longest = pages.SpanAfter(longest, started);
            }
            catch (EngineRefusalException error) when (LokiApi.IsTooLong(error) && pages.Shorten())
            {
                // Once more with fewer intervals.
            }
        }
    }

    private string Of(string query, long range, long offset)
    {
        string by = measure.By.Count == 0 ? "" : $"by ({string.Join(", ", measure.By.Select(LabelOf).Distinct())}) ";
        string shift = offset == 0 ? "" : $" offset {Duration(offset)}";
        return $"sum {by}(count_over_time({query} [{Duration(range)}]{shift}))";
    }

    private void Add(Dictionary<string, string> group, long start, long count)
    {
        if (count > 0) table.Add(LokiLine.TicksOf(start), [.. measure.By.Select(field => Value(field, group.GetValueOrDefault(LabelOf(field), "")))], count);
    }

    private static string LabelOf(string field) => EntryFields.Find(field) switch
    {
        EntryField.Server => LokiLabels.Server,
        EntryField.Source => LokiLabels.Source,
        _ => LokiLabels.Level,
    };

    private static object? Value(string field, string text) =>
        EntryFields.Find(field) != EntryField.Level ? text : Enum.TryParse<LogLevel>(text, ignoreCase: true, out var level) ? level : null;

    private long BucketOf(long nanoseconds) => LokiLine.NanosecondsOf(table.BucketOf(LokiLine.TicksOf(nanoseconds)));

    private static string Duration(long nanoseconds) => nanoseconds % Second == 0 ? string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / Second}s") : string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / Millisecond}ms");

    private static long PositiveRest(long number, long divisor) => ((number % divisor) + divisor) % divisor;
}

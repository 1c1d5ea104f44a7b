using System.Runtime.CompilerServices;
using ProdOps.Logging.Conditions;
using ProdOps.Logging.Store;

namespace ProdOps.Logging.Searching;

/// <summary>Runs queries on a store, on all cores.</summary>
internal sealed class StoreSearch(LogStore store, IActivity activity) : ILogSearch
{
    // How many entries are handed on at once: enough that handing on costs nothing, few enough that the first come soon.
    private const int BatchLength = 512;

    /// <summary>What is found, in the order of time over all servers and sources, as soon as that order is certain.</summary>
    public async IAsyncEnumerable<IReadOnlyList<LogEntry>> SearchAsync(LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var plan = SearchPlan.Make(store, query, activity, cancellationToken);
        activity.Verbose($"{plan.Frames.Count} of {plan.AllFrames} frames may hold what is looked for.");
        if (query.Newest is { } newest && query.HasContext)
        {
            foreach (var batch in (await FindNewestWithContextAsync(query, newest, cancellationToken).ConfigureAwait(false)).Chunk(BatchLength)) yield return batch;
            yield break;
        }

        if (query.Newest is { } most)
        {
            foreach (var batch in (await FindNewestAsync(plan, query, most, cancellationToken).ConfigureAwait(false)).Chunk(BatchLength)) yield return batch;
            yield break;
        }

        plan.Frames.Sort(static (a, b) => a.MinKey != b.MinKey ? a.MinKey.CompareTo(b.MinKey) : a.Order != b.Order ? a.Order.CompareTo(b.Order) : a.Frame.RawOffset.CompareTo(b.Frame.RawOffset));
        var merge = new TimeMerge();
        long left = query.First ?? long.MaxValue;
        var tail = query.First is not null && query.ContextAfter > 0 ? new ContextTail(query.ContextAfter) : null;
        await using var frames = new FrameWorkers<FoundEntries>(plan, query, static (search, place) => search.Search(place), FoundEntries.None, activity);
        for (int i = 0; i < plan.Frames.Count && left > 0; i++)
        {
            merge.Add(await frames.NextAsync(cancellationToken).ConfigureAwait(false), plan.Frames[i].Order);
            long bound = i + 1 < plan.Frames.Count ? plan.Frames[i + 1].MinKey : long.MaxValue;
            while (left > 0 && merge.Take(bound, (int)Math.Min(left, BatchLength)) is { Count: > 0 } batch)
            {
                left -= batch.Count(static entry => !entry.IsContext);
                tail?.Add(batch);
                yield return batch;
            }
        }

        // What stands behind the last ones was found with them.
        if (tail?.Rest(merge) is { Count: > 0 } rest) yield return rest;
    }

    /// <summary>How many entries there are of what is looked for.</summary>
    public async Task<long> CountAsync(LogQuery query, CancellationToken cancellationToken)
    {
        using var plan = SearchPlan.Make(store, query, activity, cancellationToken);
        long count = 0;
        bool everything = plan.Test is { Matcher: null, LooksInside: false };
        if (everything)
        {
            // Frames that are in the window whole need not be opened.
            count = plan.Frames.Where(place => query.Covers(place.MinKey) && query.Covers(place.MaxKey)).Sum(static place => (long)place.Frame.Levels.Total);
            plan.Frames.RemoveAll(place => query.Covers(place.MinKey) && query.Covers(place.MaxKey));
        }

        await FrameLoop.RunAsync(plan, query, (search, place) => Interlocked.Add(ref count, search.Count(place)), activity, cancellationToken).ConfigureAwait(false);
        return count;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<IReadOnlyList<LogEntry>> WatchAsync(LogQuery query, CancellationToken cancellationToken) =>
        new StoreWatch(store, activity, store.Options.Time).WatchAsync(query, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LogMeasure>> MeasureAsync(LogQuery query, MeasureOptions options, CancellationToken cancellationToken)
    {
        using var plan = SearchPlan.Make(store, query, activity, cancellationToken);
        var all = new MeasureTable(options);
        if (plan.Test is { Matcher: null, LooksInside: false } && options.Property is null) CountByIndex(plan, query, options, all);
        using var tables = new ThreadLocal<MeasureTable>(() => new MeasureTable(options), trackAllValues: true);
        await FrameLoop.RunAsync(plan, query, (search, place) => search.Visit(place, tables.Value!.Add), activity, cancellationToken).ConfigureAwait(false);
        foreach (var table in tables.Values) all.Add(table);
        return all.ToMeasures();
    }

    /// <summary>What the index knows needs no reading: frames that are in the window and in one interval whole, grouped by nothing, server, source or level.</summary>
    private static void CountByIndex(SearchPlan plan, LogQuery query, MeasureOptions options, MeasureTable table)
    {
        EntryField[] by = [.. options.By.Select(EntryFields.Find)];
        if (by.Any(field => field is not (EntryField.Server or EntryField.Source or EntryField.Level))) return;
        plan.Frames.RemoveAll(place =>
        {
            if (!query.Covers(place.MinKey) || !query.Covers(place.MaxKey) || table.BucketOf(place.MinKey) != table.BucketOf(place.MaxKey)) return false;
            for (int i = 0; i < LevelCounts.Count; i++)
            {
                int count = place.Frame.Levels[i];
                if (count == 0) continue;
                object?[] values = [.. by.Select(field => field switch
                {
                    EntryField.Server => place.Stream.Server,
                    EntryField.Source => place.Stream.Source,
                    _ => i == LevelCounts.None ? null : (object)(LogLevel)i,
                })];
                table.Add(place.MinKey, values, count);
            }

            return true;
        });
    }

    /// <summary>First the newest are found, which need not look at all; then what stands around them.</summary>
    private async Task<IReadOnlyList<LogEntry>> FindNewestWithContextAsync(LogQuery query, int newest, CancellationToken cancellationToken)
    {
        long oldest = long.MaxValue;
        using (var plan = SearchPlan.Make(store, query.WithoutContext(), activity, cancellationToken))
        {
            foreach (var entry in await FindNewestAsync(plan, query.WithoutContext(), newest, cancellationToken).ConfigureAwait(false)) oldest = Math.Min(oldest, entry.Time.UtcTicks);
        }

        var entries = new List<LogEntry>();
        if (oldest == long.MaxValue) return entries;
        // A corrected clock orders otherwise: there the time of an entry says nothing about where the window may begin.
        var around = query with { Newest = null, After = query.CorrectClock ? query.After : new DateTimeOffset(oldest, TimeSpan.Zero) };
        await foreach (var batch in SearchAsync(around, cancellationToken).ConfigureAwait(false)) entries.AddRange(batch);
        return ContextTail.KeepNewest(entries, newest, query.ContextBefore);
    }

    private async Task<LogEntry[]> FindNewestAsync(SearchPlan plan, LogQuery query, int newest, CancellationToken cancellationToken)
    {
        plan.Frames.Sort(static (a, b) => b.MaxKey.CompareTo(a.MaxKey));
        // The least of the best so far is on top; sequence numbers keep equals in the order of the file.
        var best = new PriorityQueue<(LogEntry Entry, long Key, int Order), (long Key, int Order, long Position)>();
        await using var frames = new FrameWorkers<FoundEntries>(plan, query, (search, place) => search.SearchNewest(place, newest), FoundEntries.None, activity);
        for (int i = 0; i < plan.Frames.Count; i++)
        {
            if (best.Count >= newest && best.TryPeek(out _, out var least) && plan.Frames[i].MaxKey < least.Key) break;
            var found = await frames.NextAsync(cancellationToken).ConfigureAwait(false);
            for (int j = 0; j < found.Entries.Length; j++)
            {
                var priority = (found.Keys[j], plan.Frames[i].Order, found.Entries[j].Position.Offset);
                if (best.Count < newest) best.Enqueue((found.Entries[j], found.Keys[j], plan.Frames[i].Order), priority);
                else best.EnqueueDequeue((found.Entries[j], found.Keys[j], plan.Frames[i].Order), priority);
            }
        }

        var result = new LogEntry[best.Count];
        for (int i = 0; i < result.Length; i++) result[i] = best.Dequeue().Entry;
        return result;
    }
}

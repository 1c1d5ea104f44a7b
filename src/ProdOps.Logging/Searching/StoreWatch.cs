using System.Runtime.CompilerServices;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Store;

namespace ProdOps.Logging.Searching;

/// <summary>Follows a store: what is appended after it began, whoever appends it.</summary>
internal sealed class StoreWatch(LogStore store, IActivity activity, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly Dictionary<LogStream, (string Path, long End)> _read = [];

    public async IAsyncEnumerable<IReadOnlyList<LogEntry>> WatchAsync(LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var test = new LineTest(query);
        using var search = new FrameSearch(query, test);
        foreach (var stream in Wanted(query, test)) Skip(stream);
        using var timer = new PeriodicTimer(Pause, time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            var merge = new TimeMerge();
            int order = 0;
            foreach (var stream in Wanted(query, test)) ReadNew(stream, query, search, merge, order++);
            while (merge.Take(long.MaxValue, 512) is { Count: > 0 } batch) yield return batch;
        }
    }

    private IEnumerable<LogStream> Wanted(LogQuery query, LineTest test) =>
        store.GetStreams().Where(stream => query.Wants(stream.Server, stream.Source) && test.MayMatchStream(stream.Server, stream.Source));

    private void Skip(LogStream stream)
    {
        if (store.GetSegments(stream) is not [.., var newest]) return;
        using var view = TryOpen(newest);
        // One that was just begun has nothing yet.
        _read[stream] = (newest, view?.RawLength ?? 0);
    }

    private void ReadNew(LogStream stream, LogQuery query, FrameSearch search, TimeMerge merge, int order)
    {
        var (path, end) = _read.GetValueOrDefault(stream);
        var segments = store.GetSegments(stream);
        // Where the one that was read last was removed, nothing tells which others are new: numbers may begin again.
        bool passed = path is null || !segments.Contains(path);
        for (int number = 0; number < segments.Count; number++)
        {
            string segment = segments[number];
            // Segments are in order: those before the one that was read last are known.
            if (!passed && segment != path) continue;
            passed = true;
            using var view = TryOpen(segment);
            if (view is null) continue;
            long from = segment == path && end <= view.RawLength ? end : 0;
            for (int i = 0; i < view.Frames.Count; i++)
            {
                var frame = view.Frames[i];
                if (frame.RawOffset + frame.RawLength <= from || frame.MaxTime < query.After?.UtcTicks) continue;
                var found = search.Search(new FramePlace(new SegmentPlace(store, stream, segments, number), view, i, order, CorrectClock: false));
                merge.Add(frame.RawOffset < from ? From(found, from) : found, order);
            }

            _read[stream] = (segment, view.RawLength);
        }
    }

    /// <summary>What stands behind a place: batches that were read already may have been put into one frame with new ones.</summary>
    private static FoundEntries From(FoundEntries found, long from)
    {
        int[] wanted = [.. Enumerable.Range(0, found.Entries.Length).Where(i => found.Entries[i].Position.Offset >= from)];
        return new FoundEntries([.. wanted.Select(i => found.Entries[i])], [.. wanted.Select(i => found.Keys[i])]);
    }

    private SegmentView? TryOpen(string path)
    {
        try
        {
            return SegmentViews.Shared.Open(path, store.Formats);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ProdOpsException)
        {
            // It was just begun, or just removed: the next look tells.
            activity.Verbose($"'{path}' cannot be read now: {error.Message}");
            return null;
        }
    }
}

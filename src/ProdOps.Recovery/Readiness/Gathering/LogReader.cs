using ProdOps.Logging.Collecting;
using ProdOps.Logging.Store;

namespace ProdOps.Recovery.Readiness.Gathering;

/// <summary>Looks what the log store holds, by its indexes.</summary>
internal static class LogReader
{
    public static LogFacts Read(Func<IActivity, LogStore> open, CancellationToken cancellationToken)
    {
        var problems = new ProblemActivity();
        using var store = open(problems);
        var sources = new List<LogStoreSource>();
        foreach (var stream in store.GetStreams())
        {
            cancellationToken.ThrowIfCancellationRequested();
            SegmentFacts[] segments = [.. StoreContents.Read(store, stream, problems)];
            if (segments.Length > 0) sources.Add(Of(stream, segments, StoreContents.Holds(store, stream).Count));
        }

        return new LogFacts(sources, problems.Found);
    }

    private static LogStoreSource Of(LogStream stream, SegmentFacts[] segments, int holds)
    {
        var filled = segments.Where(static segment => segment.Entries > 0).ToList();
        return new LogStoreSource
        {
            Server = stream.Server,
            Source = stream.Source,
            Entries = segments.Sum(static segment => segment.Entries),
            Size = segments.Sum(static segment => segment.RawLength),
            StoredSize = segments.Sum(static segment => segment.StoredLength),
            From = filled.Count == 0 ? null : filled.Min(static segment => segment.From),
            To = filled.Count == 0 ? null : filled.Max(static segment => segment.To),
            Received = filled.Count == 0 ? null : filled.Max(static segment => segment.Received),
            Segments = segments.Length,
            Holds = [.. Enumerable.Repeat(new LogHold { Server = stream.Server, Source = stream.Source }, holds)],
        };
    }
}

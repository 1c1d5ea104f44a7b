using System.Management.Automation;
using ProdOps.Logging.Store;

namespace ProdOps.Cmdlets.Logging;

/// <summary>Tells what a log store has of each server and source, how large it is, and what is held.</summary>
[Cmdlet(VerbsCommon.Get, "LogStore")]
[OutputType(typeof(LogStoreSource))]
public sealed class GetLogStore : StoreCmdlet
{
    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken) => WithStoreAsync(async (store, streams) =>
    {
        foreach (var stream in streams)
        {
            cancellationToken.ThrowIfCancellationRequested();
            SegmentFacts[] segments = [.. StoreContents.Read(store, stream, Activity)];
            if (segments.Length > 0) await WriteObjectAsync(ToModel(segments, StoreContents.Holds(store, stream)));
        }
    });

    private static LogStoreSource ToModel(SegmentFacts[] segments, IReadOnlyList<HoldEntry> holds)
    {
        var filled = segments.Where(segment => segment.Entries > 0).ToList();
        long size = segments.Sum(segment => segment.RawLength), stored = segments.Sum(segment => segment.StoredLength), index = segments.Sum(segment => segment.IndexLength);
        return new LogStoreSource
        {
            Server = segments[0].Stream.Server,
            Source = segments[0].Stream.Source,
            Format = segments[^1].Header.Format,
            Entries = segments.Sum(segment => segment.Entries),
            Size = size,
            StoredSize = stored,
            IndexSize = index,
            Ratio = stored + index == 0 ? 0 : (double)size / (stored + index),
            From = filled.Count == 0 ? null : filled.Min(segment => segment.From),
            To = filled.Count == 0 ? null : filled.Max(segment => segment.To),
            Received = filled.Count == 0 ? null : filled.Max(segment => segment.Received),
            Segments = segments.Length,
            SealedSegments = segments.Count(segment => segment.Header.Sealed),
            Holds = [.. holds.Select(hold => Holds.ToModel(segments[0].Stream, hold))],
            Path = Path.GetDirectoryName(segments[0].Path) ?? "",
        };
    }
}

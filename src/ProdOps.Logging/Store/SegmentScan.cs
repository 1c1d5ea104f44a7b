using ProdOps.Logging.Store.Filters;
using ProdOps.Servers.Files;

namespace ProdOps.Logging.Store;

/// <summary>Makes index entries of what is in a segment, where the index does not have them.</summary>
internal static class SegmentScan
{
    /// <summary>The frames of a batch, each read and looked through.</summary>
    /// <param name="view">The segment.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="analyzer">Used again.</param>
    /// <param name="buffers">Used again.</param>
    /// <param name="before">The frame before the batch, or nothing.</param>
    /// <param name="filters">Whether their filters are made too.</param>
    public static EncodedFrame[] Read(SegmentView view, SegmentBatch batch, FrameAnalyzer analyzer, FrameBuffers buffers, FrameEntry before, bool filters)
    {
        var frames = new EncodedFrame[batch.Header.Frames.Length];
        var drafts = new FilterDraft[filters ? frames.Length : 0];
        long offset = batch.Data, raw = before.RawOffset + before.RawLength;
        long carried = raw == 0 && before.LastTime == 0 ? batch.Header.Received.UtcTicks : before.LastTime;
        for (int i = 0; i < frames.Length; i++)
        {
            int[] lengths = batch.Header.Frames[i];
            if (lengths[1] > SegmentFile.MaximumFrame) throw LoggingErrors.SegmentDamaged(view.File.Path, offset, "its stated length cannot be");
            var entry = new FrameEntry { Offset = offset, RawOffset = raw, StoredLength = lengths[0], RawLength = lengths[1] };
            BatchTimes.Fill(batch.Header, ref entry);
            var stored = view.ReadStored(entry, buffers);
            entry.StoredChecksum = Crc32C.OfLanes(stored.Span);
            var lines = view.Decompress(entry, stored, buffers);
            var times = analyzer.Analyze(lines.Span, view.Format, view.ContextOf(entry), ref entry, filters ? drafts[i] = new FilterDraft() : null);
            carried = times.Complete(carried, ref entry);
            frames[i] = new EncodedFrame(default, times) { Entry = entry };
            offset += lengths[0];
            raw += lengths[1];
        }

        if (!filters) return frames;
        FilterRuns.Agree(frames);
        for (int i = 0; i < frames.Length; i++) frames[i].Filter = drafts[i].Complete(frames[i].Entry.GramBlocks);
        return frames;
    }
}

/// <summary>What a batch's head says of the times of its frames.</summary>
internal static class BatchTimes
{
    public static void Fill(BatchHeader batch, ref FrameEntry entry)
    {
        entry.ReceivedTime = batch.Received.UtcTicks;
        entry.ReferenceTime = (batch.Reference ?? batch.Received).UtcTicks;
        entry.ClockOffset = batch.ClockOffset ?? FrameEntry.NoClock;
    }
}

using ProdOps.Logging.Formats;
using ProdOps.Servers.Files;

namespace ProdOps.Logging.Store;

/// <summary>
/// Writes a segment anew with larger frames, compressed harder: the same lines at the same places of its content, so that positions stay true. The new file takes the old one's
/// place in one step; who reads the old one reads on.
/// </summary>
internal sealed class SegmentPacker(LogStoreOptions options, IFormatCatalog formats)
{
    // Times are completed by when a batch came; batches further apart than this are not put into one frame.
    private static readonly long ReferenceSpan = TimeSpan.FromDays(30).Ticks;

    // Frames that hold this much on average are worth keeping as they are, until the segment is sealed.
    private const int PackedFrame = 256 * 1024;

    /// <summary>Packs one segment that nobody appends to any more.</summary>
    /// <returns>How many bytes it has become shorter by, with its index.</returns>
    /// <exception cref="ProdOpsException">It is damaged; it is left as it is.</exception>
    public long Pack(string path, FrameEncoder encoder, bool seal, CancellationToken cancellationToken)
    {
        using var view = SegmentView.Open(path, formats);
        string index = StoreNames.IndexOf(path), newSegment = path + ".tmp", newIndex = index + ".tmp";
        long before = view.File.Length + LengthOf(index);
        var header = view.File.Header with { Generation = options.NewGeneration(), Sealed = seal };
        try
        {
            using (var file = new FileStream(newSegment, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
            using (var indexFile = new FileStream(newIndex, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                indexFile.Write(SegmentIndex.Head(header.Generation));
                file.Write(SegmentFile.HeaderFrame(header));
                foreach (var group in Groups(view, seal))
                {
                    if (group.IsPacked) CopyBatch(view, group, file, indexFile);
                    else WriteBatch(view, group, encoder, file, indexFile, cancellationToken);
                }

                file.Flush(flushToDisk: true);
                indexFile.Flush(flushToDisk: true);
            }

            File.SetLastWriteTimeUtc(newSegment, File.GetLastWriteTimeUtc(path));
            // An index of another generation is ignored: between the two moves the segment has none.
            SegmentIndexer.Replace(newSegment, path);
            SegmentIndexer.Replace(newIndex, index);
        }
        catch
        {
            File.Delete(newSegment);
            File.Delete(newIndex);
            throw;
        }

        return before - LengthOf(path) - LengthOf(index);
    }

    /// <summary>Batches that become one: together at most what is read into memory at once, and with one reference for their times. Those that are packed already stay as they are.</summary>
    private static IEnumerable<Group> Groups(SegmentView view, bool seal)
    {
        const long Longest = 16 * 1024 * 1024;
        var group = new Group();
        int frame = 0;
        foreach (var batch in view.File.ReadBatches(view.File.Start, verify: true))
        {
            long length = batch.Header.Frames.Sum(lengths => (long)lengths[1]), reference = (batch.Header.Reference ?? batch.Header.Received).UtcTicks;
            bool packed = !seal && length >= (long)batch.Header.Frames.Length * PackedFrame && batch.Header.Frames.Length > 0;
            if (group.Batches.Count > 0 && (packed || group.IsPacked || group.Length + length > Longest || Math.Abs(reference - group.Reference) > ReferenceSpan))
            {
                yield return group;
                group = new Group { FirstFrame = frame };
            }

            if (group.Batches.Count == 0) group.Reference = reference;
            group.IsPacked = packed;
            group.Batches.Add(batch);
            group.Length += length;
            frame += batch.Header.Frames.Length;
            group.Frames = frame - group.FirstFrame;
        }

        if (group.Batches.Count > 0) yield return group;
    }

    private static void CopyBatch(SegmentView view, Group group, FileStream file, FileStream indexFile)
    {
        var batch = group.Batches[0];
        file.Write(SegmentFile.BatchFrame(batch.Header));
        long data = file.Position;
        var frames = new List<EncodedFrame>();
        for (int i = group.FirstFrame; i < group.FirstFrame + group.Frames; i++)
        {
            var entry = view.Frames[i];
            byte[] stored = GC.AllocateUninitializedArray<byte>(entry.StoredLength);
            if (!view.File.TryRead(entry.Offset, stored)) throw LoggingErrors.SegmentDamaged(view.File.Path, entry.Offset, "the file ends before");
            entry.Offset = file.Position;
            file.Write(stored);
            frames.Add(new EncodedFrame(default, default) { Entry = entry, Filter = view.FilterOf(i) });
        }

        if (file.Position - data != batch.End - batch.Data) throw LoggingErrors.SegmentDamaged(view.File.Path, batch.Offset, "its frames are not as long as it says");
        indexFile.Write(SegmentIndex.Block(frames, file.Position));
    }

    private static void WriteBatch(SegmentView view, Group group, FrameEncoder encoder, FileStream file, FileStream indexFile, CancellationToken cancellationToken)
    {
        byte[] lines = GC.AllocateUninitializedArray<byte>(checked((int)group.Length));
        using (var buffers = FrameBuffers.Take())
        {
            int at = 0;
            foreach (ref readonly var entry in view.Entries.Slice(group.FirstFrame, group.Frames))
            {
                view.Read(entry, buffers).CopyTo(lines.AsMemory(at));
                at += entry.RawLength;
            }
        }

        var last = group.Batches[^1].Header;
        long carried = group.Frames == 0 ? 0 : view.Frames[group.FirstFrame].CarriedTime;
        var context = new TimeContext(last.Reference ?? last.Received, view.Zone);
        var frames = encoder.Encode(lines, view.Format, context, ref carried, cancellationToken);
        uint crc = Crc32C.Seed;
        foreach (var frame in frames) crc = Crc32C.Append(crc, frame.Stored.Span);
        var header = last with
        {
            Frames = [.. frames.Select(frame => new[] { frame.Entry.StoredLength, frame.Entry.RawLength, frame.Entry.Lines })],
            Crc32C = Crc32C.Finish(crc),
            Checkpoint = group.Batches.Select(batch => batch.Header.Checkpoint).LastOrDefault(checkpoint => checkpoint is not null),
        };
        file.Write(SegmentFile.BatchFrame(header));
        long raw = group.Frames == 0 ? 0 : view.Frames[group.FirstFrame].RawOffset;
        foreach (var frame in frames)
        {
            BatchTimes.Fill(header, ref frame.Entry);
            frame.Entry.Offset = file.Position;
            frame.Entry.RawOffset = raw;
            file.Write(frame.Stored.Span);
            raw += frame.Entry.RawLength;
        }

        indexFile.Write(SegmentIndex.Block(frames, file.Position));
    }

    private static long LengthOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    private sealed class Group
    {
        public List<SegmentBatch> Batches { get; } = [];

        public int FirstFrame { get; init; }

        public int Frames { get; set; }

        public long Length { get; set; }

        public long Reference { get; set; }

        public bool IsPacked { get; set; }
    }
}

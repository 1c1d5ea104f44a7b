using ProdOps.Servers.Compression;
using ProdOps.Servers.Files;

namespace ProdOps.Logging.Store;

/// <summary>What of a segment can be read, found by reading all of it. Behind a damaged place it looks for the next batch.</summary>
internal sealed class SegmentSurvey
{
    private const int ScanLength = 1024 * 1024;

    private SegmentSurvey() { }

    /// <summary>What its first frame says; <see langword="null"/> if that is damaged.</summary>
    public SegmentHeader? Header { get; private set; }

    /// <summary>The batches that can be read, each without its damaged frames.</summary>
    public List<GoodBatch> Good { get; } = [];

    /// <summary>What is damaged, in words.</summary>
    public List<string> Damage { get; } = [];

    public long DamagedBytes { get; private set; }

    /// <summary>How many lines were in damaged frames, as far as their batches say.</summary>
    public long LostLines { get; private set; }

    /// <summary>What an append left at the end that did not come to its own.</summary>
    public long TornBytes { get; private set; }

    public bool HasWholeIndex { get; private set; }

    /// <summary>Whether a file whose first frame cannot be read may hold lines that were acknowledged: a crash in its first append leaves neither a whole batch nor an index that tells of one.</summary>
    public static bool MayHoldLines(string path)
    {
        if (new FileInfo(StoreNames.IndexOf(path)) is { Exists: true, Length: > SegmentIndex.HeadLength }) return true;
        using var file = SegmentFile.TryOpenDamaged(path);
        return file is null || FindBatch(file, 0) is not null;
    }

    /// <exception cref="ProdOpsException">Neither its first frame nor any batch can be read, or its version is not known here.</exception>
    public static SegmentSurvey Take(string path, IFormatCatalog formats)
    {
        var survey = new SegmentSurvey();
        using (var file = Open(path))
        {
            // What lies behind a damaged first frame was no first append.
            if (file.Start > 0) survey.Header = file.Header;
            survey.Read(file, file.Start > 0 ? AcknowledgedEnd(path, formats) : file.Length);
        }

        if (survey.Damage.Count == 0)
        {
            using var view = SegmentView.Open(path, formats);
            survey.HasWholeIndex = view.File.Length - survey.TornBytes == view.End && view.HasWholeIndex();
        }

        return survey;
    }

    /// <summary>
    /// Up to where everything was acknowledged, so that what is wrong there is damage and no unfinished append: all of a packed segment, which got its name when it was whole; of any other what
    /// its index tells of.
    /// </summary>
    private static long AcknowledgedEnd(string path, IFormatCatalog formats)
    {
        using var view = SegmentView.Open(path, formats);
        return view.File.Header.Sealed ? view.File.Length : view.AcknowledgedEnd;
    }

    private static SegmentFile Open(string path)
    {
        try
        {
            return SegmentFile.Open(path);
        }
        catch (ProdOpsException)
        {
            if (SegmentFile.TryOpenDamaged(path) is { } file)
            {
                if (FindBatch(file, 0) is not null) return file;
                file.Dispose();
            }

            throw;
        }
    }

    private void Read(SegmentFile file, long acknowledged)
    {
        using var decompressor = new ZstdDecompressor();
        long offset = file.Start, end = file.Length;
        while (offset < end)
        {
            if (file.ReadBatch(offset, verify: true) is { } whole)
            {
                Good.Add(new GoodBatch(whole.Header, [.. Places(whole)]));
                offset = whole.End;
                continue;
            }

            if (file.ReadBatch(offset, verify: false) is { } damaged)
            {
                // An unfinished append of which the length was written already looks the same, but nothing follows it.
                if (damaged.End == end && offset >= acknowledged)
                {
                    TornBytes = end - offset;
                    return;
                }

                KeepFrames(file, damaged, decompressor);
                offset = damaged.End;
                continue;
            }

            long next = FindBatch(file, offset + 1) ?? end;
            if (next == end && offset >= acknowledged)
            {
                TornBytes = end - offset;
                return;
            }

            Damage.Add($"bytes {offset} to {next - 1} are no batch");
            DamagedBytes += next - offset;
            offset = next;
        }
    }

    /// <summary>The lines of the first frame that can be read.</summary>
    public byte[] FirstLines(SegmentFile file)
    {
        using var decompressor = new ZstdDecompressor();
        foreach (var batch in Good)
        {
            if (batch.Places.Count == 0 || batch.Header.Frames[0][1] > SegmentFile.MaximumFrame) continue;
            byte[] lines = new byte[batch.Header.Frames[0][1]];
            try
            {
                if (decompressor.Decompress(batch.Frames(file).First(), lines) == lines.Length) return lines;
            }
            catch (InvalidDataException)
            {
                // Its checksum held, and what it says of itself does not.
            }
        }

        return [];
    }

    private void KeepFrames(SegmentFile file, SegmentBatch batch, ZstdDecompressor decompressor)
    {
        var kept = new List<(long, int)>();
        var lengths = new List<int[]>();
        uint crc = Crc32C.Seed;
        int number = 0;
        foreach (var (offset, length) in Places(batch))
        {
            int[] stated = batch.Header.Frames[number++];
            byte[] stored = new byte[length];
            if (file.TryRead(offset, stored) && Decompresses(decompressor, stored, stated[1]))
            {
                kept.Add((offset, length));
                lengths.Add(stated);
                crc = Crc32C.Append(crc, stored);
                continue;
            }

            Damage.Add($"a frame of {stated[2]} lines at byte {offset}");
            DamagedBytes += length;
            LostLines += stated[2];
        }

        if (kept.Count == batch.Header.Frames.Length) Damage.Add($"the checksum of the batch at byte {batch.Offset}, though all of its frames can be read");
        Good.Add(new GoodBatch(batch.Header with { Frames = [.. lengths], Crc32C = Crc32C.Finish(crc) }, kept));
    }

    private static bool Decompresses(ZstdDecompressor decompressor, byte[] stored, int length)
    {
        if (length > SegmentFile.MaximumFrame) return false;
        try
        {
            return decompressor.Decompress(stored, new byte[length]) == length;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>The next place where a whole batch is.</summary>
    public static long? FindBatch(SegmentFile file, long from)
    {
        byte[] magic = BitConverter.GetBytes(Skippable.BatchMagic);
        byte[] buffer = new byte[ScanLength];
        for (long at = from, end = file.Length; at < end; at += ScanLength - magic.Length)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(ScanLength, end - at));
            if (!file.TryRead(at, part)) return null;
            for (int found = 0, next; (next = part[found..].IndexOf(magic)) >= 0; found += next + 1)
            {
                if (file.ReadBatch(at + found + next, verify: true) is not null) return at + found + next;
            }
        }

        return null;
    }

    private static IEnumerable<(long Offset, int Length)> Places(SegmentBatch batch)
    {
        long offset = batch.Data;
        foreach (int[] lengths in batch.Header.Frames)
        {
            yield return (offset, lengths[0]);
            offset += lengths[0];
        }
    }
}

/// <summary>A batch of which something can be read.</summary>
/// <param name="Header">Its head, for the frames that are left.</param>
/// <param name="Places">Where they are.</param>
internal sealed record GoodBatch(BatchHeader Header, IReadOnlyList<(long Offset, int Length)> Places)
{
    public IEnumerable<byte[]> Frames(SegmentFile file)
    {
        foreach (var (offset, length) in Places)
        {
            byte[] frame = new byte[length];
            if (!file.TryRead(offset, frame)) throw LoggingErrors.SegmentDamaged(file.Path, offset, "the file ends before");
            yield return frame;
        }
    }
}

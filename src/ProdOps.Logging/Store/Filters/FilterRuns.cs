namespace ProdOps.Logging.Store.Filters;

/// <summary>
/// How filters lie in the index. Frames in a row whose second parts have as many blocks each form a run: the first parts of all, then the first block of each, the second block of each, and so on.
/// A gram has its bits in the same block of all of them: what a search asks of a run lies together and is read at once.
/// </summary>
internal static class FilterRuns
{
    /// <summary>No run has more frames, so that what is read at once stays short.</summary>
    public const int MostFrames = 32;

    /// <summary>Gives the frames of a batch as many blocks as the one that needs most, but for those that need less than half of that.</summary>
    public static void Agree(ReadOnlySpan<EncodedFrame> frames)
    {
        int most = 0;
        foreach (var frame in frames) most = Math.Max(most, frame.Entry.GramBlocks);
        foreach (var frame in frames)
        {
            if (frame.Entry.GramBlocks >= most - (most / 2)) frame.Entry.GramBlocks = most;
        }
    }

    /// <summary>Fills in where each filter begins, the first at an offset, and returns where the last one ends.</summary>
    public static int Place(IReadOnlyList<EncodedFrame> frames, int offset)
    {
        for (int i = 0, count; i < frames.Count; i += count)
        {
            count = CountFrom(frames, i);
            int length = frames[i].Filter.Length;
            for (int rank = 0; rank < count; rank++) frames[i + rank].Entry.FilterOffset = length == 0 ? 0 : offset + (rank * FrameFilter.TripleBytes);
            offset += count * length;
        }

        return offset;
    }

    /// <summary>Writes filters to their places.</summary>
    public static void Write(IReadOnlyList<EncodedFrame> frames, Span<byte> block)
    {
        for (int i = 0, count; i < frames.Count; i += count)
        {
            count = CountFrom(frames, i);
            if (frames[i].Filter.IsEmpty) continue;
            var run = block[frames[i].Entry.FilterOffset..];
            for (int rank = 0; rank < count; rank++)
            {
                var filter = frames[i + rank].Filter.Span;
                filter[..FrameFilter.TripleBytes].CopyTo(run[(rank * FrameFilter.TripleBytes)..]);
                int to = (count * FrameFilter.TripleBytes) + (rank * FrameFilter.BlockBytes);
                for (int at = FrameFilter.TripleBytes; at < filter.Length; at += FrameFilter.BlockBytes, to += count * FrameFilter.BlockBytes)
                    filter.Slice(at, FrameFilter.BlockBytes).CopyTo(run[to..]);
            }
        }
    }

    /// <summary>The runs of a block of the index, as its entries tell. Where each filter has a place of its own, as once, each is a run.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="first">The number of the first of them in its segment.</param>
    /// <param name="offset">Where the block begins in the index.</param>
    public static List<FilterRun> Of(ReadOnlySpan<FrameEntry> entries, int first, long offset)
    {
        var runs = new List<FilterRun>();
        for (int i = 0; i < entries.Length;)
        {
            ref readonly var entry = ref entries[i];
            int count = 1;
            if (entry.FilterOffset != 0)
            {
                while (count < MostFrames && i + count < entries.Length && entries[i + count].GramBlocks == entry.GramBlocks
                    && entries[i + count].FilterOffset == entry.FilterOffset + (count * (long)FrameFilter.TripleBytes)) count++;
                runs.Add(new FilterRun(offset + entry.FilterOffset, first + i, count, entry.GramBlocks));
            }

            i += count;
        }

        return runs;
    }

    private static int CountFrom(IReadOnlyList<EncodedFrame> frames, int first)
    {
        int count = 1;
        while (count < MostFrames && first + count < frames.Count && frames[first + count].Filter.Length == frames[first].Filter.Length) count++;
        return count;
    }
}

/// <summary>Frames whose filters lie together.</summary>
/// <param name="Offset">Where the filters begin in the index.</param>
/// <param name="First">The number of the first frame in its segment.</param>
/// <param name="Count">How many frames there are.</param>
/// <param name="Blocks">How many blocks each filter's second part has.</param>
internal readonly record struct FilterRun(long Offset, int First, int Count, int Blocks)
{
    /// <summary>How long one filter is, and all of them.</summary>
    public long FilterLength => FrameFilter.TripleBytes + (Blocks * (long)FrameFilter.BlockBytes);

    /// <inheritdoc cref="FilterLength"/>
    public long Length => Count * FilterLength;

    /// <summary>Where the first part of a frame's filter is.</summary>
    public long TriplesOf(int rank) => Offset + (rank * (long)FrameFilter.TripleBytes);

    /// <summary>Where a block of all frames is.</summary>
    public long RowOf(int block) => Offset + (Count * (FrameFilter.TripleBytes + (block * (long)FrameFilter.BlockBytes)));

    /// <summary>Takes one filter out of all.</summary>
    /// <param name="all">All of the run.</param>
    /// <param name="rank">Which frame's.</param>
    /// <param name="filter">Takes the filter.</param>
    public void Copy(ReadOnlySpan<byte> all, int rank, Span<byte> filter)
    {
        all.Slice(rank * FrameFilter.TripleBytes, FrameFilter.TripleBytes).CopyTo(filter);
        int from = (Count * FrameFilter.TripleBytes) + (rank * FrameFilter.BlockBytes);
        for (int at = FrameFilter.TripleBytes; at < filter.Length; at += FrameFilter.BlockBytes, from += Count * FrameFilter.BlockBytes)
            all.Slice(from, FrameFilter.BlockBytes).CopyTo(filter[at..]);
    }
}

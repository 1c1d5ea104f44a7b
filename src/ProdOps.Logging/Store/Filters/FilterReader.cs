using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace ProdOps.Logging.Store.Filters;

/// <summary>
/// Reads of the filters in an index what is asked for. What is read for one frame is kept for the others of its run. What cannot be read has every bit set, so that no line is hidden by it.
/// For one index and one thread.
/// </summary>
internal sealed class FilterReader : IDisposable
{
    // A text of 30 characters has half a dozen grams; rows in the same place are read again.
    private const int Rows = 8, RowLength = FilterRuns.MostFrames * FrameFilter.BlockBytes, TriplesAt = Rows * RowLength;

    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(TriplesAt + FrameFilter.TripleBytes);

    // Where in the file the kept rows are; no row is at 0.
    private readonly long[] _rows = new long[Rows];
    private SafeFileHandle? _file;
    private FilterRun _run;
    private int _rank;
    private long _triples;

    /// <summary>The first part of the frame's filter.</summary>
    public ReadOnlySpan<byte> Triples
    {
        get
        {
            var triples = _buffer.AsSpan(TriplesAt, FrameFilter.TripleBytes);
            long offset = _run.TriplesOf(_rank);
            if (_triples != offset) Read(triples, _triples = offset);
            return triples;
        }
    }

    /// <summary>Goes to a frame.</summary>
    /// <param name="file">The index, always the same.</param>
    /// <param name="run">The frame's run.</param>
    /// <param name="rank">Which of the run it is.</param>
    public void MoveTo(SafeFileHandle file, in FilterRun run, int rank)
    {
        _file = file;
        _run = run;
        _rank = rank;
    }

    /// <summary>Whether a gram may be in the frame.</summary>
    public bool HasGram(uint gram)
    {
        var (number, bits) = FrameFilter.Place(gram, _run.Blocks);
        int place = (int)(gram % Rows);
        var row = _buffer.AsSpan(place * RowLength, _run.Count * FrameFilter.BlockBytes);
        long offset = _run.RowOf(number);
        if (_rows[place] != offset) Read(row, _rows[place] = offset);
        return FrameFilter.HasBits(bits, row.Slice(_rank * FrameFilter.BlockBytes, FrameFilter.BlockBytes));
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private void Read(Span<byte> buffer, long offset)
    {
        int length;
        try
        {
            length = RandomAccess.Read(_file!, buffer, offset);
        }
        catch (IOException)
        {
            length = 0;
        }

        if (length < buffer.Length) buffer.Fill(0xFF);
    }
}

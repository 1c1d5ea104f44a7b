using Microsoft.Win32.SafeHandles;

namespace ProdOps.Logging.Store;

/// <summary>
/// A frame's filter: in memory, or in the index's file, of which only what is asked for is read. What cannot be read has every bit set, so that no line is hidden by it.
/// </summary>
internal ref struct FilterReader
{
    public const int BufferLength = FrameFilter.TripleBytes + FrameFilter.BlockBytes;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly SafeFileHandle? _file;
    private readonly Span<byte> _buffer;
    private readonly long _offset;
    private readonly int _blocks;
    private bool _hasTriples;

    /// <param name="filter">All of the filter.</param>
    public FilterReader(ReadOnlySpan<byte> filter)
    {
        _bytes = filter;
        _blocks = (filter.Length - FrameFilter.TripleBytes) / FrameFilter.BlockBytes;
        _hasTriples = true;
    }

    /// <param name="file">The index.</param>
    /// <param name="offset">Where in it the filter begins.</param>
    /// <param name="blocks">How many blocks it has.</param>
    /// <param name="buffer">Room for <see cref="BufferLength"/> bytes.</param>
    public FilterReader(SafeFileHandle file, long offset, int blocks, Span<byte> buffer)
    {
        _file = file;
        _offset = offset;
        _blocks = blocks;
        _buffer = buffer;
        _bytes = buffer[..FrameFilter.TripleBytes];
    }

    /// <summary>The first part.</summary>
    public ReadOnlySpan<byte> Triples
    {
        get
        {
            if (!_hasTriples) Read(_buffer[..FrameFilter.TripleBytes], _offset);
            _hasTriples = true;
            return _bytes[..FrameFilter.TripleBytes];
        }
    }

    /// <summary>Whether a gram may be there.</summary>
    public readonly bool HasGram(uint gram)
    {
        var (number, bits) = FrameFilter.Place(gram, _blocks);
        int start = FrameFilter.TripleBytes + (number * FrameFilter.BlockBytes);
        if (_file is null) return FrameFilter.HasBits(bits, _bytes.Slice(start, FrameFilter.BlockBytes));
        var block = _buffer.Slice(FrameFilter.TripleBytes, FrameFilter.BlockBytes);
        Read(block, _offset + start);
        return FrameFilter.HasBits(bits, block);
    }

    private readonly void Read(Span<byte> buffer, long offset)
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

using ProdOps.Logging.Collecting.Rotation;

namespace ProdOps.Logging.Files;

/// <summary>
/// Cuts a stream of bytes into blocks of whole lines. A line that is longer than a block is cut, with a mark at its end, and what is left of it passed over. The last line gets the
/// line feed it may lack.
/// </summary>
internal sealed class LineBlocks
{
    public const int DefaultLength = 1024 * 1024;

    /// <summary>How long a block of the default length becomes with the mark of a line that was cut.</summary>
    public const int LongestBlock = DefaultLength + MarkSpace;

    private const int MarkSpace = 64;

    private readonly Stream _source;
    private readonly byte[] _buffer;
    private readonly int _blockLength;
    private int _start;
    private int _filled, _taken;
    private bool _ended, _skipping;

    public LineBlocks(Stream source)
        : this(source, GC.AllocateUninitializedArray<byte>(LongestBlock)) { }

    /// <param name="source">What is cut.</param>
    /// <param name="buffer">What it is read into: blocks in a row, as many as there is room for, or one that is a little shorter.</param>
    public LineBlocks(Stream source, byte[] buffer)
    {
        _source = source;
        _buffer = buffer;
        _blockLength = Math.Min(buffer.Length - MarkSpace, DefaultLength);
    }

    /// <summary>How many lines were cut.</summary>
    public long Cut { get; private set; }

    /// <summary>Where the next block begins in what was read.</summary>
    public long Offset { get; private set; }

    /// <summary>Whether the last block was the end.</summary>
    public bool IsLast => _ended && _taken == _filled;

    /// <summary>Whether the last line of the file lacks its line feed: it may still be written.</summary>
    public bool EndsPartial { get; private set; }

    /// <summary>How much of what is read is in lines up to the end of these, which are the last block or the beginning of it.</summary>
    public long ConsumedBy(ReadOnlyMemory<byte> lines) => Offset + Math.Min(lines.Length, _taken - _marked);

    /// <summary>Gives back the last bytes of a block: the next one begins with them.</summary>
    public void Unread(int count) => _taken -= count;

    /// <summary>The blocks since the last one that was read from the buffer's beginning, in a row; the last as far as <paramref name="lines"/> go, which are all of it or its beginning.</summary>
    public ReadOnlyMemory<byte> InRow(ReadOnlyMemory<byte> lines) => _buffer.AsMemory(0, _start + lines.Length);

    /// <summary>Whether another block has room behind the last one.</summary>
    public bool HasRoom => _buffer.Length - _start - _taken >= _blockLength + MarkSpace;

    /// <summary>The next block; empty at the end. It is overwritten by the next call.</summary>
    /// <exception cref="InvalidDataException">What is read is damaged.</exception>
    public ReadOnlyMemory<byte> Read()
    {
        Leave();
        _buffer.AsSpan(_start + _taken, _filled - _taken).CopyTo(_buffer);
        _start = 0;
        return ReadOn();
    }

    /// <summary>The next block, in the same row: those before stay as they are. There must be room for it.</summary>
    public ReadOnlyMemory<byte> ReadBehind()
    {
        Leave();
        _start += _taken;
        return ReadOn();
    }

    private void Leave() => Offset += _taken - _marked;

    private ReadOnlyMemory<byte> ReadOn()
    {
        _filled -= _taken;
        _taken = _marked = 0;
        var block = _buffer.AsMemory(_start);
        while (true)
        {
            while (_filled < _blockLength && !_ended)
            {
                int read = _source.Read(_buffer, _start + _filled, _blockLength - _filled);
                if (read == 0) _ended = true;
                _filled += read;
                if (_skipping) Skip(block.Span);
            }

            if (_filled == 0) return default;
            int end = block.Span[.._filled].LastIndexOf((byte)'\n') + 1;
            if (end > 0 && !_ended) return Take(end);
            if (_ended)
            {
                if (end == _filled) return Take(end);
                block.Span[_filled++] = (byte)'\n';
                _marked = 1;
                EndsPartial = true;
                return Take(_filled);
            }

            // One line fills the whole block.
            Cut++;
            _skipping = true;
            LineCutter.CutMark.CopyTo(block.Span[_filled..]);
            block.Span[_filled + LineCutter.CutMark.Length] = (byte)'\n';
            _marked = LineCutter.CutMark.Length + 1;
            _filled += _marked;
            return Take(_filled);
        }
    }

    // How many bytes of the block are ours, not the file's.
    private int _marked;

    private ReadOnlyMemory<byte> Take(int length)
    {
        _taken = length;
        return _buffer.AsMemory(_start, length);
    }

    /// <summary>Drops what is left of a line that was cut.</summary>
    private void Skip(Span<byte> block)
    {
        int end = block[.._filled].IndexOf((byte)'\n');
        int dropped = end < 0 ? _filled : end + 1;
        block[dropped.._filled].CopyTo(block);
        _filled -= dropped;
        Offset += dropped;
        if (end >= 0 || _ended) _skipping = false;
    }
}

namespace ProdOps.Servers.Files.Tar;

/// <summary>Where the data of a sparse file lies, while its content is read from the start to the end.</summary>
internal sealed class SparseMap(IReadOnlyList<(long Offset, long Size)> segments, long size)
{
    private static readonly byte[] Zeros = new byte[256 * 1024];

    private int _segment;
    private long _position;

    public bool IsAtEnd => _position == size;

    /// <summary>Zeros up to the next data; empty where data is next, or the end.</summary>
    public ReadOnlyMemory<byte> TakeHole()
    {
        while (_segment < segments.Count && segments[_segment] is var done && _position >= done.Offset && _position == done.Offset + done.Size) _segment++;
        long next = _segment < segments.Count ? segments[_segment].Offset : size;
        int length = (int)Math.Clamp(next - _position, 0, Zeros.Length);
        _position += length;
        return Zeros.AsMemory(0, length);
    }

    /// <summary>Goes on by at most that many bytes of data, and says by how many.</summary>
    public int TakeData(int available)
    {
        var (offset, length) = segments[_segment];
        int taken = (int)Math.Min(available, offset + length - _position);
        _position += taken;
        return taken;
    }
}

/// <summary>Reads a map as GNU tar's sparse format 1.0 has it: how many segments, then each one's offset and size, a line each.</summary>
/// <param name="fileSize">The file's size with its holes.</param>
internal sealed class SparseMapReader(long fileSize)
{
    /// <summary>More would be memory for a hostile archive to fill.</summary>
    private const int MaxSegments = 4 * 1024 * 1024;

    private readonly List<(long, long)> _segments = [];
    private long _number, _count = -1, _offset = -1, _end, _data;
    private int _digits;

    public bool IsComplete => _count >= 0 && _segments.Count == _count;

    /// <summary>Reads on; the answer is how many bytes belong to the map, or -1 if they make none.</summary>
    public int Append(ReadOnlySpan<byte> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            byte b = text[i];
            if (b is >= (byte)'0' and <= (byte)'9' && _digits < 18)
            {
                _number = _number * 10 + (b - '0');
                _digits++;
            }
            else if (b != '\n' || _digits == 0 || !TryTake(_number)) return -1;
            else
            {
                (_number, _digits) = (0, 0);
                if (IsComplete) return i + 1;
            }
        }
        return text.Length;
    }

    /// <summary>The map, if it accounts for exactly that many bytes of data.</summary>
    public SparseMap? Finish(long data) => data == _data ? new SparseMap(_segments, fileSize) : null;

    private bool TryTake(long number)
    {
        if (_count < 0)
        {
            _count = number;
            return number <= MaxSegments;
        }
        if (_offset < 0)
        {
            _offset = number;
            return number >= _end && number <= fileSize;
        }
        if (number > fileSize - _offset) return false;
        _segments.Add((_offset, number));
        _end = _offset + number;
        _data += number;
        _offset = -1;
        return true;
    }
}

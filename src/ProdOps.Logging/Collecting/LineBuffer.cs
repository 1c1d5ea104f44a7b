using System.Buffers;
using ProdOps.Logging.Collecting.Rotation;

namespace ProdOps.Logging.Collecting;

/// <summary>Whole lines on their way to the sink.</summary>
internal sealed class LineBuffer : ILineTarget, IDisposable
{
    private byte[] _bytes = [];

    public int Length { get; private set; }

    /// <summary>How many lines there are.</summary>
    public long Lines { get; private set; }

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    public void Add(ReadOnlySpan<byte> lines)
    {
        lines.CopyTo(Reserve(lines.Length));
        Length += lines.Length;
        Lines += lines.Count((byte)'\n');
    }

    public void AddCut(ReadOnlySpan<byte> start)
    {
        var room = Reserve(start.Length + LineCutter.CutMark.Length + 1);
        start.CopyTo(room);
        LineCutter.CutMark.CopyTo(room[start.Length..]);
        room[start.Length + LineCutter.CutMark.Length] = (byte)'\n';
        Length += start.Length + LineCutter.CutMark.Length + 1;
        Lines++;
    }

    public void AddUnended(ReadOnlySpan<byte> line)
    {
        var room = Reserve(line.Length + 1);
        line.CopyTo(room);
        room[line.Length] = (byte)'\n';
        Length += line.Length + 1;
        Lines++;
    }

    public void Clear()
    {
        Length = 0;
        Lines = 0;
    }

    public void Dispose()
    {
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Clear();
    }

    private Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Length < count)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + count, _bytes.Length * 2));
            _bytes.AsSpan(0, Length).CopyTo(larger);
            if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        return _bytes.AsSpan(Length);
    }
}

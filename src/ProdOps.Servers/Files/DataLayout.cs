using ProdOps.Servers.Files.Tar;

namespace ProdOps.Servers.Files;

/// <summary>Which bytes of a file are data and which lie in its holes, while it is sent from the start to the end.</summary>
internal sealed class DataLayout(IReadOnlyList<(long Offset, long Size)>? data, long size)
{
    private int _segment;
    private long _position;

    /// <summary>The pieces of data, in order, widened to whole blocks: tar looks for each piece at the start of one.</summary>
    public static IReadOnlyList<(long Offset, long Size)> Align(IEnumerable<(long Offset, long Size)> pieces, long size)
    {
        var aligned = new List<(long Offset, long Size)>();
        foreach (var (offset, length) in pieces)
        {
            long start = offset - offset % TarHeader.BlockSize, end = Math.Min(size, offset + length + TarWriter.PaddingOf(offset + length));
            if (aligned is [.., var last] && last.Offset + last.Size >= start) aligned[^1] = (last.Offset, Math.Max(end, last.Offset + last.Size) - last.Offset);
            else if (end > start) aligned.Add((start, end - start));
        }
        // What is behind the last piece is a hole only if there is one more piece behind it.
        if (aligned is not [.., var final] || final.Offset + final.Size < size) aligned.Add((size, 0));
        return aligned;
    }

    public long Left => size - _position;

    /// <summary>Goes on by at most that many bytes, all of which are data or none.</summary>
    public int Take(int available, out bool isData)
    {
        isData = true;
        long run = Left;
        if (data is not null)
        {
            while (_segment < data.Count && _position >= data[_segment].Offset + data[_segment].Size) _segment++;
            isData = _segment < data.Count && _position >= data[_segment].Offset;
            if (_segment < data.Count) run = (isData ? data[_segment].Offset + data[_segment].Size : data[_segment].Offset) - _position;
        }
        int count = (int)Math.Min(available, Math.Min(run, Left));
        _position += count;
        return count;
    }
}

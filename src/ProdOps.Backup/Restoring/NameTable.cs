namespace ProdOps.Backup.Restoring;

/// <summary>Where a name lies in a <see cref="NameTable"/>.</summary>
internal readonly record struct NameReference(int Segment, ushort Offset, ushort Length);

/// <summary>File names, one behind the other instead of an object each.</summary>
internal sealed class NameTable
{
    /// <summary>Far more than any file system takes.</summary>
    public const int MaxLength = 4096;

    private const int SegmentSize = 1 << 16;

    private readonly List<byte[]> _segments = [];
    private int _used = SegmentSize;

    public ReadOnlySpan<byte> this[NameReference name] => name.Length == 0 ? [] : _segments[name.Segment].AsSpan(name.Offset, name.Length);

    public NameReference Add(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty) return default;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, MaxLength);
        if (_used + name.Length > SegmentSize)
        {
            _segments.Add(new byte[SegmentSize]);
            _used = 0;
        }
        name.CopyTo(_segments[^1].AsSpan(_used));
        var reference = new NameReference(_segments.Count - 1, (ushort)_used, (ushort)name.Length);
        _used += name.Length;
        return reference;
    }
}

namespace ProdOps.Backup.Restoring;

/// <summary>
/// A list of structs in segments: a million entries are neither moved when it grows nor twice in memory. Entries are used in
/// place. Adding is for one thread; reading and changing different entries for many.
/// </summary>
internal sealed class SegmentedList<T> where T : struct
{
    private const int Bits = 11;
    private const int Mask = (1 << Bits) - 1;

    private T[][] _segments = [];

    public int Count { get; private set; }

    public ref T this[int index] => ref _segments[index >> Bits][index & Mask];

    public int Add(in T item)
    {
        int segment = Count >> Bits;
        if (segment == _segments.Length) Array.Resize(ref _segments, Math.Max(4, _segments.Length * 2));
        (_segments[segment] ??= new T[1 << Bits])[Count & Mask] = item;
        return Count++;
    }

    /// <summary>Takes back what was added last.</summary>
    public void Truncate(int count) => Count = count;
}

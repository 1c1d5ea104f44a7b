namespace ProdOps.Logging.Store.Filters;

/// <summary>What a frame's filter is made of, until it is known how many blocks it gets. Its memory is used again.</summary>
internal sealed class FilterDraft
{
    // Of an ordinary frame; longer ones make more room.
    private const int Step = 64 * 1024;

    private byte[] _filter = [];
    private uint[] _grams = [];
    private int _count;

    /// <summary>Takes the first part, which is written in place.</summary>
    public Span<byte> Triples
    {
        get
        {
            MakeRoom(FrameFilter.TripleBytes);
            return _filter.AsSpan(0, FrameFilter.TripleBytes);
        }
    }

    /// <summary>Keeps what the second part is made of.</summary>
    public void Keep(ReadOnlySpan<uint> grams)
    {
        if (_grams.Length < grams.Length) _grams = GC.AllocateUninitializedArray<uint>(grams.Length + (grams.Length / 4));
        grams.CopyTo(_grams);
        _count = grams.Length;
    }

    /// <summary>The filter with so many blocks; nothing with none. It is valid until the draft is used for another frame.</summary>
    public ReadOnlyMemory<byte> Complete(int blocks)
    {
        if (blocks == 0) return default;
        int length = FrameFilter.TripleBytes + (blocks * FrameFilter.BlockBytes);
        MakeRoom(length);
        var second = _filter.AsSpan(FrameFilter.TripleBytes, length - FrameFilter.TripleBytes);
        second.Clear();
        FrameFilter.AddGrams(_grams.AsSpan(0, _count), second);
        return _filter.AsMemory(0, length);
    }

    private void MakeRoom(int length)
    {
        if (_filter.Length < length) Array.Resize(ref _filter, (length + Step - 1) / Step * Step);
    }
}

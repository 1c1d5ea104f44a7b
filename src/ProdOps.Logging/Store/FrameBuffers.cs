using System.Collections.Concurrent;
using ProdOps.Servers.Compression;

namespace ProdOps.Logging.Store;

/// <summary>
/// Buffers and a decompressor for reading frame after frame; for one thread. They are kept when they are given back, for they take longer to make than a short search does.
/// </summary>
internal sealed class FrameBuffers : IDisposable
{
    // What is kept is bounded: by number, and by the length of an ordinary frame.
    private const int LargestKept = 4 * 1024 * 1024;

    private static readonly int MostKept = Math.Min(Environment.ProcessorCount, 8);
    private static readonly ConcurrentBag<FrameBuffers> Kept = [];

    private byte[] _stored = [], _content = [];

    private FrameBuffers() { }

    /// <summary>Reads without comparing zstd's checksums: whoever decompresses has checked the bytes.</summary>
    public ZstdDecompressor Decompressor { get; } = new(verify: false);

    public static FrameBuffers Take() => Kept.TryTake(out var kept) ? kept : new FrameBuffers();

    public Memory<byte> Stored(int length) => Take(ref _stored, length);

    public Memory<byte> Content(int length) => Take(ref _content, length);

    public void Dispose()
    {
        if (Kept.Count < MostKept && _stored.Length <= LargestKept && _content.Length <= LargestKept) Kept.Add(this);
        else Decompressor.Dispose();
    }

    private static Memory<byte> Take(ref byte[] buffer, int length)
    {
        if (buffer.Length < length) buffer = GC.AllocateUninitializedArray<byte>(Math.Max(length, buffer.Length * 2));
        return buffer.AsMemory(0, length);
    }
}

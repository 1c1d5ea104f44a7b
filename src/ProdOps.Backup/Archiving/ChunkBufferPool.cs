using ProdOps.Backup.Chunking;

namespace ProdOps.Backup.Archiving;

/// <summary>
/// Buffers to cut chunks in. Six chunks of seven are short, so the common buffer is, and only a chunk that outgrows it moves to one of the
/// largest size; otherwise every buffer would sooner or later have held a chunk of 8 MiB, and have kept its memory.
/// </summary>
internal sealed class ChunkBufferPool
{
    public const int CommonSize = 5 * ChunkScanner.MinSize;

    /// <summary>A file that ends before the smallest chunk could is one chunk: most files never need a large buffer.</summary>
    public const int SmallSize = ChunkScanner.MinSize;

    private readonly Stack<byte[]> _small = new(), _common = new(), _largest = new();

    public byte[] Rent() => Rent(_common, CommonSize);

    public byte[] RentSmall() => Rent(_small, SmallSize);

    /// <summary>Moves a full buffer's content to one of the largest size.</summary>
    public byte[] Grow(byte[] full)
    {
        byte[] larger = Rent(_largest, ChunkScanner.MaxSize);
        full.CopyTo(larger, 0);
        Return(full);
        return larger;
    }

    public void Return(byte[] buffer)
    {
        var pool = buffer.Length switch { SmallSize => _small, CommonSize => _common, _ => _largest };
        lock (pool) pool.Push(buffer);
    }

    private static byte[] Rent(Stack<byte[]> pool, int size)
    {
        lock (pool)
        {
            if (pool.TryPop(out byte[]? buffer)) return buffer;
        }
        return GC.AllocateUninitializedArray<byte>(size);
    }
}

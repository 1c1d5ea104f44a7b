namespace ProdOps.Monitoring.Store.Chunks;

/// <summary>
/// Whole numbers, of which many are 0: each a zigzag varint (as Protocol Buffers has them: 0, -1, 1, -2 … are 0, 1, 2, 3 …, seven bits a byte, the
/// low ones first). Behind a 0 comes how many more zeros follow, as a varint.
/// </summary>
internal static class WholeColumn
{
    public static void Write(ChunkWriter writer, ReadOnlySpan<long> numbers)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            writer.Signed(numbers[i]);
            if (numbers[i] != 0) continue;
            int zeros = numbers[i..].IndexOfAnyExcept(0);
            if (zeros < 0) zeros = numbers.Length - i;
            writer.Varint((ulong)(zeros - 1));
            i += zeros - 1;
        }
    }

    public static void Read(ref ChunkReader reader, Span<long> numbers)
    {
        while (numbers.Length > 0)
        {
            int taken = 1;
            numbers[0] = reader.Signed();
            if (numbers[0] == 0)
            {
                taken += reader.Count(numbers.Length - 1);
                numbers[..taken].Clear();
            }

            numbers = numbers[taken..];
        }
    }

    /// <summary>Puts in place of each number what it is more than the one before.</summary>
    public static void Differences(Span<long> numbers)
    {
        for (int i = numbers.Length - 1; i > 0; i--) numbers[i] -= numbers[i - 1];
    }

    public static void Sums(Span<long> numbers)
    {
        for (int i = 1; i < numbers.Length; i++) numbers[i] += numbers[i - 1];
    }
}

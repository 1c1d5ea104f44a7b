namespace ProdOps.Backup.Repositories;

/// <summary>A range of a pack and the blobs in it that are wanted, by offset.</summary>
internal sealed record PackRange(ObjectId Pack, long Start, long Length, IReadOnlyList<PackedBlob> Blobs)
{
    /// <summary>Longer ranges take more memory a thread and are not quicker. Only a blob that is longer itself makes one.</summary>
    public const int MaximumLength = 4 << 20;

    /// <summary>Reading over so many unwanted bytes costs less than asking again.</summary>
    private const int MaximumGap = 128 << 10;

    /// <summary>The ranges of one pack.</summary>
    public static IEnumerable<PackRange> Of(ObjectId pack, List<PackedBlob> blobs)
    {
        blobs.Sort(static (left, right) => left.Offset.CompareTo(right.Offset));
        for (int first = 0; first < blobs.Count;)
        {
            long start = blobs[first].Offset, end = start + blobs[first].Length;
            int next = first + 1;
            while (next < blobs.Count && blobs[next].Offset >= end && blobs[next].Offset - end <= MaximumGap && blobs[next].Offset + (long)blobs[next].Length - start <= MaximumLength)
            {
                end = blobs[next].Offset + (long)blobs[next].Length;
                next++;
            }

            yield return new PackRange(pack, start, end - start, blobs[first..next]);
            first = next;
        }
    }
}

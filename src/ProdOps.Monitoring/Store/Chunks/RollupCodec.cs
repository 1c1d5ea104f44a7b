using System.Runtime.InteropServices;

namespace ProdOps.Monitoring.Store.Chunks;

/// <summary>
/// Roll-ups in few bytes: the version (129), how many there are (a varint), their starts as a <see cref="TimeColumn"/>, their counts (the first, then differences) as a
/// <see cref="WholeColumn"/>, minima, maxima, sums and last values as a <see cref="ValueColumn"/> each, and CRC-32C.
/// </summary>
internal static class RollupCodec
{
    /// <summary>Far more than the whiles of a chunk are.</summary>
    public const int MostRollups = 100_000;

    private const byte Version = 129;

    /// <summary>The roll-ups are in the order of time, none twice. What it gives is good until the writer is used again.</summary>
    public static ReadOnlySpan<byte> Encode(List<Rollup> rollups, ChunkWriter writer)
    {
        var all = CollectionsMarshal.AsSpan(rollups);
        long[] whole = new long[all.Length], scratch = new long[all.Length];
        double[] values = new double[all.Length];
        writer.Clear();
        writer.Byte(Version);
        writer.Varint((ulong)all.Length);
        for (int i = 0; i < all.Length; i++) whole[i] = all[i].Start;
        TimeColumn.Write(writer, whole, scratch);
        for (int i = 0; i < all.Length; i++) whole[i] = all[i].Count;
        WholeColumn.Differences(whole);
        WholeColumn.Write(writer, whole);
        for (int i = 0; i < all.Length; i++) values[i] = all[i].Min;
        ValueColumn.Write(writer, values, scratch);
        for (int i = 0; i < all.Length; i++) values[i] = all[i].Max;
        ValueColumn.Write(writer, values, scratch);
        for (int i = 0; i < all.Length; i++) values[i] = all[i].Sum;
        ValueColumn.Write(writer, values, scratch);
        for (int i = 0; i < all.Length; i++) values[i] = all[i].Last;
        ValueColumn.Write(writer, values, scratch);
        return writer.Seal();
    }

    /// <exception cref="ProdOpsException">It is no chunk, or a damaged one; nothing was added then.</exception>
    public static void Decode(ReadOnlySpan<byte> chunk, List<Rollup> rollups)
    {
        var reader = new ChunkReader(chunk, Version);
        int count = reader.Count(MostRollups);
        long[] starts = new long[count], counts = new long[count], scratch = new long[count];
        double[] min = new double[count], max = new double[count], sum = new double[count], last = new double[count];
        TimeColumn.Read(ref reader, starts);
        WholeColumn.Read(ref reader, counts);
        WholeColumn.Sums(counts);
        if (counts.AsSpan().ContainsAnyInRange(long.MinValue, 0)) throw ChunkReader.Invalid("it has a roll-up of nothing");
        ValueColumn.Read(ref reader, min, scratch);
        ValueColumn.Read(ref reader, max, scratch);
        ValueColumn.Read(ref reader, sum, scratch);
        ValueColumn.Read(ref reader, last, scratch);
        reader.End();
        for (int i = 0; i < count; i++) rollups.Add(new Rollup(starts[i], counts[i], min[i], max[i], sum[i], last[i]));
    }
}

using System.Buffers;

namespace ProdOps.Monitoring.Store.Chunks;

/// <summary>
/// The samples of a series in few bytes: the version (1), how many there are (a varint), a <see cref="TimeColumn"/>, a <see cref="ValueColumn"/>, and four bytes of CRC-32C over all
/// before, the low one first. Nothing is rounded.
/// </summary>
internal static class SampleCodec
{
    /// <summary>One for every millisecond of an hour.</summary>
    public const int MostSamples = 3_600_000;

    private const byte Version = 1;

    /// <summary>The points are in the order of time, none twice. What it gives is good until the writer is used again.</summary>
    public static ReadOnlySpan<byte> Encode(ReadOnlySpan<Point> points, ChunkWriter writer)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(points.Length, MostSamples, nameof(points));
        long[] times = ArrayPool<long>.Shared.Rent(points.Length), scratch = ArrayPool<long>.Shared.Rent(points.Length);
        double[] values = ArrayPool<double>.Shared.Rent(points.Length);
        for (int i = 0; i < points.Length; i++) (times[i], values[i]) = points[i];
        writer.Clear();
        writer.Byte(Version);
        writer.Varint((ulong)points.Length);
        TimeColumn.Write(writer, times.AsSpan(0, points.Length), scratch);
        ValueColumn.Write(writer, values.AsSpan(0, points.Length), scratch);
        ArrayPool<long>.Shared.Return(times);
        ArrayPool<long>.Shared.Return(scratch);
        ArrayPool<double>.Shared.Return(values);
        return writer.Seal();
    }

    /// <exception cref="ProdOpsException">It is no chunk, or a damaged one; nothing was added then.</exception>
    public static void Decode(ReadOnlySpan<byte> chunk, List<Point> points)
    {
        var reader = new ChunkReader(chunk, Version);
        int count = reader.Count(MostSamples);
        long[] times = ArrayPool<long>.Shared.Rent(count), scratch = ArrayPool<long>.Shared.Rent(count);
        double[] values = ArrayPool<double>.Shared.Rent(count);
        try
        {
            TimeColumn.Read(ref reader, times.AsSpan(0, count));
            ValueColumn.Read(ref reader, values.AsSpan(0, count), scratch);
            reader.End();
            points.EnsureCapacity(points.Count + count);
            for (int i = 0; i < count; i++) points.Add(new Point(times[i], values[i]));
        }
        finally
        {
            ArrayPool<long>.Shared.Return(times);
            ArrayPool<long>.Shared.Return(scratch);
            ArrayPool<double>.Shared.Return(values);
        }
    }
}

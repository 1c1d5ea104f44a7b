namespace ProdOps.Monitoring.Store.Chunks;

/// <summary>
/// Moments, each later than the one before: the first as a zigzag varint of milliseconds, then, if there are more, the unit (the greatest number of milliseconds
/// that divides every distance) as a varint, then the first distance and of all others how much they differ from the one before, in units, as a
/// <see cref="WholeColumn"/>. Samples at a steady pace cost nothing; what a second's clock gives costs a byte.
/// </summary>
internal static class TimeColumn
{
    private const long Latest = 253_402_300_799_999;

    public static void Write(ChunkWriter writer, ReadOnlySpan<long> times, Span<long> scratch)
    {
        if (times.IsEmpty) return;
        writer.Signed(times[0]);
        if (times.Length == 1) return;
        var distances = scratch[..(times.Length - 1)];
        long unit = 0;
        for (int i = 0; i < distances.Length; i++)
        {
            distances[i] = times[i + 1] - times[i];
            if (distances[i] <= 0) throw new ArgumentException("Moments must be in order.", nameof(times));
            unit = unit == 1 ? 1 : Divisor(distances[i], unit);
        }

        writer.Varint((ulong)unit);
        if (unit > 1) foreach (ref long distance in distances) distance /= unit;
        WholeColumn.Differences(distances);
        WholeColumn.Write(writer, distances);
    }

    public static void Read(ref ChunkReader reader, Span<long> times)
    {
        if (times.IsEmpty) return;
        long time = times[0] = Checked(reader.Signed());
        if (times.Length == 1) return;
        ulong unit = reader.Varint();
        if (unit is 0 or > (ulong)Latest) throw ChunkReader.Invalid("its times have no unit");
        var distances = times[1..];
        WholeColumn.Read(ref reader, distances);
        WholeColumn.Sums(distances);
        foreach (ref long distance in distances)
        {
            if (distance <= 0 || distance > Latest / (long)unit) throw ChunkReader.Invalid("its times are out of order");
            distance = time = Checked(time + distance * (long)unit);
        }
    }

    private static long Checked(long time) => time is >= 0 and <= Latest ? time : throw ChunkReader.Invalid("its times are beyond all calendars");

    private static long Divisor(long a, long b)
    {
        while (b != 0) (a, b) = (b, a % b);
        return a;
    }
}

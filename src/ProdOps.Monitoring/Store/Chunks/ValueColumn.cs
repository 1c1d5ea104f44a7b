namespace ProdOps.Monitoring.Store.Chunks;

/// <summary>
/// Values. The first byte is the way: 0 to 9 for decimal numbers with so many decimals, of which the first and then the differences are a <see cref="WholeColumn"/>;
/// 32 for any doubles, as <see cref="XorColumn"/> has them. Of two ways that are exact the shorter is taken.
/// </summary>
internal static class ValueColumn
{
    public const byte Xor = 32;

    // Below this many bytes a value the other way is not even tried: it hardly ever is shorter.
    private const int WorthTrying = 4;

    public static void Write(ChunkWriter writer, ReadOnlySpan<double> values, Span<long> scratch)
    {
        int start = writer.Length;
        bool isDecimal = TryWriteDecimal(writer, values, scratch);
        int length = writer.Length - start;
        if (isDecimal && length <= values.Length * WorthTrying + 8) return;
        writer.Truncate(start);
        WriteXor(writer, values);
        if (!isDecimal || writer.Length - start <= length) return;
        writer.Truncate(start);
        TryWriteDecimal(writer, values, scratch);
    }

    public static void Read(ref ChunkReader reader, Span<double> values, Span<long> scratch)
    {
        byte way = reader.Byte();
        if (way == Xor)
        {
            XorColumn.Read(ref reader, values);
            return;
        }

        if (way > Decimals.Most) throw ChunkReader.Invalid($"its values are of the unknown kind {way}");
        var scaled = scratch[..values.Length];
        WholeColumn.Read(ref reader, scaled);
        WholeColumn.Sums(scaled);
        for (int i = 0; i < scaled.Length; i++) values[i] = Decimals.Unscale(scaled[i], way);
    }

    public static bool TryWriteDecimal(ChunkWriter writer, ReadOnlySpan<double> values, Span<long> scratch)
    {
        int decimals = 0;
        foreach (double value in values) decimals = Decimals.Needed(value, decimals);
        if (decimals == Decimals.None) return false;
        var scaled = scratch[..values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            // A great value that came before one with many decimals may not have room for them.
            if (!Decimals.TryScale(values[i], decimals, out scaled[i])) return false;
        }

        writer.Byte((byte)decimals);
        WholeColumn.Differences(scaled);
        WholeColumn.Write(writer, scaled);
        return true;
    }

    public static void WriteXor(ChunkWriter writer, ReadOnlySpan<double> values)
    {
        writer.Byte(Xor);
        XorColumn.Write(writer, values);
    }
}

using System.Numerics;

namespace ProdOps.Monitoring.Store.Chunks;

/// <summary>
/// Doubles by what has changed in their bits, after Pelkonen et al., "Gorilla: A Fast, Scalable, In-Memory Time Series Database" (VLDB 2015), 4.1.2.
/// Bits are filled from the highest of each byte on; the last byte is filled up with zeros. The first value is there whole. Then of each its XOR with the one before: bit 0
/// for none; 10 and the bits of the window used last, if all that changed is in it; 11, five bits of how many zeros are before the window (31 at most), six of how
/// long it is (less one), and its bits.
/// </summary>
internal static class XorColumn
{
    private const int MostLeading = 31;

    public static void Write(ChunkWriter writer, ReadOnlySpan<double> values)
    {
        if (values.IsEmpty) return;
        var bits = new BitWriter(writer);
        long before = BitConverter.DoubleToInt64Bits(values[0]);
        bits.Write((ulong)before, 64);
        int leading = 0, trailing = 0, length = 0;
        foreach (double value in values[1..])
        {
            long now = BitConverter.DoubleToInt64Bits(value);
            ulong changed = (ulong)(now ^ before);
            before = now;
            if (changed == 0)
            {
                bits.Write(0, 1);
                continue;
            }

            int zeros = Math.Min(BitOperations.LeadingZeroCount(changed), MostLeading), end = BitOperations.TrailingZeroCount(changed);
            if (length > 0 && zeros >= leading && end >= trailing)
            {
                bits.Write(0b10, 2);
            }
            else
            {
                (leading, trailing, length) = (zeros, end, 64 - zeros - end);
                bits.Write(0b11, 2);
                bits.Write((ulong)leading, 5);
                bits.Write((ulong)(length - 1), 6);
            }

            bits.Write(changed >> trailing, length);
        }

        bits.Flush();
    }

    public static void Read(ref ChunkReader reader, Span<double> values)
    {
        if (values.IsEmpty) return;
        var bits = new BitReader();
        ulong value = bits.Read(ref reader, 64);
        int trailing = 0, length = 0;
        values[0] = BitConverter.UInt64BitsToDouble(value);
        foreach (ref double next in values[1..])
        {
            if (bits.Read(ref reader, 1) != 0)
            {
                if (bits.Read(ref reader, 1) != 0)
                {
                    int leading = (int)bits.Read(ref reader, 5);
                    length = (int)bits.Read(ref reader, 6) + 1;
                    trailing = 64 - leading - length;
                }

                if (length == 0 || trailing < 0) throw ChunkReader.Invalid("its values have no window");
                value ^= bits.Read(ref reader, length) << trailing;
            }

            next = BitConverter.UInt64BitsToDouble(value);
        }
    }

    private ref struct BitWriter(ChunkWriter writer)
    {
        private byte _last;
        private int _used;

        public void Write(ulong value, int count)
        {
            while (count > 0)
            {
                int taken = Math.Min(count, 8 - _used);
                _last |= (byte)(((value >> (count - taken)) & ((1UL << taken) - 1)) << (8 - _used - taken));
                _used += taken;
                count -= taken;
                if (_used == 8) Flush();
            }
        }

        public void Flush()
        {
            if (_used > 0) writer.Byte(_last);
            (_last, _used) = (0, 0);
        }
    }

    private ref struct BitReader
    {
        private byte _last;
        private int _left;

        public ulong Read(ref ChunkReader reader, int count)
        {
            ulong value = 0;
            while (count > 0)
            {
                if (_left == 0) (_last, _left) = (reader.Byte(), 8);
                int taken = Math.Min(count, _left);
                value = (value << taken) | (uint)((_last >> (_left - taken)) & ((1 << taken) - 1));
                _left -= taken;
                count -= taken;
            }

            return value;
        }
    }
}

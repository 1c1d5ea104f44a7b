using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ProdOps.Monitoring.Store.Chunks;
using ProdOps.Servers.Files;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Store;

public sealed class SampleCodecTests
{
    private const long Start = 1_790_000_000_000;

    private readonly ChunkWriter _writer = new();

    [Fact]
    public void Whatever_is_encoded_comes_back_to_the_last_bit()
    {
        var random = new Random(5);
        for (int i = 0; i < 3000; i++)
        {
            var points = RandomPoints(random);
            Assert.Equal(points, RoundTrip(points));
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(-0.0)]
    [InlineData(double.Epsilon)]
    [InlineData(double.MaxValue)]
    [InlineData(9007199254740993.0)]
    [InlineData(0.1 + 0.2)]
    public void Odd_values_come_back_to_the_last_bit(double odd)
    {
        double[] values = [1, odd, odd, 2.5, -odd];
        var back = RoundTrip([.. values.Select((value, i) => new Point(Start + i, value))]);
        Assert.Equal(values.Select(BitConverter.DoubleToInt64Bits), back.Select(static point => BitConverter.DoubleToInt64Bits(point.Value)));
    }

    [Fact]
    public void No_samples_and_one_sample_are_chunks_too()
    {
        Assert.Empty(RoundTrip([]));
        Assert.Equal([new Point(0, 7)], RoundTrip([new Point(0, 7)]));
    }

    [Fact]
    public void A_value_that_never_changes_at_a_steady_pace_takes_a_few_bytes_an_hour() =>
        Assert.InRange(SampleCodec.Encode([.. Enumerable.Range(0, 120).Select(i => new Point(Start + i * 30_000, 16_777_216_000))], _writer).Length, 1, 32);

    [Fact]
    public void Percentages_take_two_bytes()
    {
        var random = new Random(3);
        double value = 40;
        var points = Enumerable.Range(0, 120).Select(i => new Point(Start + i * 30_000, value = Math.Round(Math.Clamp(value + random.NextDouble() * 6 - 3, 0, 100), 3))).ToArray();
        Assert.InRange(SampleCodec.Encode(points, _writer).Length / 120.0, 1, 2.3);
    }

    [Fact]
    public void Samples_out_of_order_are_not_encoded() =>
        Assert.Throws<ArgumentException>(() => SampleCodec.Encode([new Point(Start, 1), new Point(Start, 2)], _writer).Length);

    [Fact]
    public void Any_flipped_bit_is_noticed()
    {
        byte[] chunk = SampleCodec.Encode(RandomPoints(new Random(8), 40), _writer).ToArray();
        for (int bit = 0; bit < chunk.Length * 8; bit++)
        {
            chunk[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Equal(MonitoringErrors.ChunkInvalidId, Assert.Throws<ProdOpsException>(() => SampleCodec.Decode(chunk, [])).ErrorId);
            chunk[bit / 8] ^= (byte)(1 << bit % 8);
        }
    }

    [Fact]
    public void A_damaged_chunk_is_read_or_refused_also_if_its_check_sum_is_right()
    {
        var random = new Random(13);
        byte[][] seeds = [.. Enumerable.Range(0, 40).Select(i => SampleCodec.Encode(RandomPoints(random, i), _writer).ToArray())];
        byte[][] rolled = [.. Enumerable.Range(1, 40).Select(i => RollupCodec.Encode(Roll(RandomPoints(random, i), 10_000), _writer).ToArray())];
        var points = new List<Point>();
        var rollups = new List<Rollup>();
        for (int i = 0; i < 10_000; i++)
        {
            points.Clear();
            rollups.Clear();
            TryRead(Mended(Mutation.Of(seeds[i % seeds.Length][..^4], random)), chunk => SampleCodec.Decode(chunk, points));
            TryRead(Mended(Mutation.Of(rolled[i % rolled.Length][..^4], random)), chunk => RollupCodec.Decode(chunk, rollups));
        }
    }

    [Fact]
    public void Roll_ups_come_back_to_the_last_bit_and_are_what_decimals_add_up_to()
    {
        var random = new Random(21);
        for (int i = 0; i < 300; i++)
        {
            var points = RandomPoints(random);
            var rollups = Roll(points, 60_000);
            var back = new List<Rollup>();
            RollupCodec.Decode(RollupCodec.Encode(rollups, _writer), back);
            Assert.Equal(rollups, back);
            Assert.Equal(points.Length, rollups.Sum(static rollup => rollup.Count));
        }

        var tenths = Enumerable.Range(0, 100).Select(i => new Point(Start + i, 0.1)).ToArray();
        Assert.Equal(10.0, Assert.Single(Roll(tenths, 60_000)).Sum);
    }

    private static void TryRead(byte[] chunk, Action<byte[]> read)
    {
        try
        {
            read(chunk);
        }
        catch (ProdOpsException refused)
        {
            Assert.Equal(MonitoringErrors.ChunkInvalidId, refused.ErrorId);
        }
    }

    private static byte[] Mended(byte[] body)
    {
        byte[] sum = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(sum, Crc32C.Of(body));
        return [.. body, .. sum];
    }

    private static List<Rollup> Roll(Point[] points, long width)
    {
        var rollups = new List<Rollup>();
        Rollup.Add(points, width, rollups);
        return rollups;
    }

    private Point[] RoundTrip(Point[] points)
    {
        var back = new List<Point>();
        SampleCodec.Decode(SampleCodec.Encode(points, _writer), back);
        return [.. CollectionsMarshal.AsSpan(back)];
    }

    private static Point[] RandomPoints(Random random, int? count = null)
    {
        var points = new Point[count ?? random.Next(200)];
        int kind = random.Next(6), decimals = random.Next(10);
        long time = Start + random.Next(3_600_000), pace = random.Next(1, 60_000);
        double value = random.Next(1000);
        for (int i = 0; i < points.Length; i++)
        {
            time += kind % 2 == 0 ? pace : random.Next(1, 90_000);
            value = kind switch
            {
                0 => value,
                1 => Math.Round(random.NextDouble() * 100, decimals),
                2 => value + random.Next(1_000_000),
                3 => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)) is var any && double.IsFinite(any) ? any : 0.5,
                4 => random.Next(3) == 0 ? Math.Round(random.NextDouble(), 3) : value,
                _ => random.NextDouble() * 100,
            };
            points[i] = new Point(time, value);
        }

        return points;
    }
}

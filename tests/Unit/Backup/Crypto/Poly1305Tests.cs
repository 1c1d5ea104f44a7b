using System.Numerics;
using System.Security.Cryptography;
using ProdOps.Backup.Crypto;

namespace ProdOps.Backup.Tests.Crypto;

public sealed class Poly1305Tests
{
    public static TheoryData<bool> Paths => [true, false];

    /// <summary>RFC 8439, section 2.5.2 and appendix A.3.</summary>
    [Theory]
    [InlineData("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b",
        "43727970746f6772617068696320466f72756d2052657365617263682047726f7570", "a8061dc1305136c6c22b8baf0c0127a9")]
    [InlineData("0200000000000000000000000000000000000000000000000000000000000000", "ffffffffffffffffffffffffffffffff", "03000000000000000000000000000000")]
    [InlineData("02000000000000000000000000000000ffffffffffffffffffffffffffffffff", "02000000000000000000000000000000", "03000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000",
        "fffffffffffffffffffffffffffffffff0ffffffffffffffffffffffffffffff11000000000000000000000000000000", "05000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000",
        "fffffffffffffffffffffffffffffffffbfefefefefefefefefefefefefefefe01010101010101010101010101010101", "00000000000000000000000000000000")]
    [InlineData("0200000000000000000000000000000000000000000000000000000000000000", "fdffffffffffffffffffffffffffffff", "faffffffffffffffffffffffffffffff")]
    [InlineData("0100000000000000040000000000000000000000000000000000000000000000",
        "e33594d7505e43b900000000000000003394d7505e4379cd01000000000000000000000000000000000000000000000001000000000000000000000000000000",
        "14000000000000005500000000000000")]
    [InlineData("0100000000000000040000000000000000000000000000000000000000000000",
        "e33594d7505e43b900000000000000003394d7505e4379cd010000000000000000000000000000000000000000000000", "13000000000000000000000000000000")]
    public void The_vectors_of_RFC_8439_hold(string key, string message, string tag) =>
        Assert.Equal(tag, Convert.ToHexStringLower(Tag(Convert.FromHexString(key), Convert.FromHexString(message), scalar: false)));

    [Fact]
    public void A_million_random_short_messages_have_the_tags_of_an_independent_implementation()
    {
        var random = new Random(1305);
        var oracle = new Org.BouncyCastle.Crypto.Macs.Poly1305();
        byte[] buffer = new byte[1024], expected = new byte[16], actual = new byte[16];
        random.NextBytes(buffer);
        for (int i = 0; i < 1_000_000; i++)
        {
            int length = random.Next(100), at = random.Next(buffer.Length - length - 32);
            var key = buffer.AsSpan(at, 32);
            var message = buffer.AsSpan(at + 32, length);
            Oracle(oracle, key, message, expected);
            Poly1305.ComputeTag(key, message, actual);
            if (!actual.AsSpan().SequenceEqual(expected)) Assert.Fail($"Message {i} of {length} bytes.");
            if ((i & 15) == 0) random.NextBytes(buffer.AsSpan(random.Next(buffer.Length - 64), 64));
        }
    }

    [Theory, MemberData(nameof(Paths))]
    public void Messages_of_every_length_and_of_extreme_bits_have_the_right_tags(bool scalar)
    {
        var random = new Random(5);
        var oracle = new Org.BouncyCastle.Crypto.Macs.Poly1305();
        byte[] expected = new byte[16];
        for (int length = 0; length < 2200; length++)
        {
            byte[] key = Extreme(random, 32), message = Extreme(random, length);
            Oracle(oracle, key, message, expected);
            Assert.Equal(expected, Tag(key, message, scalar));
        }

        foreach (int length in (int[])[65535, 65536, 1 << 20, (1 << 20) + 17, (8 << 20) + 127])
        {
            foreach (byte[] message in (byte[][])[RandomNumberGenerator.GetBytes(length), Filled(length, 0xFF), Filled(length, 0)])
            {
                foreach (byte[] key in (byte[][])[RandomNumberGenerator.GetBytes(32), Filled(32, 0xFF)])
                {
                    Oracle(oracle, key, message, expected);
                    Assert.Equal(expected, Tag(key, message, scalar));
                }
            }
        }
    }

    [Fact]
    public void Both_paths_agree_on_random_and_extreme_messages()
    {
        var random = new Random(512);
        for (int i = 0; i < 50_000; i++)
        {
            int length = random.Next(400, 1700);
            byte[] key = Extreme(random, 32), message = i % 2 == 0 ? Extreme(random, length) : new byte[length];
            if (i % 2 == 1) random.NextBytes(message);
            if (!Tag(key, message, scalar: true).AsSpan().SequenceEqual(Tag(key, message, scalar: false))) Assert.Fail($"Message {i} of {length} bytes.");
        }
    }

    /// <summary>
    /// Against the definition in whole numbers, with a last block chosen so that the sum before the reduction lands
    /// where a final subtraction of 2^130 - 5 begins to matter.
    /// </summary>
    [Theory, MemberData(nameof(Paths))]
    public void Sums_around_the_prime_are_reduced(bool scalar)
    {
        var prime = (BigInteger.One << 130) - 5;
        var random = new Random(130);
        int reached = 0;
        for (int i = 0; i < 8_000; i++)
        {
            byte[] key = Extreme(random, 32);
            byte[] message = new byte[16 * random.Next(1, 80)];
            random.NextBytes(message);
            var r = Clamped(key);
            if (r.IsZero) continue;
            var wanted = i % 3 == 0 ? prime - random.Next(1, 8) : i % 3 == 1 ? random.Next(0, 8) : (BigInteger.One << 128) + random.Next(-4, 5);
            var inverse = BigInteger.ModPow(r, prime - 2, prime);
            var sum = BigInteger.Zero;
            for (int at = 0; at + 16 < message.Length; at += 16) sum = (sum + Block(message.AsSpan(at, 16))) * r % prime;
            var last = (((wanted * inverse) - sum - (BigInteger.One << 128)) % prime + prime) % prime;
            if (last >> 128 == 0)
            {
                reached++;
                message.AsSpan(message.Length - 16).Clear();
                last.TryWriteBytes(message.AsSpan(message.Length - 16), out _, isUnsigned: true);
            }

            sum = BigInteger.Zero;
            for (int at = 0; at < message.Length; at += 16) sum = (sum + Block(message.AsSpan(at, 16))) * r % prime;
            var tag = (sum + new BigInteger(key.AsSpan(16), isUnsigned: true)) % (BigInteger.One << 128);
            Assert.Equal(tag, new BigInteger(Tag(key, message, scalar), isUnsigned: true));
        }

        Assert.True(reached > 1000);
    }

    private static BigInteger Clamped(byte[] key)
    {
        byte[] r = key[..16];
        foreach (int i in (int[])[3, 7, 11, 15]) r[i] &= 15;
        foreach (int i in (int[])[4, 8, 12]) r[i] &= 252;
        return new BigInteger(r, isUnsigned: true);
    }

    private static BigInteger Block(ReadOnlySpan<byte> block) => new BigInteger(block, isUnsigned: true) + (BigInteger.One << 128);

    private static byte[] Tag(byte[] key, byte[] message, bool scalar)
    {
        byte[] tag = new byte[16];
        Poly1305.ComputeTag(key, message, tag, scalar);
        return tag;
    }

    private static void Oracle(Org.BouncyCastle.Crypto.Macs.Poly1305 oracle, ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, byte[] tag)
    {
        oracle.Init(new Org.BouncyCastle.Crypto.Parameters.KeyParameter(key));
        oracle.BlockUpdate(message);
        oracle.DoFinal(tag, 0);
    }

    /// <summary>Mostly runs of ones and zeros, which carry furthest.</summary>
    private static byte[] Extreme(Random random, int length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) bytes[i] = random.Next(5) switch { 0 => 0, 1 => (byte)random.Next(256), _ => 0xFF };
        return bytes;
    }

    private static byte[] Filled(int length, byte value)
    {
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill(value);
        return bytes;
    }
}

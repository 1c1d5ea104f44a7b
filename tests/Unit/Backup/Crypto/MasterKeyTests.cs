using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;
using ProdOps.Backup.Crypto;

namespace ProdOps.Backup.Tests.Crypto;

public sealed class MasterKeyTests
{
    private static readonly int[] Lengths = [0, 1, 15, 16, 17, 31, 32, 33, 255, 4095, 4096, 4097, 12_288, 100_003, (1 << 20) + 5];

    [Fact]
    public void What_was_sealed_opens_and_is_AES_256_CTR_with_a_Poly1305_AES_tag()
    {
        byte[] parts = RandomNumberGenerator.GetBytes(64);
        var key = MasterKey.FromParts(parts.AsSpan(0, 32), parts.AsSpan(32, 16), parts.AsSpan(48, 16));
        foreach (int length in Lengths)
        {
            byte[] plaintext = RandomNumberGenerator.GetBytes(length), sealedBytes = new byte[length + 32], opened = new byte[length];
            key.Seal(plaintext, sealedBytes);
            Assert.True(key.TryOpen(sealedBytes, opened));
            Assert.Equal(plaintext, opened);
            Assert.Equal(SealIndependently(parts, sealedBytes.AsSpan(0, 16), plaintext), sealedBytes);
        }
    }

    [Theory]
    [InlineData("ffffffffffffffffffffffffffffffff")]
    [InlineData("0000000000000000fffffffffffffff0")]
    [InlineData("fffffffffffffffffffffffffffffffe")]
    [InlineData("00000000ffffffffffffffffffffffff")]
    [InlineData("0123456789abcdefffffffffffffff00")]
    public void The_counter_carries_and_wraps_over_all_128_bits(string iv)
    {
        byte[] parts = RandomNumberGenerator.GetBytes(64), plaintext = RandomNumberGenerator.GetBytes(10_000), opened = new byte[10_000];
        byte[] sealedBytes = SealIndependently(parts, Convert.FromHexString(iv), plaintext);
        var key = MasterKey.FromParts(parts.AsSpan(0, 32), parts.AsSpan(32, 16), parts.AsSpan(48, 16));
        Assert.True(key.TryOpen(sealedBytes, opened));
        Assert.Equal(plaintext, opened);
    }

    [Fact]
    public void Sealing_and_opening_work_in_place()
    {
        var key = MasterKey.Generate();
        foreach (int length in Lengths)
        {
            byte[] plaintext = RandomNumberGenerator.GetBytes(length), buffer = new byte[length + 32];
            foreach (int offset in (int[])[0, 7, 16])
            {
                plaintext.CopyTo(buffer, 16);
                key.Seal(buffer.AsSpan(16, length), buffer);
                Assert.True(key.TryOpen(buffer, buffer.AsSpan(offset, length)));
                Assert.Equal(plaintext, buffer.AsSpan(offset, length).ToArray());
            }
        }
    }

    [Fact]
    public void Overlaps_that_would_destroy_data_are_refused()
    {
        var key = MasterKey.Generate();
        byte[] buffer = new byte[200];
        Assert.Throws<ArgumentException>(() => key.Seal(buffer.AsSpan(15, 100), buffer.AsSpan(0, 132)));
        Assert.Throws<ArgumentException>(() => key.Seal(buffer.AsSpan(0, 100), buffer.AsSpan(0, 132)));
        Assert.Throws<ArgumentException>(() => key.Seal(buffer.AsSpan(17, 100), buffer.AsSpan(0, 132)));
        Assert.Throws<ArgumentException>(() => key.TryOpen(buffer.AsSpan(0, 132), buffer.AsSpan(17, 100)));
        Assert.Throws<ArgumentException>(() => key.Seal(buffer.AsSpan(0, 10), new byte[41]));
        Assert.Throws<ArgumentException>(() => key.TryOpen(buffer.AsSpan(0, 132), new byte[99]));
    }

    [Fact]
    public void Any_flipped_bit_is_noticed_and_leaves_the_output_alone()
    {
        var key = MasterKey.Generate();
        byte[] sealedBytes = new byte[32 + 37], opened = new byte[37];
        key.Seal(RandomNumberGenerator.GetBytes(37), sealedBytes);
        for (int bit = 0; bit < sealedBytes.Length * 8; bit++)
        {
            sealedBytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(key.TryOpen(sealedBytes, opened));
            sealedBytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.All(opened, b => Assert.Equal(0, b));
        Assert.True(key.TryOpen(sealedBytes, opened));
        Assert.False(MasterKey.Generate().TryOpen(sealedBytes, opened));
        Assert.False(key.TryOpen(sealedBytes.AsSpan(0, 31), []));
    }

    [Fact]
    public void An_IV_of_zeros_is_refused_even_with_a_right_tag()
    {
        byte[] parts = RandomNumberGenerator.GetBytes(64);
        var key = MasterKey.FromParts(parts.AsSpan(0, 32), parts.AsSpan(32, 16), parts.AsSpan(48, 16));
        Assert.False(key.TryOpen(SealIndependently(parts, new byte[16], new byte[20]), new byte[20]));
    }

    [Fact]
    public void One_key_serves_many_threads_at_once()
    {
        var key = MasterKey.Generate();
        Parallel.For(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 16 }, i =>
        {
            byte[] plaintext = new byte[i * 7 % 9000], sealedBytes = new byte[plaintext.Length + 32], opened = new byte[plaintext.Length];
            new Random(i).NextBytes(plaintext);
            key.Seal(plaintext, sealedBytes);
            Assert.True(key.TryOpen(sealedBytes, opened));
            Assert.Equal(plaintext, opened);
        });
    }

    [Fact]
    public void Sealing_and_opening_allocate_nothing()
    {
        var key = MasterKey.Generate();
        byte[] plaintext = new byte[5000], sealedBytes = new byte[5032];
        key.Seal(plaintext, sealedBytes);
        key.TryOpen(sealedBytes, plaintext);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            key.Seal(plaintext, sealedBytes);
            key.TryOpen(sealedBytes, plaintext);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100);
    }

    [Fact]
    public void A_key_survives_its_JSON_which_has_restics_shape()
    {
        byte[] parts = new byte[64];
        for (int i = 0; i < parts.Length; i++) parts[i] = (byte)(255 - i);
        var key = MasterKey.FromParts(parts.AsSpan(0, 32), parts.AsSpan(32, 16), parts.AsSpan(48, 16));
        byte[] json = key.ToJson();
        Assert.Equal(
            $$"""{"mac":{"k":"{{Convert.ToBase64String(parts, 32, 16)}}","r":"{{Convert.ToBase64String(parts, 48, 16)}}"},"encrypt":"{{Convert.ToBase64String(parts, 0, 32)}}"}""",
            Encoding.UTF8.GetString(json));

        byte[] sealedBytes = new byte[42], opened = new byte[10];
        key.Seal(opened, sealedBytes);
        Assert.True(MasterKey.FromJson(json).TryOpen(sealedBytes, opened));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"mac":null,"encrypt":"AA=="}""")]
    [InlineData("""{"mac":{"k":"AAAA","r":"AAAA"},"encrypt":"AAAA"}""")]
    [InlineData("""{"mac":{"k":"!","r":1},"encrypt":"AAAA"}""")]
    [InlineData("""{"mac":{"k":"AAAAAAAAAAAAAAAAAAAAAA==","r":"AQAAAAAAAAAAAAAAAAAAAA=="},"encrypt":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}""")]
    public void JSON_that_holds_no_key_is_an_error(string json) =>
        Assert.Equal("MasterKeyInvalid", Assert.Throws<ProdOpsException>(() => MasterKey.FromJson(Encoding.UTF8.GetBytes(json))).ErrorId);

    private static byte[] SealIndependently(byte[] parts, ReadOnlySpan<byte> iv, byte[] plaintext)
    {
        byte[] result = new byte[plaintext.Length + 32];
        iv.CopyTo(result);
        var cipher = new SicBlockCipher(new AesLightEngine());
        cipher.Init(true, new ParametersWithIV(new KeyParameter(parts, 0, 32), iv));
        byte[] block = new byte[16];
        for (int at = 0; at < plaintext.Length; at += 16)
        {
            int length = Math.Min(16, plaintext.Length - at);
            Array.Clear(block);
            plaintext.AsSpan(at, length).CopyTo(block);
            cipher.ProcessBlock(block, 0, block, 0);
            block.AsSpan(0, length).CopyTo(result.AsSpan(16 + at));
        }

        var mac = new Org.BouncyCastle.Crypto.Macs.Poly1305(new AesLightEngine());
        byte[] macKey = [.. parts.AsSpan(48, 16), .. parts.AsSpan(32, 16)];
        mac.Init(new ParametersWithIV(new KeyParameter(macKey), iv));
        mac.BlockUpdate(result, 16, plaintext.Length);
        mac.DoFinal(result, 16 + plaintext.Length);
        return result;
    }
}

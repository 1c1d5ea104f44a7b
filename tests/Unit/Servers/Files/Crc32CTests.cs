using ProdOps.Servers.Files;

namespace ProdOps.Servers.Tests.Files;

public sealed class Crc32CTests
{
    /// <summary>RFC 3720, B.4: 32 bytes of zero, of ones, counting up and counting down; and the usual word.</summary>
    [Fact]
    public void It_is_the_sum_that_the_standard_gives()
    {
        Assert.Equal(0x8a9136aau, Crc32C.Of(new byte[32]));
        Assert.Equal(0x62a8ab43u, Crc32C.Of(Enumerable.Repeat((byte)0xff, 32).ToArray()));
        byte[] up = [.. Enumerable.Range(0, 32).Select(static value => (byte)value)];
        Assert.Equal(0x46dd794eu, Crc32C.Of(up));
        Assert.Equal(0x113fdb5cu, Crc32C.Of([.. up.Reverse()]));
        Assert.Equal(0xe3069283u, Crc32C.Of("123456789"u8));
        Assert.Equal(0u, Crc32C.Of([]));
    }

    [Fact]
    public void Parts_give_the_sum_of_the_whole()
    {
        byte[] bytes = new byte[100];
        new Random(7).NextBytes(bytes);
        for (int cut = 0; cut <= bytes.Length; cut++)
            Assert.Equal(Crc32C.Of(bytes), Crc32C.Finish(Crc32C.Append(Crc32C.Append(Crc32C.Seed, bytes.AsSpan(0, cut)), bytes.AsSpan(cut))));
    }
}

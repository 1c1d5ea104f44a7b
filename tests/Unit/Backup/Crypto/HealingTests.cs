using ProdOps.Backup.Crypto;
using ProdOps.Backup.Tests.Repositories;

namespace ProdOps.Backup.Tests.Crypto;

public sealed class HealingTests
{
    private readonly MasterKey _key = MasterKey.Generate();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(100)]
    public void Any_single_turned_bit_is_found_and_put_right(int length)
    {
        byte[] whole = Seal(length);
        for (int bit = 0; bit < 8 * whole.Length; bit++)
        {
            byte[] turned = [.. whole];
            turned[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(_key.TryHeal(turned), $"bit {bit}");
            Assert.Equal(whole, turned);
        }
    }

    [Fact]
    public void A_bit_of_a_large_blob_is_put_right()
    {
        byte[] whole = Seal(300_001), turned = [.. whole];
        foreach (int at in (int[])[20, 150_000, 300_001 + 15])
        {
            turned[at] ^= 0x40;
            Assert.True(_key.TryHeal(turned));
            Assert.Equal(whole, turned);
        }
    }

    [Fact]
    public void What_is_worse_than_a_bit_is_left_as_it_is()
    {
        var random = new Random(5);
        for (int round = 0; round < 200; round++)
        {
            byte[] damaged = Seal(random.Next(400));
            for (int flips = 0; flips < 2; flips++)
            {
                int at = random.Next(damaged.Length);
                // Two bytes, so that they cannot undo each other.
                damaged[at] ^= flips == 0 ? (byte)0x12 : (byte)0x24;
            }

            byte[] before = [.. damaged];
            Assert.False(_key.TryHeal(damaged));
            Assert.Equal(before, damaged);
        }

        Assert.False(_key.TryHeal(new byte[20]));
        byte[] cut = Seal(200)[..^7];
        Assert.False(_key.TryHeal(cut));
        byte[] foreign = Seal(50);
        Assert.False(MasterKey.Generate().TryHeal(foreign));
    }

    private byte[] Seal(int length)
    {
        byte[] sealedBytes = new byte[length + MasterKey.Overhead];
        _key.Seal(TestRepository.RandomBytes(length, length), sealedBytes);
        return sealedBytes;
    }
}

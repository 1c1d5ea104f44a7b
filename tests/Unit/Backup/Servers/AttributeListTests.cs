using System.Text;
using ProdOps.Backup.Archiving.Servers;

namespace ProdOps.Backup.Tests.Servers;

/// <summary>What getfattr prints is taken apart exactly, or refused.</summary>
public sealed class AttributeListTests
{
    private const string Printed = "# file: ./a\\134b\\012c\nuser.one=0x6869\nuser.e\\075q=0x\n\n# file: ./d/\xff\nsecurity.capability=0x0100AB\nuser.bare\n\n";

    [Fact]
    public void Names_and_values_are_any_bytes()
    {
        var found = AttributeList.Parse(Encoding.Latin1.GetBytes(Printed), "web1");
        Assert.Equal(2, found.Count);
        var first = found["/a\\b\nc"];
        Assert.Equal(["user.one", "user.e=q"], first.Select(attribute => attribute.Name));
        Assert.Equal("hi"u8.ToArray(), first[0].Value);
        Assert.Empty(first[1].Value);
        var second = found["/d/\udcff"];
        Assert.Equal([1, 0, 0xAB], second[0].Value);
        Assert.Equal(("user.bare", 0), (second[1].Name, second[1].Value.Length));
    }

    [Fact]
    public void Damaged_text_is_read_or_refused_and_nothing_else()
    {
        byte[] whole = Encoding.Latin1.GetBytes(Printed);
        var random = new Random(20261127);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] damaged = [.. whole];
            for (int i = random.Next(1, 5); i > 0; i--) damaged[random.Next(damaged.Length)] = (byte)"\n\\=#0x1fz\0"[random.Next(10)];
            if (random.Next(3) == 0) damaged = damaged[..random.Next(damaged.Length)];
            try
            {
                AttributeList.Parse(damaged, "web1");
            }
            catch (ProdOpsException e)
            {
                Assert.Equal("ListingNotUnderstood", e.ErrorId);
            }
        }
    }
}

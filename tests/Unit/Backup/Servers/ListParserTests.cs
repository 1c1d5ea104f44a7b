using System.Text;
using ProdOps.Backup.Archiving.Servers;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.Servers;

/// <summary>What a server's listing says is taken apart exactly, or refused.</summary>
public sealed class ListParserTests
{
    private const string Spice = "\0\n /.:0123456789abcdfIZTE!N'->-\\\x80";

    private const string Mark = "0123456789abcdef0123456789abcdef";

    private const string Find =
        "T\0/srv\0\0" + "0 d 755 4096 -1.5000000000 1700000000.1234567890 1700000000.9999999990 3 65024 2 0 0\0srv\0\0"
        + "1 f 4755 12345678901 1700000000.0000000010 1700000000.5000000000 1700000000.0000000000 2 65024 18446744073709551615 1000 4294967295\0a\nb \xff\0\0"
        + "1 l 777 7 1.0000000000 2.0000000000 3.0000000000 1 65024 5 0 0\0link\0to\nthere\0" + "!1 d 700 4096 1.0 1.0 1.0 2 1 6 0 0\0closed\0\0" + "E\00\0\0" + "Z\0\0\0";

    private const string Stat =
        Mark + "T/srv\n" + Mark + "I41ed 4096 3 65024 2 0 0 0 0/2023-11-14 22:13:20.999999999 +0000/1969-12-31 23:59:58.500000000 +0000/2023-11-14 22:13:20 +0000//srv" + Mark + "N/srv\n"
        + Mark + "Ia1ff 7 1 65024 5 0 0 0 0/2000-02-29 00:00:00.0 +0000/2000-02-29 00:00:00.0 +0000/2000-02-29 00:00:00.0 +0000//srv/a -> b\n" + Mark + "N'/srv/a -> b\n' -> 'x -> y'\n"
        + Mark + "I21b6 0 1 5 9 0 0 1 103/2000-01-01 00:00:00.0 +0000/2000-01-01 00:00:00.0 +0000/2000-01-01 00:00:00.0 +0000//srv/d/null" + Mark + "N/srv/d/null\n"
        + Mark + "E0\n" + Mark + "Z\n";

    [Fact]
    public void Find_is_read_to_the_nanosecond()
    {
        var records = Read(Bytes(Find), null);
        Assert.Equal("TIII!EZ", string.Concat(records.Select(record => record.Kind)));
        Assert.Equal(FileType.Directory, records[1].Stat.Type);
        Assert.Equal(new UnixTime(-1, 500_000_000), records[1].Stat.ModifiedTime);
        var file = records[2];
        Assert.Equal((1, 12345678901, 0x9EDu), (file.Depth, file.Stat.Size, file.Stat.Permissions));
        Assert.Equal((ulong.MaxValue, uint.MaxValue, 2ul), (file.Stat.Inode, file.Stat.GroupId, file.Stat.Links));
        Assert.Equal(new UnixTime(1_700_000_000, 1), file.Stat.ModifiedTime);
        Assert.Equal("a\nb \xff", Encoding.Latin1.GetString(file.Name.Span));
        Assert.Equal("to\nthere", Encoding.Latin1.GetString(records[3].LinkTarget.Span));
    }

    [Fact]
    public void Stat_is_read_likewise()
    {
        var records = Read(Bytes(Stat), Encoding.ASCII.GetBytes(Mark));
        Assert.Equal("TIIIEZ", string.Concat(records.Select(record => record.Kind)));
        Assert.Equal((0, new UnixTime(-2, 500_000_000), new UnixTime(1_700_000_000, 999_999_999)), (records[1].Depth, records[1].Stat.ModifiedTime, records[1].Stat.AccessTime));
        Assert.Equal((1, FileType.SymbolicLink, 951_782_400), (records[2].Depth, records[2].Stat.Type, records[2].Stat.ModifiedTime.Seconds));
        Assert.Equal("a -> b\n", Encoding.Latin1.GetString(records[2].Name.Span));
        Assert.Equal("x -> y", Encoding.Latin1.GetString(records[2].LinkTarget.Span));
        Assert.Equal((2, 0x10_0003ul | 0x100, "null"), (records[3].Depth, records[3].Stat.DeviceNumber, Encoding.Latin1.GetString(records[3].Name.Span)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damaged_listings_are_read_or_refused_and_nothing_else(bool stat)
    {
        byte[] whole = Bytes(stat ? Stat : Find);
        byte[]? mark = stat ? Encoding.ASCII.GetBytes(Mark) : null;
        var random = new Random(20261126);
        for (int round = 0; round < 30_000; round++)
        {
            byte[] damaged = [.. whole];
            for (int i = random.Next(1, 5); i > 0; i--) damaged[random.Next(damaged.Length)] = (byte)Spice[random.Next(Spice.Length)];
            if (random.Next(3) == 0) damaged = damaged[..random.Next(damaged.Length)];
            try
            {
                Read(damaged, mark);
            }
            catch (ProdOpsException e)
            {
                Assert.Equal("ListingNotUnderstood", e.ErrorId);
            }
        }
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    private static List<ListRecord> Read(byte[] bytes, byte[]? mark)
    {
        var parser = new ListParser("web1", mark);
        var records = new List<ListRecord>();
        for (int start = 0; start < bytes.Length;)
        {
            Assert.True(parser.TryRead(bytes.AsMemory(start), isEnd: true, out var record, out int length));
            Assert.InRange(length, 1, bytes.Length - start);
            records.Add(record);
            start += length;
        }
        return records;
    }
}

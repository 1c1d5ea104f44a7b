using System.Buffers;
using System.Diagnostics;
using ProdOps.Servers.Files;
using ProdOps.Servers.Files.Tar;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Tests.Files;

public sealed class TarTests
{
    private static readonly TarEntry[] Samples =
    [
        new() { Name = "./", Type = FileType.Directory, Permissions = 0x1ED, Modified = new UnixTime(1_700_000_000, 0) },
        new() { Name = "./plain", Size = 5, Permissions = 0x1A4, Modified = new UnixTime(1_700_000_000, 123_456_789), UserId = 1000, GroupId = 100, User = "admin", Group = "users" },
        new() { Name = "./" + new string('n', 300), Size = 0, Modified = new UnixTime(-2, 500_000_000) },
        new() { Name = "./latin-\udce9", Type = FileType.SymbolicLink, LinkName = "to-\udce9" },
        new() { Name = "./link", Type = FileType.SymbolicLink, LinkName = new string('t', 3000) },
        new() { Name = "./hard", IsHardLink = true, LinkName = "./plain" },
        new() { Name = "./exactly-" + new string('h', 100 - 10), Size = 512, UserId = 3_000_000_000, GroupId = 4_000_000_000, Modified = new UnixTime(10_000_000_000, 1) },
    ];

    [Fact]
    public async Task What_is_written_is_read()
    {
        var read = await ReadAsync(Archive());
        Assert.Equal(Samples, read.Select(item => item.Entry));
        Assert.Equal("hello", System.Text.Encoding.ASCII.GetString(read[1].Content));
    }

    [Fact]
    public async Task An_archive_may_follow_another_and_one_without_an_end_is_cut()
    {
        byte[] archive = Archive();
        Assert.Equal(2 * Samples.Length, (await ReadAsync([.. archive, .. new byte[9 * 512], .. archive])).Count);
        Assert.Equal("TransferCut", (await Assert.ThrowsAsync<ProdOpsException>(() => ReadAsync(archive[..^1024]))).ErrorId);
    }

    [Fact]
    public async Task Archives_cut_anywhere_are_cut_and_not_short()
    {
        byte[] archive = Archive();
        for (int length = 0; length < archive.Length - 1024; length += 100)
            Assert.Equal("TransferCut", (await Assert.ThrowsAsync<ProdOpsException>(() => ReadAsync(archive[..length]))).ErrorId);
    }

    [Fact]
    public async Task Damaged_archives_are_read_or_refused_and_nothing_else()
    {
        byte[] archive = Archive();
        var random = new Random(20261125);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] damaged = Mutate(archive, random);
            try
            {
                foreach (var (entry, content) in await ReadAsync(damaged))
                {
                    Assert.True(content.Length == entry.Size);
                    Assert.True(entry.Size >= 0);
                }
            }
            catch (ProdOpsException e) when (e.ErrorId is "TransferCut" or "ArchiveDamaged")
            {
            }
        }
    }

    [Theory]
    [InlineData("1.5", 1, 500_000_000)]
    [InlineData("-1.5", -2, 500_000_000)]
    [InlineData("-1", -1, 0)]
    [InlineData("1700000000.0000000019", 1_700_000_000, 1)]
    public void Times_have_the_fraction_that_pax_means(string text, long seconds, int nanoseconds)
    {
        Assert.True(TimeText.TryParse(System.Text.Encoding.ASCII.GetBytes(text), out var time));
        Assert.Equal(new UnixTime(seconds, nanoseconds), time);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("1.x")]
    [InlineData("99999999999999999999")]
    [InlineData("1e5")]
    public void What_is_no_time_is_none(string text) => Assert.False(TimeText.TryParse(System.Text.Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void Cksum_is_what_the_program_prints()
    {
        using var hash = new ContentHash(HashTool.CksumAlgorithm);
        foreach (string text in new[] { "", "a", "hello\n", new string('x', 70_000) })
        {
            hash.Append(System.Text.Encoding.ASCII.GetBytes(text));
            string? sum = hash.Finish();
            if (!OperatingSystem.IsLinux()) continue;
            using var process = Process.Start(new ProcessStartInfo("cksum") { RedirectStandardInput = true, RedirectStandardOutput = true })!;
            process.StandardInput.Write(text);
            process.StandardInput.Close();
            Assert.Equal(process.StandardOutput.ReadToEnd().Split(' ')[0], sum);
        }
    }

    private static byte[] Archive()
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (var sample in Samples)
        {
            TarWriter.Write(output, sample);
            byte[] content = sample.Size == 5 ? "hello"u8.ToArray() : new byte[sample.Size];
            output.Write(content);
            output.Write(new byte[TarWriter.PaddingOf(sample.Size)]);
        }
        output.Write(TarWriter.End);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Flips, cuts, doubles; and mends the checksums of headers, so that what comes behind them is reached.</summary>
    private static byte[] Mutate(byte[] archive, Random random)
    {
        byte[] bytes = [.. archive];
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            int block = random.Next(bytes.Length / 512) * 512;
            int at = random.Next(3) switch { 0 => block + 124 + random.Next(12), 1 => block + 156, _ => block + random.Next(512) };
            bytes[at] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)"01234567xLKg5 -"[random.Next(15)];
            var header = bytes.AsSpan(block, 512);
            header.Slice(148, 8).Fill((byte)' ');
            int sum = 0;
            foreach (byte b in header) sum += b;
            System.Text.Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header[148..]);
        }
        return random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    private static async Task<List<(TarEntry Entry, byte[] Content)>> ReadAsync(byte[] archive)
    {
        var reader = new TarReader(new MemoryStream(archive), "web1");
        var entries = new List<(TarEntry, byte[])>();
        while (await reader.ReadEntryAsync(CancellationToken.None) is { } entry)
        {
            using var content = new MemoryStream();
            while (true)
            {
                var piece = await reader.ReadContentAsync(CancellationToken.None);
                if (piece.IsEmpty) break;
                content.Write(piece.Span);
            }
            entries.Add((entry, content.ToArray()));
        }
        return entries;
    }
}

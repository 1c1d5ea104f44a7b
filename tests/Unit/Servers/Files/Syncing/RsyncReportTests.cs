using System.Text;
using ProdOps.Servers.Files.Syncing;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Files.Syncing;

/// <summary>What the source's rsync says.</summary>
public sealed class RsyncReportTests
{
    [Fact]
    public void Items_statistics_and_complaints_are_told_apart()
    {
        var items = new List<RsyncItem>();
        var report = new RsyncReport { OnItem = items.Add };
        foreach (string line in (string[])
            [
                "prodops .d..t...... 4096 0 ./", "prodops cd+++++++++ 4096 0 new/", "prodops <f+++++++++ 3 46 a", "prodops <f.st...... 5 12 b c",
                "prodops cL+++++++++ 1 0 link", "prodops hf+++++++++ 3 0 hard", "prodops .f...p..... 3 0 mode", "prodops .f          3 0 same", "prodops *deleting   0 0 gone/",
                @"skipping non-regular file ""fifo""", "", "Number of files: 8 (reg: 4, dir: 2, link: 1, special: 1)", "Number of deleted files: 1 (reg: 1)", "Total file size: 10 bytes",
                "Literal data: 6 bytes", "Total bytes sent: 382", "sent 382 bytes  received 126 bytes  1016.00 bytes/sec", "total size is 10  speedup is 0.02 (DRY RUN)", "created directory /srv/x",
                @"rsync: [sender] send_files failed to open ""/srv/x"": Permission denied (13)",
            ]) report.Add(line);
        Assert.Equal((4, 2, 1, 8, 10), (report.Files, report.Corrected, report.Deleted, report.TotalItems, report.TotalSize));
        Assert.Equal(2, report.Complaints.Count);
        Assert.Equal(["", "new", "a", "b c", "link", "hard", "mode", "same", "gone"], items.Select(item => item.Path));
        Assert.Equal(
            [ServerCopyAction.Metadata, ServerCopyAction.Create, ServerCopyAction.Create, ServerCopyAction.Replace, ServerCopyAction.Create, ServerCopyAction.Create, ServerCopyAction.Metadata, null, ServerCopyAction.Delete],
            items.Select(item => item.Action));
        Assert.Equal([0, 0, 3, 5, 0, 0, 0, 0, 0], items.Select(item => item.Size));
    }

    [Theory]
    [InlineData(@"we\#012ird", "we\nird")]
    [InlineData(@"gr\#303\#274n", "gr\u00fcn")]
    [InlineData(@"back\slash \#134#101 \#9", @"back\slash \#101 \#9")]
    public void Names_are_read_as_they_are(string said, string name) => Assert.Equal(name, RsyncItem.TryParse($"<f+++++++++ 1 1 {said}")!.Path);

    [Fact]
    public void A_byte_that_is_no_UTF8_is_kept() => Assert.Equal("l\udce9", RsyncItem.TryParse(@"<f+++++++++ 1 1 l\#351")!.Path);

    [Fact]
    public void Damaged_lines_and_endless_complaints_do_no_harm()
    {
        string[] seeds = ["prodops <f+++++++++ 3 46 a\\#303\\#274", "prodops *deleting   0 0 gone/", "Number of files: 99999999999999999999999", "Total file size: 1,234", "rsync: why"];
        var report = new RsyncReport();
        ParserFuzz.Run("line of rsync", report.Add, seeds);
        for (int i = 0; i < 1000; i++) report.Add("rsync: " + new string('x', 60_000));
        Assert.InRange(report.Complaints.Sum(line => line.Length), 1, 100_000);
        Assert.True(report is { Files: >= 0, TotalItems: >= 0, TotalSize: >= 0 });
    }

    [Fact]
    public async Task The_hello_is_read_however_it_is_cut_and_no_longer_than_it_may_be()
    {
        byte[] bytes = Encoding.ASCII.GetBytes("prodops\0rsync\0--server\0\0rest");
        for (int cut = 1; cut < bytes.Length; cut++)
        {
            var hello = await RsyncHello.ReadAsync(new Pieces(bytes[..cut], bytes[cut..]), CancellationToken.None);
            Assert.Equal(["prodops", "rsync", "--server"], hello!.Words);
            Assert.StartsWith(Encoding.ASCII.GetString(hello.Rest.Span), "rest");
        }

        Assert.Null(await RsyncHello.ReadAsync(new MemoryStream(bytes[..20]), CancellationToken.None));
        Assert.Empty((await RsyncHello.ReadAsync(new Pieces(Enumerable.Repeat(new byte[] { 65 }, 100_000).ToArray()), CancellationToken.None))!.Words);
    }

    /// <summary>Gives its pieces one by one.</summary>
    private sealed class Pieces(params byte[][] pieces) : MemoryStream
    {
        private readonly Queue<byte[]> _pieces = new(pieces);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_pieces.TryDequeue(out var piece)) return ValueTask.FromResult(0);
            piece.CopyTo(buffer);
            return ValueTask.FromResult(piece.Length);
        }
    }
}

using System.Text;
using ProdOps.Logging.Collecting.Files;
using ProdOps.Logging.Collecting.Journal;
using ProdOps.Logging.Collecting.Rotation;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Logging.Tests.Collecting;

/// <summary>Whatever a server answers, it is taken or refused with an error of the catalogue, in time and in memory that the question bounds.</summary>
public sealed class ReplyFuzzTests
{
    private const int Rounds = 3000;
    private static readonly FileFact File1 = new("/var/log/x.log", "1:2", 5000, 1_764_000_000_000_000);

    [Fact]
    public async Task Stretches()
    {
        var steps = new List<(int, ReadStep)> { (0, new ReadStep(File1, new FileMark("1:2", 0)) { To = 40 }), (1, new ReadStep(File1, new FileMark("1:2", 0)) { To = 5 }) };
        byte[] good = Encoding.ASCII.GetBytes($"B 0 \nF 0 40\n{new string('x', 39)}\n\nE 0 5000 0+1 records in 0+1 records out 40 bytes copied, 0.1 s\nZ 0\nC 1\nEND\n");
        var target = new CountingTarget();
        await new ReadReply(new ReplyReader(new MemoryStream(good), "web1"), "web1", target).TakeAsync(steps, default);
        Assert.Equal((40, 2, "Complete Changed"), (target.Bytes, target.Ends.Count, string.Join(' ', target.Ends)));
        await FuzzAsync(good, async bytes =>
        {
            var taken = new CountingTarget();
            await new ReadReply(new ReplyReader(new MemoryStream(bytes), "web1"), "web1", taken).TakeAsync(steps, default);
            Assert.InRange(taken.Bytes, 0, 45);
        });
    }

    [Theory]
    [InlineData("B 0 \nF 0 99999999999\n", "CollectReplyNotUnderstood")]
    [InlineData("B 0 \nF 0 41\n", "CollectReplyNotUnderstood")]
    [InlineData("B 0 \nF 0 -1\n", "CollectReplyNotUnderstood")]
    [InlineData("B 0 \nF 0 40\nshort", "CollectReplyCut")]
    [InlineData("B 0 zz\n", "CollectReplyNotUnderstood")]
    [InlineData("", "CollectReplyCut")]
    public async Task Lengths_that_lie_are_refused(string reply, string error)
    {
        var steps = new List<(int, ReadStep)> { (0, new ReadStep(File1, new FileMark("1:2", 0)) { To = 40 }) };
        var thrown = await Assert.ThrowsAsync<ProdOpsException>(() => new ReadReply(new ReplyReader(new MemoryStream(Encoding.ASCII.GetBytes(reply)), "web1"), "web1", new CountingTarget()).TakeAsync(steps, default));
        Assert.Equal(error, thrown.ErrorId);
    }

    [Fact]
    public async Task Output_without_end_is_refused()
    {
        var steps = new List<(int, ReadStep)> { (0, new ReadStep(File1, new FileMark("1:2", 0)) { To = 40 }) };
        var thrown = await Assert.ThrowsAsync<ProdOpsException>(() => new ReadReply(new ReplyReader(new EndlessStream(), "web1"), "web1", new CountingTarget()).TakeAsync(steps, default));
        Assert.Equal("CollectReplyNotUnderstood", thrown.ErrorId);
    }

    [Fact]
    public async Task What_was_unpacked_ends_with_its_mark()
    {
        var step = new ReadStep(new FileFact("/var/log/x.log.1.gz", "1:2", 50, 0), new FileMark("1:2", 0));
        byte[] good = Encoding.ASCII.GetBytes("B 0 \nline\nline\n\nX abcdef 000\n");
        var target = new CountingTarget();
        await new ReadReply(new ReplyReader(new MemoryStream(good), "web1"), "web1", target).TakeUnpackedAsync(0, step, "abcdef", default);
        Assert.Equal((10, ReadEnd.Complete), (target.Bytes, target.Ends.Single()));
        await FuzzAsync(good, bytes => new ReadReply(new ReplyReader(new MemoryStream(bytes), "web1"), "web1", new CountingTarget()).TakeUnpackedAsync(0, step, "abcdef", default));
    }

    [Theory]
    [InlineData("MMr 1:2 10 1 /v/xMMr 1:3 10 1 /v/x.1MMMMr 1:2 10 1 /v/xMMr 1:3 99 2 /v/x.1MM", 2, true)]
    [InlineData("MMr 1:2 10 1 /v/xMMr 1:3 10 1 /v/x.1MMMMr 1:4 10 1 /v/xMMr 1:2 10 2 /v/x.1MM", 2, false)]
    [InlineData("MMr 1:2 10 1 /v/xMMMMr 1:4 0 1 /v/xMMr 1:2 10 1 /v/x.1MM", 2, false)]
    [InlineData("MMMMr 1:4 0 1 /v/xMM", 1, false)]
    [InlineData("MMMM", 0, true)]
    public void Of_two_lists_the_second_counts_and_whether_they_have_the_same_names(string lists, int files, bool isSteady)
    {
        var facts = ProbeReply.Parse(Encoding.UTF8.GetBytes($"now=1764000000\nzone=\noffset=+0100\n\n{lists}"), "MM", "web1", hasFiles: true);
        Assert.Equal((files, isSteady), (facts.Files.Count, facts.IsSteady));
    }

    [Fact]
    public async Task Looks()
    {
        byte[] probe = Encoding.UTF8.GetBytes("now=1764000000\nzone=/usr/share/zoneinfo/Europe/Berlin\noffset=+0100\ntool=zstd\n\nMMr 1:2 10 1764000000.5 /var/log/x.logMMu 1:3 10 1764000000 /var/log/y.log\nMM");
        var facts = ProbeReply.Parse(probe, "MM", "web1", hasFiles: true);
        Assert.Equal((1_764_000_000_000_000, "Europe/Berlin", 2, true, false, 1_764_000_000_500_000), (facts.Now, facts.Zone.Id, facts.Files.Count, facts.Files[0].IsReadable, facts.Files[1].IsReadable, facts.Files[0].Modified));
        await FuzzAsync(probe, bytes =>
        {
            ProbeReply.Parse(bytes, "MM", "web1", hasFiles: true);
            return Task.CompletedTask;
        });
        byte[] look = Encoding.ASCII.GetBytes("L 0\n1:2 10 1764000000\n6162\n62\n\n1:2 10 1764000000\nD 1\nL 3\n1:2 10 1764000000\n6162\n616263\nn5\n1:2 10 1764000000\nEND\n");
        ContentWish[] wishes = [new(File1, 2), new(File1, 0), new(File1, 0), new(File1 with { Path = "/var/log/x.log.1.xz" }, 2)];
        var contents = ProbeReply.ParseLook(Encoding.ASCII.GetString(look), wishes, "web1");
        Assert.Equal(("ab", 0, null), (Encoding.ASCII.GetString(contents[0]!.Head.Span), contents[1]!.Head.Length, contents[2]));
        Assert.Equal(("ab", true, 5L), (Encoding.ASCII.GetString(contents[3]!.Tail.Span), contents[3]!.GoesOn, contents[3]!.Length));
        await FuzzAsync(look, bytes =>
        {
            ProbeReply.ParseLook(Encoding.Latin1.GetString(bytes), wishes, "web1");
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task Journals_and_checkpoints()
    {
        byte[] journal = [.. "__CURSOR=s=a;i=1\nMESSAGE=x\n\n__CURSOR=s=a;i=2\nMESSAGE\n"u8, 3, 0, 0, 0, 0, 0, 0, 0, .. "a\nb\n\n"u8];
        await FuzzAsync(journal, async bytes =>
        {
            using var reader = new JournalReader(new MemoryStream(bytes), "web1");
            var entry = new JournalEntry();
            while (await reader.ReadAsync(entry, default)) JournalJson.Write(entry, new System.Buffers.ArrayBufferWriter<byte>());
        });
        string checkpoint = """{"v":1,"at":5,"f":[{"p":"/x","a":{"i":"1:2","o":5,"h":"x","s":1,"m":2},"d":[{"i":"1:3","m":1,"s":2,"n":5,"h":"q","o":9,"t":"r"}]}]}""";
        Assert.NotNull(FileCheckpoint.TryParse(checkpoint));
        ParserFuzz.Run("checkpoint", text => FileCheckpoint.TryParse(text), [checkpoint]);
        ParserFuzz.Run("cursor", text => JournalCheckpoint.TryParse(text)?.With("s=a;i=zz", 1), ["""{"v":1,"cursor":"s=a;i=1","t":5,"u":"","s":{"a":1}}"""]);
    }

    private static async Task FuzzAsync(byte[] seed, Func<byte[], Task> read)
    {
        var random = new Random(20261126);
        for (int i = 0; i < Rounds; i++)
        {
            byte[] bytes = Mutation.Of(seed, random);
            try
            {
                await read(bytes).WaitAsync(TimeSpan.FromSeconds(10));
            }
            catch (ProdOpsException)
            {
                // Refused.
            }
        }
    }

    private sealed class CountingTarget : IReadTarget
    {
        public int Bytes { get; private set; }

        public List<ReadEnd> Ends { get; } = [];

        public bool Wants(int step) => true;

        public void Begin(int step, ReadOnlySpan<byte> head)
        {
        }

        public Task TakeAsync(int step, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            Bytes += bytes.Length;
            return Task.CompletedTask;
        }

        public Task EndAsync(int step, ReadEnd end, CancellationToken cancellationToken)
        {
            Ends.Add(end);
            return Task.CompletedTask;
        }
    }

    private sealed class EndlessStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)'x');
            return ValueTask.FromResult(buffer.Length);
        }
    }
}

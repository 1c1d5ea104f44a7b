using System.Text;
using Microsoft.Extensions.Time.Testing;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Files.Syncing;

namespace ProdOps.Servers.Tests.Files.Syncing;

/// <summary>Two commands on two servers, joined.</summary>
public sealed class RsyncBridgeTests
{
    private static readonly byte[] Hello = Encoding.ASCII.GetBytes("prodops\0rsync\0\0");
    private static readonly ServerCommand Command = new("rsync");

    [Fact]
    public async Task What_each_says_the_other_gets_until_both_have_ended()
    {
        var source = new FakeServer("web1", async process =>
        {
            await process.Writes.WriteAsync((byte[])[.. Hello, .. "to the target"u8]);
            string answer = await new StreamReader(process.Reads).ReadToEndAsync();
            await process.Says.WriteAsync(Encoding.ASCII.GetBytes($"heard {answer}\n"));
            return 0;
        });
        var target = new FakeServer("web2", async process =>
        {
            byte[] buffer = new byte[100];
            await process.Reads.ReadExactlyAsync(buffer.AsMemory(0, 13));
            await process.Says.WriteAsync("oh\n"u8.ToArray());
            await process.Writes.WriteAsync(buffer.AsMemory(0, 13));
            return 23;
        });
        var lines = new List<string>();
        var end = await RunAsync(source, target, lines.Add);
        Assert.Equal(["heard to the target"], lines);
        Assert.Equal(new RsyncEnd(new CommandExit(0), new CommandExit(23), "oh\n", 13, 13), end);
    }

    [Fact]
    public async Task What_the_target_does_not_read_the_source_does_not_send()
    {
        const int Pieces = 256, PieceSize = 16 * 1024, Room = 512 * 1024;
        long written = 0, ahead = 0;
        var source = new FakeServer("web1", async process =>
        {
            await process.Writes.WriteAsync(Hello);
            for (int i = 0; i < Pieces; i++)
            {
                await process.Writes.WriteAsync(new byte[PieceSize], process.Ended.Token);
                Interlocked.Add(ref written, PieceSize);
            }

            return 0;
        });
        var target = new FakeServer("web2", async process =>
        {
            byte[] piece = new byte[PieceSize];
            for (int i = 0; i < Pieces; i++)
            {
                await Task.Delay(1, process.Ended.Token);
                ahead = Math.Max(ahead, Interlocked.Read(ref written) - i * PieceSize);
                await process.Reads.ReadExactlyAsync(piece, process.Ended.Token);
            }

            return 0;
        });
        var end = await RunAsync(source, target, _ => { });
        Assert.Equal((0, 0, Pieces * PieceSize), (end.Source.Code, end.Target!.Value.Code, end.Sent));
        Assert.InRange(ahead, 1, Room);
    }

    [Fact]
    public async Task Stopping_ends_both_in_the_midst_of_it()
    {
        var source = new FakeServer("web1", async process =>
        {
            await process.Writes.WriteAsync(Hello);
            while (true) await process.Writes.WriteAsync(new byte[1024], process.Ended.Token);
        });
        using var stop = new CancellationTokenSource();
        var target = new FakeServer("web2", async process =>
        {
            await process.Reads.ReadExactlyAsync(new byte[4096], process.Ended.Token);
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, process.Ended.Token);
            return 0;
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(source, target, _ => { }, stop.Token));
        Assert.True(source.Process!.IsDisposed && target.Process!.IsDisposed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_breaks_ends_the_other_side_and_is_the_error(bool isSource)
    {
        async Task<int> Wait(FakeProcess process)
        {
            await process.Writes.WriteAsync(Hello);
            await new StreamReader(process.Reads).ReadToEndAsync(process.Ended.Token);
            return 12;
        }

        FakeServer source = new("web1", Wait), target = new("web2", Wait);
        var run = RunAsync(source, target, _ => { });
        while (target.Process is null) await Task.Delay(5);
        (isSource ? source : target).Process!.Break(ServersErrors.ConnectionLost(isSource ? "web1" : "web2", null));
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => run);
        Assert.Equal((ServersErrors.ConnectionLostId, isSource ? "web1" : "web2"), (error.ErrorId, error.Target));
        Assert.True(source.Process!.IsDisposed && target.Process.IsDisposed);
    }

    [Fact]
    public async Task A_source_that_asks_for_nothing_or_for_something_else_reaches_no_target()
    {
        var target = new FakeServer("web2", _ => Task.FromResult(0));
        var silent = new FakeServer("web1", async process =>
        {
            await process.Says.WriteAsync("rsync: unknown option\n"u8.ToArray());
            return 1;
        });
        var lines = new List<string>();
        var end = await RunAsync(silent, target, lines.Add);
        Assert.Equal((1, null, "rsync: unknown option"), (end.Source.Code, end.Target, Assert.Single(lines)));

        async Task<int> Endless(FakeProcess process)
        {
            while (true) await process.Writes.WriteAsync(new byte[] { 65, 66, 67, 68 }, process.Ended.Token);
        }

        var garbage = new FakeServer("web1", Endless);
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => new RsyncBridge(garbage, target, TimeProvider.System)
            .RunAsync(Command, words => throw ServersErrors.SyncRefused("web1", words), _ => { }, CancellationToken.None));
        Assert.Equal("SyncRefused", error.ErrorId);
        Assert.True(garbage.Process!.IsDisposed);
        Assert.Null(target.Process);
    }

    [Fact]
    public async Task A_source_that_goes_on_when_the_target_has_ended_is_ended()
    {
        var source = new FakeServer("web1", async process =>
        {
            await process.Writes.WriteAsync(Hello);
            while (true) await process.Says.WriteAsync("prodops <f+++++++++ 1 1 a\n"u8.ToArray(), process.Ended.Token);
        });
        var target = new FakeServer("web2", _ => Task.FromResult(0));
        var time = new FakeTimeProvider();
        var run = new RsyncBridge(source, target, time).RunAsync(Command, _ => Command, _ => { }, CancellationToken.None);
        while (!run.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5);
        }

        var error = await Assert.ThrowsAsync<ProdOpsException>(() => run);
        Assert.Equal(("SyncHangs", "web1"), (error.ErrorId, error.Target));
        Assert.True(source.Process!.IsDisposed);
    }

    private static Task<RsyncEnd> RunAsync(FakeServer source, FakeServer target, Action<string> onLine, CancellationToken cancellationToken = default) =>
        new RsyncBridge(source, target, TimeProvider.System).RunAsync(Command, words =>
        {
            Assert.Equal(["prodops", "rsync"], words);
            return Command;
        }, onLine, cancellationToken);
}

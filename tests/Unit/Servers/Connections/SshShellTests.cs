using System.Diagnostics;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Connections;

public sealed class SshShellTests : IAsyncLifetime
{
    private SshShellFixture _fixture = null!;
    private IServerShell _shell = null!;

    public async Task InitializeAsync()
    {
        _fixture = await SshShellFixture.StartAsync();
        _shell = await _fixture.OpenAsync();
    }

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [SshdFact]
    public async Task A_command_runs_and_its_output_is_taken_whole()
    {
        var output = await _shell.RunAsync("echo one; echo two; echo bad >&2; exit 3", default);
        Assert.Equal(["one", "two"], output.Lines);
        Assert.Equal("bad\n", output.ErrorText);
        Assert.Equal(new CommandExit(3), output.Exit);
    }

    [SshdFact]
    public async Task Many_commands_share_one_connection()
    {
        for (int i = 0; i < 50; i++) Assert.Equal([$"{i}"], (await _shell.RunAsync($"echo {i}", default)).Lines);
        Assert.Single(_fixture.Connector.Made);
    }

    [SshdFact]
    public async Task A_signal_is_told()
    {
        var output = await _shell.RunAsync("kill -KILL $$", default);
        Assert.Equal(new CommandExit(137, "KILL"), output.Exit);
    }

    [SshdFact]
    public async Task Bytes_go_through_unchanged_both_ways()
    {
        byte[] bytes = new byte[5_000_000];
        new Random(1).NextBytes(bytes);
        var output = await _shell.RunAsync(new ServerCommand("cat"), new CommandRunOptions { Input = bytes.AsMemory(0, 1_000_000), InputStream = new MemoryStream(bytes[1_000_000..]) }, default);
        Assert.True(output.StandardOutput.Span.SequenceEqual(bytes));
    }

    [SshdTheory]
    [InlineData("echo \"it's\" '$HOME' \\\\ `echo x` !! \"$#\" $0", "it's $HOME \\ x !! 0 sh")]
    [InlineData("# a comment\necho 'two\nlines'", "two\nlines")]
    [InlineData("cat <<'E'\nhere\nE\n", "here")]
    [InlineData("echo ä€😀", "ä€😀")]
    public async Task Whatever_a_command_holds_arrives(string text, string expected)
    {
        // The first command goes over standard input, later ones by argument.
        for (int i = 0; i < 2; i++) Assert.Equal(expected + "\n", (await _shell.RunAsync(text, default)).Text);
    }

    [SshdTheory]
    [InlineData(30_000)]
    [InlineData(120_000)]
    [InlineData(1_000_000)]
    public async Task A_script_may_be_of_any_size(int size)
    {
        string text = $"true '{new string('x', size)}'\nread line\necho \"got $line, $#\"";
        var output = await _shell.RunAsync(new ServerCommand(text), new CommandRunOptions { Input = "input\n"u8.ToArray() }, default);
        Assert.Equal(["got input, 0"], output.Lines);
    }

    [SshdFact]
    public async Task A_hundred_megabytes_of_output_arrive()
    {
        await using var process = await _shell.StartAsync(new ServerCommand("head -c 100000000 /dev/zero"), default);
        byte[] buffer = new byte[65536];
        long total = 0;
        for (int length; (length = await process.StandardOutput.ReadAsync(buffer)) > 0;) total += length;
        Assert.Equal(100_000_000, total);
        Assert.True((await process.WaitForExitAsync(default)).Succeeded);
    }

    [SshdTheory]
    [InlineData("")]
    [InlineData(">&2")]
    public async Task What_nobody_reads_stays_on_the_server(string redirect)
    {
        await using var process = await _shell.StartAsync(new ServerCommand($"head -c 268435456 /dev/zero {redirect}"), default);
        var stream = redirect.Length == 0 ? process.StandardOutput : process.StandardError;
        byte[] buffer = new byte[1 << 20];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long total = 0;
        long worst = 0;
        for (int length; (length = await stream.ReadAsync(buffer)) > 0;)
        {
            total += length;
            // Whether a slow reader holds the sender back shows in what is alive, and every hundredth read is enough to see it.
            if (total / (64 << 20) != (total - length) / (64 << 20))
            {
                await Task.Delay(50);
                worst = Math.Max(worst, GC.GetTotalMemory(forceFullCollection: true) - before);
            }
        }

        Assert.Equal(268435456, total);
        // Other tests of the process have something alive, too.
        Assert.True(worst < 100 << 20, $"{worst:N0} bytes were alive");
    }

    [SshdFact]
    public async Task Cancelling_ends_the_command_and_its_children_and_nothing_else()
    {
        await using var other = await _shell.StartAsync(new ServerCommand("echo $$; exec sleep 600"), default);
        int otherId = int.Parse(await LineAsync(other));
        await using var process = await _shell.StartAsync(new ServerCommand("trap '' TERM; sleep 600 & echo $!; wait; sleep 600"), default);
        int child = int.Parse(await LineAsync(process));
        var watch = Stopwatch.StartNew();
        await process.DisposeAsync();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
        Assert.True(await Processes.EndsAsync(child));
        Assert.True(Processes.IsRunning(otherId));
    }

    [SshdFact]
    public async Task A_command_that_is_cancelled_while_it_starts_does_not_stay_behind()
    {
        await _shell.RunAsync("true", default);
        for (int i = 0; i < 20; i++)
        {
            using var stop = new CancellationTokenSource();
            var starting = _shell.StartAsync(new ServerCommand("exec sleep 7654"), stop.Token);
            // Later each time: before the channel is open, before the marker, after it.
            for (int turn = 0; turn < i * 200; turn++) await Task.Yield();
            await stop.CancelAsync();
            try
            {
                await (await starting).DisposeAsync();
            }
            catch (OperationCanceledException)
            {
            }
        }

        var left = await _shell.RunAsync("pgrep -xf 'sleep 7654'", default);
        Assert.Equal("", left.Text);
    }

    [SshdFact]
    public async Task A_command_whose_flood_nobody_reads_can_be_ended()
    {
        await using var process = await _shell.StartAsync(new ServerCommand("yes"), default);
        await LineAsync(process);
        var watch = Stopwatch.StartNew();
        await process.DisposeAsync();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
        Assert.True((await _shell.RunAsync("true", default)).Exit.Succeeded);
    }

    private static async Task<string> LineAsync(IServerProcess process)
    {
        var line = new List<byte>();
        byte[] one = new byte[1];
        while (await process.StandardOutput.ReadAsync(one) == 1 && one[0] != '\n') line.Add(one[0]);
        return System.Text.Encoding.UTF8.GetString([.. line]);
    }
}

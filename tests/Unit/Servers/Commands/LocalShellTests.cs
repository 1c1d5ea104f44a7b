using System.Diagnostics;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Commands;

public sealed class LocalShellTests
{
    private readonly LocalShell _shell = new("localhost");

    [UnixFact]
    public async Task A_command_runs_in_the_shell_and_its_output_is_taken_whole()
    {
        var output = await _shell.RunAsync("echo one; echo two; echo bad >&2; exit 3", default);
        Assert.Equal(["one", "two"], output.Lines);
        Assert.Equal("bad\n", output.ErrorText);
        Assert.Equal(3, output.Exit.Code);
    }

    [UnixFact]
    public async Task A_failure_carries_the_exit_code_and_what_the_command_said()
    {
        var output = await _shell.RunAsync("echo 'no such thing' >&2; exit 4", default);
        var error = Assert.Throws<ProdOpsException>(output.EnsureSuccess);
        Assert.Equal("CommandFailed", error.ErrorId);
        Assert.Contains("ended with 4: no such thing", error.Message);
    }

    [UnixFact]
    public async Task Bytes_go_through_unchanged_both_ways()
    {
        byte[] bytes = new byte[3_000_000];
        new Random(1).NextBytes(bytes);
        var output = await _shell.RunAsync(new ServerCommand("cat"), new CommandRunOptions { Input = bytes.AsMemory(0, 1_000_000), InputStream = new MemoryStream(bytes[1_000_000..]) }, default);
        Assert.True(output.StandardOutput.Span.SequenceEqual(bytes));
    }

    [UnixFact]
    public async Task A_command_that_leaves_its_input_unread_is_no_failure()
    {
        var output = await _shell.RunAsync(new ServerCommand("exit 0"), new CommandRunOptions { Input = new byte[1_000_000] }, default);
        Assert.True(output.Exit.Succeeded);
    }

    [UnixFact]
    public async Task More_output_than_allowed_is_an_error_and_ends_the_command()
    {
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => _shell.RunAsync(new ServerCommand("yes"), new CommandRunOptions { MaximumOutput = 10_000 }, default));
        Assert.Equal("OutputTooLarge", error.ErrorId);
    }

    [UnixFact]
    public async Task Cancelling_ends_the_command_and_its_children()
    {
        using var stop = new CancellationTokenSource();
        await using var process = await _shell.StartAsync(new ServerCommand("sleep 600 & echo $!; wait"), default);
        int child = int.Parse(await new StreamReader(process.StandardOutput).ReadLineAsync() ?? "");
        Assert.True(Processes.IsRunning(child));
        await process.DisposeAsync();
        Assert.True(await Processes.EndsAsync(child));
    }

    [UnixFact]
    public async Task What_ignores_a_polite_end_is_killed()
    {
        await using var process = await _shell.StartAsync(new ServerCommand("trap '' TERM; (trap '' TERM; echo go; sleep 600; sleep 600) & wait"), default);
        Assert.Equal("go", await new StreamReader(process.StandardOutput).ReadLineAsync());
        var watch = Stopwatch.StartNew();
        await process.DisposeAsync();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10));
        Assert.Equal(0, await process.StandardOutput.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false));
    }

    [UnixFact]
    public async Task Nothing_of_what_a_command_left_running_is_ended_after_it()
    {
        var output = await _shell.RunAsync("sleep 60 >/dev/null 2>&1 & echo $!", default);
        using var left = Process.GetProcessById(int.Parse(output.Lines[0]));
        Assert.False(left.HasExited);
        left.Kill();
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using ProdOps.Recovery.Consoles;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Recovery.Tests.Consoles;

/// <summary>The server under what browsers, tunnels and others may send and leave undone.</summary>
public sealed class ConsoleServerTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

    [Fact]
    public async Task An_answer_is_whole_closed_and_kept_from_everybody_else()
    {
        await using var console = RunningConsole.Of(static (request, _) => Task.FromResult(ConsoleAnswer.Of(200, ConsoleAnswer.Page, $"<p>{request.Path} ü</p>")));
        string[] parts = (await console.AskAsync(Get)).Split("\r\n\r\n");
        Assert.Equal("<p>/ ü</p>", parts[1]);
        string[] head = parts[0].Split("\r\n");
        Assert.Equal("HTTP/1.1 200 OK", head[0]);
        foreach (string line in (string[])["Content-Length: 11", "Connection: close", "X-Content-Type-Options: nosniff", "X-Frame-Options: DENY", "Referrer-Policy: no-referrer", "Cache-Control: no-store", "Cross-Origin-Resource-Policy: same-origin"]) Assert.Contains(line, head);
        string policy = head.Single(static line => line.StartsWith("Content-Security-Policy: ", StringComparison.Ordinal));
        Assert.StartsWith("Content-Security-Policy: default-src 'none'; ", policy, StringComparison.Ordinal);
        foreach (string loophole in (string[])["unsafe", "http", "*", "data: ", "blob"]) Assert.DoesNotContain(loophole, policy, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", await console.AskAsync(Get.Replace("GET", "HEAD", StringComparison.Ordinal)), StringComparison.Ordinal);
        if (Socket.OSSupportsIPv6 && console.Server.HasBoth) Assert.StartsWith("HTTP/1.1 200", await console.AskAsync(Get, IPAddress.IPv6Loopback), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whatever_is_sent_gets_an_answer_or_an_end_and_leaves_nothing_behind()
    {
        await using var console = RunningConsole.Of(static (_, _) => Task.FromResult(ConsoleAnswer.Of(200, ConsoleAnswer.Plain, "well")));
        Assert.StartsWith("HTTP/1.1 400", await console.AskAsync("\u0016\u0003\u0001\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400", await console.AskAsync("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400", await console.AskAsync($"GET /{new string('x', 20_000)} HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        var random = new Random(7);
        string[] seeds = [Get, "HEAD /logs?q=%00 HTTP/1.0\r\nCookie: a=b\r\n\r\n", $"GET / HTTP/1.1\r\nX: {new string('y', 9000)}\r\n\r\n"];
        for (int i = 0; i < 60; i++)
        {
            using var client = await console.OpenAsync(Mutation.Of(seeds[i % seeds.Length], random));
            // Some go at once, with what they did not read; some say that this was all and read.
            if (i % 3 == 0) client.LingerState = new LingerOption(true, 0);
            else if (i % 3 == 1) client.Client.Shutdown(SocketShutdown.Send);
        }

        Assert.EndsWith("well", await console.AskAsync(Get), StringComparison.Ordinal);
        await RunningConsole.UntilAsync(() => console.Server.Serving == 0, "Somebody who has gone is still served.");
        Assert.Empty(console.Activity.Warnings);
    }

    [Fact]
    public async Task Who_does_not_finish_asking_is_not_waited_for()
    {
        var time = new FakeTimeProvider();
        await using var console = RunningConsole.Of(static (_, _) => Task.FromResult(ConsoleAnswer.Of(200, ConsoleAnswer.Plain, "well")), time);
        using var silent = await console.OpenAsync("");
        using var slow = await console.OpenAsync("GET / HTTP/1.1\r\nHost: loc");
        await RunningConsole.UntilAsync(() => console.Server.Serving == 2, "They are not served.");
        await RunningConsole.UntilAsync(() => console.Server.Serving == 0, "They are waited for.", () => time.Advance(TimeSpan.FromSeconds(1)));
        Assert.Equal(0, await slow.GetStream().ReadAsync(new byte[1]));
    }

    [Fact]
    public async Task Who_does_not_take_what_comes_is_taken_for_gone()
    {
        var time = new FakeTimeProvider();
        long written = 0;
        await using var console = RunningConsole.Of((_, _) => Task.FromResult(Endless(count => written += count)), time);
        using var deaf = await console.OpenAsync(Get);
        await RunningConsole.UntilAsync(() => console.Server.Serving == 1 && written > 0, "Nothing is sent.");
        await RunningConsole.UntilAsync(() => console.Server.Serving == 0, "It is waited for.", () => time.Advance(TimeSpan.FromSeconds(1)));
        // Nothing was gathered up for it: only what lies in the sockets' buffers was made.
        Assert.InRange(written, 1, 64 * 1024 * 1024);
    }

    [Fact]
    public async Task What_is_done_for_somebody_ends_when_they_go()
    {
        var ended = new TaskCompletionSource();
        await using var console = RunningConsole.Of((_, _) => Task.FromResult(new ConsoleAnswer(200, ConsoleAnswer.Events)
        {
            Write = async (output, gone) =>
            {
                await output.WriteAsync("data: 1\n\n", gone);
                await using var told = gone.Register(ended.SetResult);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, gone);
            },
        }));
        using (var client = await console.OpenAsync(Get))
        {
            byte[] buffer = new byte[4096];
            for (string read = ""; !read.EndsWith("data: 1\n\n", StringComparison.Ordinal);) read += Encoding.UTF8.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer));
            Assert.False(ended.Task.IsCompleted);
        }

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await RunningConsole.UntilAsync(() => console.Server.Serving == 0, "It is still served.");
    }

    [Fact]
    public async Task Those_beyond_the_number_are_told_so_until_somebody_goes()
    {
        await using var console = RunningConsole.Of(static (_, _) => Task.FromResult(Endless(static _ => { })), mostAtOnce: 2);
        using var one = await console.OpenAsync(Get);
        var two = await console.OpenAsync(Get);
        await RunningConsole.UntilAsync(() => console.Server.Serving == 2, "They are not served.");
        Assert.StartsWith("HTTP/1.1 503", await console.AskAsync(Get), StringComparison.Ordinal);
        two.Dispose();
        await RunningConsole.UntilAsync(() => console.Server.Serving == 1, "It is still served.");
        using var three = await console.OpenAsync(Get);
        byte[] start = new byte[12];
        await three.GetStream().ReadExactlyAsync(start);
        Assert.Equal("HTTP/1.1 200", Encoding.ASCII.GetString(start));
    }

    [Fact]
    public async Task One_page_s_failure_is_that_page_s()
    {
        await using var console = RunningConsole.Of(static (request, _) => request.Path == "/bad" ? throw new InvalidOperationException("it is broken") : Task.FromResult(ConsoleAnswer.Of(200, ConsoleAnswer.Plain, "well")));
        string answer = await console.AskAsync("GET /bad HTTP/1.1\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 500", answer, StringComparison.Ordinal);
        Assert.EndsWith("it is broken\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("well", await console.AskAsync(Get), StringComparison.Ordinal);
        Assert.Equal("The console cannot answer for /bad: it is broken", console.Activity.Warnings.Single());
    }

    [Fact]
    public async Task A_port_that_somebody_else_has_is_an_error()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var error = Assert.Throws<ProdOpsException>(() => ConsoleServer.Listen(((IPEndPoint)other.LocalEndpoint).Port, static (_, _) => throw new NotSupportedException(), TimeProvider.System, SilentActivity.Instance));
        Assert.Equal("ConsolePortTaken", error.ErrorId);
        await Task.CompletedTask;
    }

    private static ConsoleAnswer Endless(Action<int> tell) => new(200, ConsoleAnswer.Plain)
    {
        Write = async (output, gone) =>
        {
            while (true)
            {
                await output.WriteAsync(new string('x', 100_000), gone);
                tell(100_000);
            }
        },
    };
}

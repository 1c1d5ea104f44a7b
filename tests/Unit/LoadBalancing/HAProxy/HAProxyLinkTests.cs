using System.Net.Sockets;
using System.Text;
using ProdOps.LoadBalancing.Tests.TestTools;
using ProdOps.Monitoring.Tests.TestTools;
using ProdOps.Servers.Commands;
using ProdOps.Servers.HAProxy;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.LoadBalancing.Tests.HAProxy;

public sealed class HAProxyLinkTests
{
    /// <summary>The helper in each of its languages: the others are hidden by a PATH that has only this one.</summary>
    [UnpackedTheory("haproxy")]
    [InlineData("perl")]
    [InlineData("python3")]
    [InlineData("socat")]
    public async Task A_real_one_answers_by_whatever_the_server_has(string tool)
    {
        if (Tool.Find(tool) is null) return;
        await using var a1 = new TestApp("a1");
        using var haproxy = await RealHAProxy.StartAsync(RealHAProxy.Pool("web", a1), isMaster: true);
        using var folder = new ProdOps.Backup.Tests.Storage.TemporaryFolder();
        var shell = new OnlyShell(folder.Path, tool);
        await using var link = new HAProxyLink(shell, TimeProvider.System);
        Assert.Contains("Name: HAProxy", await link.AskAsync("show info", ["/nowhere/at/all", haproxy.Socket], CancellationToken.None), StringComparison.Ordinal);
        Assert.Equal("\n\n", await link.AskAsync("set severity-output number; set server web/a1 weight 7", [haproxy.Socket], CancellationToken.None));
        Assert.Contains("[3]: Unknown map identifier", await link.AskAsync("set severity-output number; add map #9 <<\nk\\n v\n", [haproxy.Socket], CancellationToken.None), StringComparison.Ordinal);
        Assert.Contains("worker", await link.AskAsync("show proc", [haproxy.MasterSocket], CancellationToken.None), StringComparison.Ordinal);
        await link.TellAsync("reload", [haproxy.MasterSocket], CancellationToken.None);
        // Refused for some milliseconds; and then the connection must not stay open.
        Assert.Contains("worker", await link.AskAsync("show proc", [haproxy.MasterSocket], CancellationToken.None), StringComparison.Ordinal);
        Assert.Equal(1, shell.Started);
        var absent = await Assert.ThrowsAsync<ProdOpsException>(() => link.AskAsync("show info", ["/nowhere/at/all"], CancellationToken.None));
        Assert.Equal("HAProxyUnreachable", absent.ErrorId);
    }

    [Fact]
    public async Task A_server_without_any_tool_is_told_so()
    {
        using var folder = new ProdOps.Backup.Tests.Storage.TemporaryFolder();
        await using var link = new HAProxyLink(new OnlyShell(folder.Path, "cat"), TimeProvider.System);
        Assert.Equal("HAProxyToolMissing", (await Assert.ThrowsAsync<ProdOpsException>(() => link.AskAsync("show info", ["/run/haproxy/admin.sock"], CancellationToken.None))).ErrorId);
    }

    [LinuxFact]
    public async Task What_answers_without_end_is_cut_and_what_never_answers_is_given_up()
    {
        using var folder = new ProdOps.Backup.Tests.Storage.TemporaryFolder();
        using var endless = new HostileSocket(folder["endless.sock"], async (stream, token) =>
        {
            byte[] block = new byte[64 * 1024];
            Array.Fill(block, (byte)'x');
            while (!token.IsCancellationRequested) await stream.WriteAsync(block, token);
        });
        await using var link = new HAProxyLink(new LocalShell("lb1"), TimeProvider.System) { Limit = 1024 * 1024 };
        Assert.Equal("HAProxyAnswerTooLarge", (await Assert.ThrowsAsync<ProdOpsException>(() => link.AskAsync("show stat", [endless.Path], CancellationToken.None))).ErrorId);
        using var silent = new HostileSocket(folder["silent.sock"], (_, token) => Task.Delay(Timeout.Infinite, token));
        await using var hasty = new HAProxyLink(new LocalShell("lb1"), TimeProvider.System) { Timeout = TimeSpan.FromMilliseconds(500) };
        Assert.Equal("HAProxySilent", (await Assert.ThrowsAsync<ProdOpsException>(() => hasty.AskAsync("show stat", [silent.Path], CancellationToken.None))).ErrorId);
        using var closing = new HostileSocket(folder["closing.sock"], (_, _) => Task.CompletedTask);
        await using var patient = new HAProxyLink(new LocalShell("lb1"), TimeProvider.System) { Patience = TimeSpan.FromMilliseconds(200) };
        Assert.Equal("HAProxyUnreachable", (await Assert.ThrowsAsync<ProdOpsException>(() => patient.AskAsync("show stat", [closing.Path], CancellationToken.None))).ErrorId);
        Assert.True(closing.Connections > 1, $"{closing.Connections} connections");
    }

    [LinuxFact]
    public async Task Who_stops_in_the_middle_leaves_nothing_to_the_next()
    {
        using var folder = new ProdOps.Backup.Tests.Storage.TemporaryFolder();
        int number = 0;
        using var counting = new HostileSocket(folder["c.sock"], async (stream, token) =>
        {
            byte[] answer = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat($"{Interlocked.Increment(ref number)} ", 200_000)));
            await stream.WriteAsync(answer, token);
        });
        await using var link = new HAProxyLink(new LocalShell("lb1"), TimeProvider.System);
        await foreach (string piece in link.ReadAsync("a", [counting.Path], CancellationToken.None))
        {
            Assert.StartsWith("1 1 ", piece, StringComparison.Ordinal);
            break;
        }

        Assert.DoesNotContain("1", await link.AskAsync("b", [counting.Path], CancellationToken.None), StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_is_read_the_same_however_it_is_cut()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("a\nmark\nä\nmar\n\nmark ok\n");
        for (int size = 1; size <= bytes.Length; size++)
        {
            var answer = new HAProxyAnswer("mark");
            var text = new StringBuilder();
            for (int at = 0; at < bytes.Length; at += size) text.Append(answer.Read(bytes.AsSpan(at, Math.Min(size, bytes.Length - at))));
            Assert.Equal(("a\nmark\nä\nmar\n", true), (text.ToString(), answer.End!.Value.IsGood));
        }

        var refused = new HAProxyAnswer("m");
        refused.Read("\nm no 13 Permission denied\n"u8);
        Assert.Equal((true, false, "Permission denied"), (refused.End!.Value.IsForbidden, refused.End.Value.IsAbsent, refused.End.Value.Text));
        ParserFuzz.Run("answer", text => _ = new HAProxyAnswer("m").Read(Encoding.UTF8.GetBytes(text)), ["x\nm ok\n", "\nm no 2 No such file\n", "\nm no 99999999999999999999 x\n", "\nm "]);
    }

    /// <summary>This machine's shell, whose PATH has one tool and what the helper itself needs.</summary>
    private sealed class OnlyShell : IServerShell
    {
        private readonly LocalShell _inner = new("lb1");
        private readonly string _folder;

        public OnlyShell(string folder, string tool)
        {
            _folder = folder;
            foreach (string program in (string[])[tool, "head", "printf", "grep"])
                if (Real(program) is { } path) File.CreateSymbolicLink(System.IO.Path.Join(folder, program), path);
        }

        public int Started { get; private set; }

        public string Name => _inner.Name;

        public Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken)
        {
            Started++;
            return _inner.StartAsync(command with { Text = $"PATH={ShellQuote.Word(_folder)}\n{command.Text}" }, cancellationToken);
        }

        // A version manager's stand-in would need more than itself.
        private static string? Real(string program) => Array.Find((string[])[$"/usr/bin/{program}", $"/bin/{program}", $"/usr/local/bin/{program}"], File.Exists);
    }

    private sealed class HostileSocket : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly CancellationTokenSource _stop = new();
        private int _connections;

        public HostileSocket(string path, Func<NetworkStream, CancellationToken, Task> serve)
        {
            Path = path;
            _listener.Bind(new UnixDomainSocketEndPoint(path));
            _listener.Listen();
            _ = AcceptAsync(serve);
        }

        public string Path { get; }

        public int Connections => Volatile.Read(ref _connections);

        public void Dispose()
        {
            _stop.Cancel();
            _listener.Dispose();
            _stop.Dispose();
        }

        private async Task AcceptAsync(Func<NetworkStream, CancellationToken, Task> serve)
        {
            var token = _stop.Token;
            try
            {
                while (true)
                {
                    var connection = await _listener.AcceptAsync(token);
                    Interlocked.Increment(ref _connections);
                    _ = ServeAsync(connection, serve, token);
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private static async Task ServeAsync(Socket connection, Func<NetworkStream, CancellationToken, Task> serve, CancellationToken cancellationToken)
        {
            try
            {
                await using var stream = new NetworkStream(connection, ownsSocket: true);
                // The request, or closing would be a reset.
                _ = await stream.ReadAsync(new byte[1024], cancellationToken);
                await serve(stream, cancellationToken);
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException)
            {
                // Who asked has gone.
            }
        }
    }
}

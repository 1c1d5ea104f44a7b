using System.Text;
using ProdOps.LoadBalancing.Failover;
using ProdOps.LoadBalancing.Load;
using ProdOps.LoadBalancing.Tests.Load;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Evidence;

namespace ProdOps.LoadBalancing.Tests.Failover;

/// <summary>A service is stopped under requests and started again, however the test ends. The server is a shell that remembers what it was told; the application is real.</summary>
public sealed class FailoverTestTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task What_clients_notice_is_measured_and_the_service_is_started_again()
    {
        var shell = new StoppableShell();
        // What is stopped is missed for as long as the other one needs to notice.
        await using var server = new ScriptedServer(_ => shell.DownFor is { } time && time < TimeSpan.FromMilliseconds(400) ? "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n" : ScriptedServer.Ok);
        var result = await new FailoverTest(Plan(shell, server.Url), TimeProvider.System, SilentActivity.Instance).RunAsync(CancellationToken.None).WaitAsync(Limit);
        Assert.Equal((true, true), (result.Recovered, result.Restored));
        Assert.InRange(result.Failed, 1, 200);
        Assert.InRange(result.Gap, TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(20));
        Assert.InRange(result.RecoveryTime!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(20));
        Assert.Contains("503", Assert.Single(result.Failures).Text, StringComparison.Ordinal);
        Assert.Equal(["stop", "start"], shell.Told);
        Assert.Contains("--unit=prodops-failover-shop", shell.Commands[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_stopped_while_requests_fail_already()
    {
        var shell = new StoppableShell();
        await using var server = new ScriptedServer(_ => "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => new FailoverTest(Plan(shell, server.Url), TimeProvider.System, SilentActivity.Instance).RunAsync(CancellationToken.None).WaitAsync(Limit));
        Assert.Equal("FailoverNotWell", error.ErrorId);
        Assert.Empty(shell.Told);
    }

    [Fact]
    public async Task What_nothing_replaces_is_started_again_when_its_time_is_over()
    {
        var shell = new StoppableShell();
        await using var server = new ScriptedServer(_ => shell.DownFor is not null ? "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n" : ScriptedServer.Ok);
        var result = await new FailoverTest(Plan(shell, server.Url) with { Limit = TimeSpan.FromSeconds(1) }, TimeProvider.System, SilentActivity.Instance).RunAsync(CancellationToken.None).WaitAsync(Limit);
        Assert.Equal((false, true), (result.Recovered, result.Restored));
        Assert.Null(result.RecoveryTime);
        Assert.Equal(["stop", "start"], shell.Told);
    }

    [Fact]
    public async Task Who_changes_his_mind_has_the_service_started_again()
    {
        var shell = new StoppableShell();
        await using var server = new ScriptedServer(_ => ScriptedServer.Ok);
        using var stop = new CancellationTokenSource();
        shell.OnStopped = stop.Cancel;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new FailoverTest(Plan(shell, server.Url), TimeProvider.System, SilentActivity.Instance).RunAsync(stop.Token).WaitAsync(Limit));
        Assert.Equal(["stop", "start"], shell.Told);
    }

    [Theory]
    [InlineData(FailoverScripts.Busy, "FailoverUnderWay")]
    [InlineData(FailoverScripts.NotRunning, "FailoverNotRunning")]
    public async Task A_service_that_must_not_be_stopped_is_not(int exit, string id)
    {
        var shell = new StoppableShell { StopExit = exit };
        await using var server = new ScriptedServer(_ => ScriptedServer.Ok);
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => new FailoverTest(Plan(shell, server.Url), TimeProvider.System, SilentActivity.Instance).RunAsync(CancellationToken.None).WaitAsync(Limit));
        Assert.Equal(id, error.ErrorId);
        Assert.Equal(["stop"], shell.Told);
    }

    [Fact]
    public async Task What_was_measured_is_kept_as_it_was_measured()
    {
        using var folder = new Backup.Tests.Storage.TemporaryFolder();
        var log = new EvidenceFolder(folder["evidence"], TimeProvider.System).Failovers;
        var result = new FailoverTestResult
        {
            LoadBalancer = "web", Server = "lb1", Service = "haproxy", Stopped = FailoverTarget.Keepalived, Gap = TimeSpan.FromMilliseconds(680), RecoveryTime = TimeSpan.FromSeconds(1), Failures = [new LoadTestFailure("no answer", 3)],
        };
        await log.AddAsync(DateTimeOffset.UnixEpoch, "shop", result, default);
        var read = Assert.Single(log.Read()).What;
        Assert.Equal((FailoverTarget.Keepalived, result.Gap, result.RecoveryTime, "no answer"), (read.Stopped, read.Gap, read.RecoveryTime, read.Failures[0].Text));
    }

    private static FailoverPlan Plan(IServerShell shell, Uri url) => new()
    {
        Entry = new LoadBalancerDefinition { Name = "web" }, Stopped = FailoverTarget.BackendServer, Server = shell, Service = "shop", Quiet = TimeSpan.FromMilliseconds(500), Limit = TimeSpan.FromSeconds(20),
        Load = new LoadOptions { Url = url, Rate = 50, Connections = 20, Close = true, Timeout = TimeSpan.FromSeconds(5) },
    };

    /// <summary>A server whose service is stopped and started by the commands of a failover test.</summary>
    private sealed class StoppableShell : IServerShell
    {
        private long _stopped;

        public string Name => "web1";

        public int StopExit { get; init; }

        public Action? OnStopped { get; set; }

        public List<string> Told { get; } = [];

        public List<string> Commands { get; } = [];

        /// <summary>For how long the service has been stopped; <see langword="null"/> if it runs.</summary>
        public TimeSpan? DownFor => Interlocked.Read(ref _stopped) is var since && since == 0 ? null : TimeProvider.System.GetElapsedTime(since);

        public Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            bool stops = command.Text.Contains("systemd-run", StringComparison.Ordinal);
            Commands.Add(command.Text);
            Told.Add(stops ? "stop" : "start");
            int exit = stops ? StopExit : 0;
            if (exit == 0) Interlocked.Exchange(ref _stopped, stops ? TimeProvider.System.GetTimestamp() : 0);
            if (stops) OnStopped?.Invoke();
            return Task.FromResult<IServerProcess>(new Ended(exit));
        }
    }

    private sealed class Ended(int exit) : IServerProcess
    {
        public Stream StandardInput { get; } = new MemoryStream();

        public Stream StandardOutput { get; } = new MemoryStream(Encoding.ASCII.GetBytes(""));

        public Stream StandardError { get; } = new MemoryStream();

        public Task<CommandExit> WaitForExitAsync(CancellationToken cancellationToken) => Task.FromResult(new CommandExit(exit));

        public ValueTask DisposeAsync() => default;
    }
}

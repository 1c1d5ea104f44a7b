using System.Net;
using ProdOps.LoadBalancing.Switching;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.LoadBalancing.Tests.Switching;

/// <summary>Moving an address and asking it all the while, over a real socket whose answers a test decides.</summary>
public sealed class AddressSwitchTests
{
    private readonly Mover _mover = new();

    [Fact]
    public async Task An_address_that_answers_all_the_while_has_no_gap_to_speak_of_and_one_that_falls_silent_has()
    {
        await using var server = new TextServer(_ => _mover.IsSilent ? TextServer.Http("503 Service Unavailable", "") : TextServer.Http("200 OK", ""));
        await using (var probe = Probe(server))
        {
            var moved = await Switch().RunAsync("lb1", "lb2", probe, default);
            Assert.Equal(("web", "127.0.0.1", "lb1", "lb2", 0), (moved.LoadBalancer, moved.Address, moved.From, moved.To, moved.Failed));
            Assert.True(moved.Requests >= 20);
            Assert.NotNull(moved.Gap);
        }

        _mover.Silence = TimeSpan.FromMilliseconds(400);
        await using (var probe = Probe(server))
        {
            var moved = await Switch().RunAsync("lb2", "lb1", probe, default);
            // Two clocks, and a request that was answered in the moment of the silence.
            Assert.True(moved.Gap >= TimeSpan.FromMilliseconds(380), $"{moved.Gap}");
            Assert.True(moved.Failed > 0);
        }

        Assert.Equal(["lb1"], _mover.Holders);
    }

    [Fact]
    public async Task Without_a_probe_nothing_is_said_of_gaps()
    {
        var moved = await Switch().RunAsync("lb1", "lb2", null, default);
        Assert.Null(moved.Gap);
        Assert.Equal(["lb2"], _mover.Holders);
    }

    [Fact]
    public async Task An_address_that_does_not_answer_before_is_not_moved()
    {
        await using var server = new TextServer(_ => TextServer.Http("503 Service Unavailable", ""));
        await using var probe = Probe(server);
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => Switch().RunAsync("lb1", "lb2", probe, default));
        Assert.Equal("LoadBalancerAddressSilent", error.ErrorId);
        Assert.Contains("HTTP 503", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, _mover.Moves);
    }

    [Fact]
    public async Task An_address_that_does_not_arrive_is_moved_back()
    {
        _mover.Arrives = false;
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => Switch(TimeSpan.FromSeconds(1)).RunAsync("lb1", "lb2", null, default));
        Assert.Equal("LoadBalancerSwitchFailed", error.ErrorId);
        Assert.Contains("127.0.0.1 was not on lb2, and there alone, within 1 s. It is on lb1 again.", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, _mover.PutBacks);
    }

    [Fact]
    public async Task An_address_that_arrives_and_does_not_answer_there_is_moved_back()
    {
        await using var server = new TextServer(_ => _mover.Holders is ["lb2"] ? TextServer.Http("502 Bad Gateway", "") : TextServer.Http("200 OK", ""));
        await using var probe = Probe(server);
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => Switch(TimeSpan.FromSeconds(1)).RunAsync("lb1", "lb2", probe, default));
        Assert.Contains("127.0.0.1 is on lb2, and did not answer well within 1 s (HTTP 502). It is on lb1 again.", error.Message, StringComparison.Ordinal);
        Assert.Equal(["lb1"], _mover.Holders);
    }

    [Fact]
    public async Task Called_off_it_is_moved_back()
    {
        using var stop = new CancellationTokenSource();
        _mover.OnMove = () => stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Switch().RunAsync("lb1", "lb2", null, stop.Token));
        Assert.Equal(["lb1"], _mover.Holders);
        Assert.Equal(1, _mover.PutBacks);
    }

    [Fact]
    public async Task That_it_cannot_be_moved_back_is_said()
    {
        (_mover.Arrives, _mover.PutBackError) = (false, "the provider is silent");
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => Switch(TimeSpan.FromSeconds(1)).RunAsync("lb1", "lb2", null, default));
        Assert.Contains("It could not be moved back to lb1 (the provider is silent); Get-LoadBalancer shows where it is.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_balancer_takes_over_only_with_what_the_other_one_has()
    {
        static LoadBalancer Balancer(string server, string? revision, int up) => new() { Name = "web", Server = server, Revision = revision, Pools = [new BackendPool { Name = "web", Up = up, Servers = 3 }] };
        Assert.Empty(SwitchReadiness.ProblemsOf(Balancer("lb1", "7-5ffc827e", 2), Balancer("lb2", "7-5ffc827e", 3), "web"));
        Assert.Empty(SwitchReadiness.ProblemsOf(Balancer("lb1", null, 2), Balancer("lb2", null, 2), "web"));
        Assert.Equal(
            ["lb2 has revision 6-aaaaaaaa, and lb1 has revision 7-5ffc827e", "on lb2 2 of 3 servers of pool 'web' are up, and 3 of 3 on lb1"],
            SwitchReadiness.ProblemsOf(Balancer("lb1", "7-5ffc827e", 3), Balancer("lb2", "6-aaaaaaaa", 2), "web"));
        Assert.Equal(["on lb2 no server of pool 'web' is up"], SwitchReadiness.ProblemsOf(Balancer("lb1", null, 0), Balancer("lb2", null, 0), "web"));
        Assert.Equal(["lb2 has no pool 'api'"], SwitchReadiness.ProblemsOf(Balancer("lb1", null, 3), Balancer("lb2", null, 3), "api"));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n", null)]
    [InlineData("HTTP/1.1 404 Not Found\r\n", null)]
    [InlineData("HTTP/1.1 503 No\r\n", "HTTP 503")]
    [InlineData("SSH-2.0-x\r\n", "the answer is not of HTTP")]
    [InlineData("HTTP/1.1 abc\r\n", "the answer is not of HTTP")]
    [InlineData("", "no answer")]
    public void Answers_are_judged_by_their_status(string answer, string? wrong) => Assert.Equal(wrong, AddressProbeTarget.Judge(answer));

    private static AddressProbe Probe(TextServer server) => new(new AddressProbeTarget(IPAddress.Loopback, server.Port, "/health", "shop"), TimeProvider.System);

    private AddressSwitch Switch(TimeSpan? limit = null) => new("web", _mover, TimeProvider.System, SilentActivity.Instance) { Limit = limit ?? TimeSpan.FromSeconds(30) };

    private sealed class Mover : IAddressMover
    {
        private long _silentUntil;

        public string Address => "127.0.0.1";

        public string Method => "by hand";

        public IReadOnlyList<string> Holders { get; private set; } = ["lb1"];

        public bool Arrives { get; set; } = true;

        public TimeSpan Silence { get; set; }

        public string? PutBackError { get; set; }

        public Action OnMove { get; set; } = () => { };

        public int Moves { get; private set; }

        public int PutBacks { get; private set; }

        public bool IsSilent => Environment.TickCount64 < Interlocked.Read(ref _silentUntil);

        public Task<IReadOnlyList<string>> ReadHoldersAsync(CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Task.FromResult(Holders);
        }

        public Task<IReadOnlyList<string>> PrepareAsync(string from, string to, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

        public Task MoveAsync(string from, string to, CancellationToken cancellationToken)
        {
            ++Moves;
            Interlocked.Exchange(ref _silentUntil, Environment.TickCount64 + (long)Silence.TotalMilliseconds);
            Holders = Arrives ? [to] : [];
            OnMove();
            return Task.CompletedTask;
        }

        public Task PutBackAsync(string from, string to, CancellationToken cancellationToken)
        {
            ++PutBacks;
            if (PutBackError is { } error) throw new ProdOpsException("X", ErrorKind.ResourceUnavailable, error);
            Holders = [from];
            return Task.CompletedTask;
        }

        public Task<string?> FinishAsync(string from, string to, CancellationToken cancellationToken) => Task.FromResult<string?>(null);
    }
}

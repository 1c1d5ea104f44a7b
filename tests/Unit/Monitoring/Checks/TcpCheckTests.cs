using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Checks;

public sealed class TcpCheckTests
{
    private static readonly CheckSubject Subject = new("db1", "tcp", "cache");

    [Theory]
    [InlineData("+PONG\r\n", "+PONG", HealthState.OK, "connected in ")]
    [InlineData("-ERR\r\nmore", "+PONG", HealthState.Critical, "connected, but '-ERR' came where '+PONG' was expected")]
    [InlineData("", "+PONG", HealthState.Critical, "connected, but nothing came where '+PONG' was expected")]
    public async Task A_port_is_asked_and_must_answer(string answer, string expected, HealthState state, string message)
    {
        await using var server = new TextServer(_ => answer);
        var result = await RunAsync(server.Port, new TcpCheckOptions { Send = "PING\r\n\r\n", Expect = expected });
        Assert.Equal((state, "tcp", "cache"), (result.State, result.Check, result.Instance));
        Assert.StartsWith(message, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connecting_is_enough_where_nothing_is_expected()
    {
        await using var server = new TextServer(_ => null);
        var result = await RunAsync(server.Port, new TcpCheckOptions());
        Assert.Equal((HealthState.OK, "db1", "tcp.time"), (result.State, result.Server, Assert.Single(result.Metrics).Name));
    }

    [Fact]
    public async Task A_closed_port_and_a_silent_one_are_critical()
    {
        int free = HttpCheckTests.FreePort();
        Assert.Equal($"nothing listens on port {free} of 127.0.0.1", (await RunAsync(free, new TcpCheckOptions())).Message);
        await using var server = new TextServer(_ => null);
        var silent = await RunAsync(server.Port, new TcpCheckOptions { Expect = "220 ", Timeout = TimeSpan.FromMilliseconds(200) });
        Assert.Equal((HealthState.Critical, "no answer within 0.2 s"), (silent.State, silent.Message));
    }

    [Fact]
    public async Task Calling_off_is_no_result()
    {
        await using var server = new TextServer(_ => null);
        using var cancel = new CancellationTokenSource();
        var running = new TcpCheck(Subject, "127.0.0.1", server.Port, new TcpCheckOptions { Expect = "220 " }, TimeProvider.System).RunAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static async Task<HealthCheckResult> RunAsync(int port, TcpCheckOptions options) =>
        Assert.Single(await new TcpCheck(Subject, "127.0.0.1", port, options, TimeProvider.System).RunAsync(CancellationToken.None));
}

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using ProdOps.LoadBalancing.Load;
using ProdOps.Servers.Connections;

namespace ProdOps.LoadBalancing.Tests.Load;

/// <summary>Requests at a fixed rate to servers that answer, fall silent, reset and lie.</summary>
public sealed class LoadGeneratorTests
{
    [Fact]
    public async Task Each_request_is_sent_once_with_an_id_of_its_own()
    {
        await using var server = new ScriptedServer(_ => ScriptedServer.Ok);
        var result = await RunAsync(new LoadOptions { Url = server.Url, Requests = 300, Rate = 2000, Connections = 3 });
        Assert.Equal((300, 0, 0), (result.Requests, result.Failed, result.Failures.Count));
        Assert.Equal([new LoadTestShare("web1", 300, 0)], result.Servers);
        Assert.Equal(3, server.Connections);
        var ids = server.Requests.Select(request => Regex.Match(request, "(?m)^X-Request-Id: (.*)\r$").Groups[1].Value).ToList();
        Assert.Equal(Enumerable.Range(1, 300).Select(n => RequestId.Of(result.Run, n)), ids.Order(StringComparer.Ordinal));
        Assert.All(server.Requests, request => Assert.StartsWith("GET /item?n=1 HTTP/1.1\r\nHost: 127.0.0.1:", request, StringComparison.Ordinal));
        Assert.Equal($"http://127.0.0.1:{server.Port}/item", result.Target);
        Assert.True(result.Median > TimeSpan.Zero && result.Median <= result.Percentile95 && result.Percentile95 <= result.Percentile99 && result.Percentile99 <= result.Maximum);
    }

    [Fact]
    public async Task A_body_begins_with_the_id_and_has_the_size_that_was_asked_for()
    {
        await using var server = new ScriptedServer(_ => ScriptedServer.Ok);
        var result = await RunAsync(new LoadOptions { Url = server.Url, Method = "POST", BodySize = 100, Requests = 20, Rate = 1000, Connections = 2 });
        Assert.Equal((20, 0), (result.Requests, result.Failed));
        Assert.All(server.Requests, request =>
        {
            string body = request[(request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
            Assert.Contains($"X-Request-Id: {body[..RequestId.Length]}\r\n", request, StringComparison.Ordinal);
            Assert.Equal(100, body.Length);
        });
    }

    [Fact]
    public async Task With_close_each_request_has_a_connection_of_its_own()
    {
        await using var server = new ScriptedServer(_ => ScriptedServer.Ok);
        var result = await RunAsync(new LoadOptions { Url = server.Url, Close = true, Requests = 50, Rate = 500, Connections = 4 });
        Assert.Equal((50, 0, 50), (result.Requests, result.Failed, server.Connections));
        Assert.All(server.Requests, request => Assert.Contains("\r\nConnection: close\r\n", request, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_rate_is_kept_although_answers_come_late_and_they_are_timed_from_when_they_were_due()
    {
        // The only connection is held for half a second: all that is due meanwhile waits, and it shows.
        await using var server = new ScriptedServer(async request =>
        {
            if (request.Number == 20) await Task.Delay(500, request.Stop);
            return ScriptedServer.Ok;
        });
        var result = await RunAsync(new LoadOptions { Url = server.Url, Requests = 200, Rate = 200, Connections = 1 });
        Assert.Equal((200, 0), (result.Requests, result.Failed));
        // 100 requests were due in that half second. With one after the other, as closed loops do it, one would be slow.
        Assert.InRange(result.Median, TimeSpan.Zero, TimeSpan.FromMilliseconds(450));
        Assert.True(result.Percentile95 > TimeSpan.FromMilliseconds(300), $"{result.Percentile95}");
        Assert.True(result.LongestGap >= TimeSpan.FromMilliseconds(490), $"{result.LongestGap}");
        Assert.InRange(result.LongestGapStart!.Value, result.Start, result.Start + result.Duration);
    }

    [Fact]
    public async Task A_reset_of_a_used_connection_is_told_from_one_of_a_new_one_and_nothing_is_sent_again()
    {
        await using var server = new ScriptedServer(request => request.Connection == 1 && request.Number < 3 ? ScriptedServer.Ok : request.Connection <= 2 ? null : ScriptedServer.Ok);
        var result = await RunAsync(new LoadOptions { Url = server.Url, Requests = 10, Rate = 100, Connections = 1 });
        Assert.Equal((10, 2, 1, 1), (result.Requests, result.Failed, result.ResetOnReused, result.ResetOnFresh));
        Assert.Equal(10, server.Requests.Count);
        Assert.Equal(2, result.Failures.Count);
        Assert.InRange(result.FirstFailure!.Value, result.Start, result.LastFailure!.Value);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok\0", "ResetOnFresh")]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "ServerErrors")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "Wrong")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother", "Wrong")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", "Wrong")]
    public async Task Answers_that_are_not_good_are_counted_by_their_kinds(string answer, string kind)
    {
        await using var server = new ScriptedServer(_ => answer);
        var result = await RunAsync(new LoadOptions { Url = server.Url, Requests = 5, Rate = 200, Connections = 1, Close = kind == "ResetOnFresh", Contains = "ok" });
        Assert.Equal((5, 5), (result.Requests, result.Failed));
        Assert.Equal(5L, typeof(LoadTestResult).GetProperty(kind)!.GetValue(result));
        Assert.Equal(5, result.Failures.Sum(failure => failure.Requests));
        Assert.Equal(TimeSpan.Zero, result.Maximum);
    }

    [Fact]
    public async Task A_silent_server_costs_the_timeout_and_requests_that_find_no_connection_count_too()
    {
        await using var server = new ScriptedServer(async request =>
        {
            await Task.Delay(Timeout.Infinite, request.Stop);
            return null;
        });
        var result = await RunAsync(new LoadOptions { Url = server.Url, Requests = 40, Rate = 1000, Connections = 2, Timeout = TimeSpan.FromMilliseconds(300) });
        Assert.Equal((40, 40, 40), (result.Requests, result.Failed, result.Timeouts));
        Assert.Contains(result.Failures, failure => failure.Text.StartsWith("no connection was free", StringComparison.Ordinal));
        Assert.True(result.LongestGap >= TimeSpan.FromMilliseconds(330), $"{result.LongestGap}");
    }

    [Fact]
    public async Task A_request_that_waited_for_a_free_connection_until_it_was_too_late_was_not_refused_one()
    {
        // One connection is taken and never answered; whoever comes after it is not let in.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        var result = await RunAsync(new LoadOptions { Url = new Uri($"http://127.0.0.1:{((IPEndPoint)full.LocalEndPoint!).Port}/"), Requests = 2, Rate = 50, Connections = 1, Timeout = TimeSpan.FromMilliseconds(300) });
        Assert.Equal((2, 2, 0), (result.Failed, result.Timeouts, result.ConnectFailures));
        Assert.Contains(result.Failures, failure => failure.Text.StartsWith("no connection was free", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nobody_there_is_a_failure_to_connect()
    {
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var result = await RunAsync(new LoadOptions { Url = new Uri($"http://127.0.0.1:{((IPEndPoint)closed.LocalEndPoint!).Port}/"), Requests = 5, Rate = 100 });
        Assert.Equal((5, 5), (result.Failed, result.ConnectFailures));
    }

    [Fact]
    public async Task A_connection_that_the_server_ended_in_between_is_replaced_without_a_failure()
    {
        // Every answer announces nothing and is followed by the end of the connection.
        await using var server = new ScriptedServer(_ => ScriptedServer.Ok + "\0");
        var result = await RunAsync(new LoadOptions { Url = server.Url, Requests = 8, Rate = 20, Connections = 1 });
        Assert.Equal((8, 0, 8), (result.Requests, result.Failed, server.Connections));
    }

    [Fact]
    public async Task It_can_be_ended_early_and_tells_what_it_saw()
    {
        await using var server = new ScriptedServer(_ => ScriptedServer.Ok);
        using var end = new CancellationTokenSource();
        var generator = new LoadGenerator(new LoadOptions { Url = server.Url, Rate = 500, Duration = TimeSpan.FromMinutes(5) }, TimeProvider.System);
        var running = generator.RunAsync(end.Token, CancellationToken.None);
        await WaitAsync(() => generator.Statistics.Good >= 20);
        await end.CancelAsync();
        var result = await running.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(result.Requests >= 20);
        Assert.Equal((0, server.Requests.Count), (result.Failed, result.Requests));
    }

    [Fact]
    public async Task Cancelling_waits_for_nobody()
    {
        await using var server = new ScriptedServer(async request =>
        {
            await Task.Delay(Timeout.Infinite, request.Stop);
            return null;
        });
        using var cancel = new CancellationTokenSource();
        var generator = new LoadGenerator(new LoadOptions { Url = server.Url, Duration = TimeSpan.FromMinutes(5), Timeout = TimeSpan.FromMinutes(5) }, TimeProvider.System);
        var running = generator.RunAsync(CancellationToken.None, cancel.Token);
        await WaitAsync(() => server.Requests.Count > 2);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Without_a_rate_each_connection_goes_as_fast_as_it_is_answered()
    {
        await using var server = new ScriptedServer(_ => ScriptedServer.Ok);
        var result = await RunAsync(new LoadOptions { Url = server.Url, Rate = null, Requests = 500, Connections = 4, Duration = TimeSpan.FromSeconds(30) });
        Assert.Equal((500, 0, 4), (result.Requests, result.Failed, server.Connections));
        Assert.True(result.Duration < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Certificates_are_judged_by_the_authority_and_the_name()
    {
        using var folder = new Backup.Tests.Storage.TemporaryFolder();
        using var authority = new TestCertificates(folder.Path);
        authority.Issue("shop.test");
        using var certificate = X509CertificateLoader.LoadPkcs12FromFile(Path.Join(folder.Path, "shop.test.pfx"), null);
        await using var server = new ScriptedServer(_ => Task.FromResult<string?>(ScriptedServer.Ok), new SslServerAuthenticationOptions { ServerCertificate = certificate });
        var trust = new CertificateTrust(authority.Authority, (_, error) => new ProdOpsException("X", ErrorKind.InvalidData, "x", "x", error));
        var options = new LoadOptions { Url = new Uri($"https://shop.test:{server.Port}/"), ConnectTo = "127.0.0.1", Tls = trust.Options, Requests = 10, Rate = 100, Connections = 2 };
        Assert.Equal((10, 0), ((await RunAsync(options)) is var good ? (good.Requests, good.Failed) : default));
        Assert.Contains($"Host: shop.test:{server.Port}\r\n", server.Requests.First(), StringComparison.Ordinal);
        var wrong = await RunAsync(options with { HostName = "other.test" });
        Assert.Equal(10, wrong.ConnectFailures);
        Assert.StartsWith("connecting: TLS: ", Assert.Single(wrong.Failures).Text, StringComparison.Ordinal);
    }

    private static Task<LoadTestResult> RunAsync(LoadOptions options) =>
        new LoadGenerator(options, TimeProvider.System).RunAsync(CancellationToken.None, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));

    private static async Task WaitAsync(Func<bool> condition)
    {
        for (int i = 0; i < 600 && !condition(); i++) await Task.Delay(50);
        Assert.True(condition());
    }
}

using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.Checks.Http;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Checks;

public sealed class HttpCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestCertificates _certificates;

    public HttpCheckTests() => _certificates = new TestCertificates(_folder["certificates"]);

    public void Dispose()
    {
        _certificates.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("200 OK", "all good", HealthState.OK, "200 OK in ")]
    [InlineData("500 Internal Server Error", "", HealthState.Critical, "; expected 200 to 299")]
    [InlineData("404 Not Found", "", HealthState.Critical, "404 Not Found in ")]
    [InlineData("200 OK", "all bad", HealthState.Critical, "does not hold 'good'")]
    public async Task The_answer_decides(string status, string body, HealthState state, string message)
    {
        await using var server = new TextServer(_ => TextServer.Http(status, body));
        var result = Assert.Single(await RunAsync(new HttpCheckOptions { Url = new Uri($"http://127.0.0.1:{server.Port}/health?token=swordfish"), Contains = "good" }));
        Assert.Equal((state, "http", $"http://127.0.0.1:{server.Port}/health"), (result.State, result.Check, result.Instance));
        Assert.Contains(message, result.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("swordfish", result.ToString() + result.Message, StringComparison.Ordinal);
        Assert.Equal(double.Parse(status[..3]), result.Metrics.Single(metric => metric.Name == "http.status").Value);
        Assert.InRange(result.Value!.Value, result.Metrics.Single(metric => metric.Name == "http.first").Value, 10);
    }

    [Fact]
    public async Task Redirections_are_followed_and_a_loop_of_them_is_critical()
    {
        await using var server = new TextServer(request => request.StartsWith("GET /old", StringComparison.Ordinal) ? TextServer.Http("302 Found", "", "Location: /new\r\n")
            : request.StartsWith("GET /loop", StringComparison.Ordinal) ? TextServer.Http("302 Found", "", "Location: /loop?secret=1\r\n") : TextServer.Http("200 OK", "new"));
        Assert.Equal(HealthState.OK, (await RunAsync(new HttpCheckOptions { Url = new Uri($"http://127.0.0.1:{server.Port}/old"), Contains = "new" }))[0].State);
        var loop = (await RunAsync(new HttpCheckOptions { Url = new Uri($"http://127.0.0.1:{server.Port}/loop") }))[0];
        Assert.Equal(HealthState.Critical, loop.State);
        Assert.Contains("302 Found", loop.Message, StringComparison.Ordinal);
        Assert.EndsWith(", to /loop; expected 200 to 299", loop.Message, StringComparison.Ordinal);
        Assert.Equal(HealthState.OK, (await RunAsync(new HttpCheckOptions { Url = new Uri($"http://127.0.0.1:{server.Port}/loop"), Status = (302, 302) }))[0].State);
    }

    [Fact]
    public async Task What_does_not_answer_is_critical_and_says_why()
    {
        await using var silent = new TextServer(_ => null);
        var late = (await RunAsync(new HttpCheckOptions { Url = new Uri($"http://127.0.0.1:{silent.Port}/"), Timeout = TimeSpan.FromMilliseconds(200) }))[0];
        Assert.Equal((HealthState.Critical, "no answer within 0.2 s"), (late.State, late.Message));
        int free = FreePort();
        Assert.Equal((HealthState.Critical, $"nothing listens on port {free} of 127.0.0.1"), Told((await RunAsync(new HttpCheckOptions { Url = new Uri($"http://127.0.0.1:{free}/") }))[0]));
        Assert.Equal((HealthState.Critical, "the name 'no-such-host.invalid' is not known"), Told((await RunAsync(new HttpCheckOptions { Url = new Uri("http://no-such-host.invalid/") }))[0]));
        await using var noise = new TextServer(_ => "\0\u0001\u001b[31m not http\r\n\r\n");
        Assert.Equal(HealthState.Critical, (await RunAsync(new HttpCheckOptions { Url = new Uri($"http://127.0.0.1:{noise.Port}/") }))[0].State);
    }

    [Theory]
    [InlineData(20, "localhost", true, HealthState.Warning, "good until ")]
    [InlineData(60, "localhost", true, HealthState.OK, "good until ")]
    [InlineData(5, "localhost", true, HealthState.Critical, "good until ")]
    [InlineData(-1, "localhost", true, HealthState.Critical, "expired ")]
    [InlineData(60, "shop.example", true, HealthState.Critical, "not believed: it is for another host")]
    [InlineData(60, "localhost", false, HealthState.Critical, "not believed: ")]
    public async Task Certificates_are_looked_at(int days, string name, bool isTrusted, HealthState state, string message)
    {
        await using var server = new TextServer(_ => TextServer.Http("200 OK", "fine"), Certificate(name, days));
        var results = await RunAsync(new HttpCheckOptions
        {
            Url = new Uri($"https://localhost:{server.Port}/"), ConnectTo = "127.0.0.1", CaCertificate = isTrusted ? _certificates.Authority : null,
        });
        bool isBelieved = isTrusted && days > 0 && name == "localhost";
        Assert.Equal(isBelieved ? HealthState.OK : HealthState.Critical, results[0].State);
        if (!isBelieved) Assert.StartsWith("the certificate is not believed: ", results[0].Message, StringComparison.Ordinal);
        // Who is not believed is sent nothing.
        Assert.Equal(isBelieved ? 1 : 0, server.Requests.Count(request => request.Length > 0));
        Assert.Equal((state, "certificate", $"localhost:{server.Port}"), (results[1].State, results[1].Check, results[1].Instance));
        Assert.StartsWith(message, results[1].Message, StringComparison.Ordinal);
        Assert.Contains($"; {name}, by test authority", results[1].Message, StringComparison.Ordinal);
        Assert.InRange(results[1].Value!.Value, days - 0.1, days);
    }

    [Fact]
    public async Task Headers_users_and_expressions_are_sent_and_matched()
    {
        await using var server = new TextServer(_ => TextServer.Http("200 OK", "version 42"));
        var options = new HttpCheckOptions
        {
            Url = new Uri($"http://admin:pass%20word@127.0.0.1:{server.Port}/"), Method = "POST", Headers = [new("X-Probe", "1")], Matches = new Regex("version [0-9]+"),
        };
        var result = Assert.Single(await RunAsync(options));
        Assert.Equal((HealthState.OK, "127.0.0.1"), (result.State, result.Server));
        string request = Assert.Single(server.Requests);
        Assert.StartsWith("POST / HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("X-Probe: 1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("Authorization: Basic YWRtaW46cGFzcyB3b3Jk\r\n", request, StringComparison.Ordinal);
        Assert.DoesNotContain("pass", result.Instance + result.Message, StringComparison.Ordinal);
        Assert.Equal(HealthState.Critical, (await RunAsync(options with { Matches = new Regex("version [a-z]+") }))[0].State);
    }

    [Fact]
    public async Task An_answer_without_end_is_read_to_the_limit_only()
    {
        await using var server = new TextServer(_ => "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + new string('x', 5_000_000));
        var result = (await RunAsync(new HttpCheckOptions { Url = new Uri($"http://127.0.0.1:{server.Port}/"), MaximumBody = 1000, Contains = new string('x', 1000) }))[0];
        Assert.Equal(HealthState.OK, result.State);
    }

    [Fact]
    public async Task A_file_of_authorities_that_is_none_is_an_error()
    {
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => RunAsync(new HttpCheckOptions { Url = new Uri("https://localhost/"), CaCertificate = _folder["none.pem"] }));
        Assert.Equal("HealthCaCertificateUnreadable", error.ErrorId);
    }

    private static (HealthState, string) Told(HealthCheckResult result) => (result.State, result.Message);

    private static Task<IReadOnlyList<HealthCheckResult>> RunAsync(HttpCheckOptions options) => new HttpCheck(HttpCheck.SubjectOf(options.Url), options, TimeProvider.System).RunAsync(CancellationToken.None);

    internal static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private X509Certificate2 Certificate(string name, int days)
    {
        _certificates.Issue(name, days: days);
        return X509CertificateLoader.LoadPkcs12FromFile(Path.Join(_certificates.Folder, $"{name}.pfx"), null);
    }
}

using System.Text;
using ProdOps.Monitoring.Engines;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Engines;

/// <summary>Asking an engine: logins, limits, and what goes wrong on the way.</summary>
public sealed class EngineHttpTests
{
    private const string Empty = """{"status":"success","data":[]}""";

    [Fact]
    public async Task Logins_go_to_the_host_that_they_were_written_down_for_and_to_nobody_else()
    {
        await using var server = new TextServer(_ => TextServer.Http("200 OK", Empty));
        string url = $"http://127.0.0.1:{server.Port}/prometheus/";
        Environment.SetEnvironmentVariable("PRODOPS_TEST_ENGINE", "s3cret");
        try
        {
            var known = new MonitoringOptions { Engine = MetricEngine.Prometheus, Url = url, User = "ann", Password = new SecretReference(SecretKind.Variable, "PRODOPS_TEST_ENGINE") };
            await AskAsync(EngineOptions.Of(known, null, null));
            await AskAsync(EngineOptions.Of(known, $"http://127.0.0.1:{server.Port}", null));
            await AskAsync(EngineOptions.Of(known with { User = null, Password = null, Token = new SecretReference(SecretKind.Variable, "PRODOPS_TEST_ENGINE") }, null, null));
            await AskAsync(EngineOptions.Of(known with { Url = "http://metrics.example.org" }, url, null));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PRODOPS_TEST_ENGINE", null);
        }

        string[] requests = [.. server.Requests];
        Assert.StartsWith("GET /prometheus/api/v1/series?match[]=a%20b&start=", requests[0], StringComparison.Ordinal);
        Assert.StartsWith("GET /api/v1/series?match[]=a%20b&start=", requests[1], StringComparison.Ordinal);
        string basic = $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("ann:s3cret"))}";
        Assert.Contains(basic, requests[0], StringComparison.Ordinal);
        Assert.Contains(basic, requests[1], StringComparison.Ordinal);
        Assert.Contains("Authorization: Bearer s3cret", requests[2], StringComparison.Ordinal);
        Assert.DoesNotContain("Authorization", requests[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_that_is_too_long_for_an_address_goes_into_the_body()
    {
        await using var server = new TextServer(_ => TextServer.Http("200 OK", Empty));
        await AskAsync(Options(server), new string('x', 9000));
        string request = Assert.Single(server.Requests);
        Assert.StartsWith("POST /api/v1/series HTTP/1.1", request, StringComparison.Ordinal);
        Assert.EndsWith($"match[]={new string('x', 9000)}&start=0.000&end=0.000", request, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("401 Unauthorized", "MetricEngineLoginFailed")]
    [InlineData("403 Forbidden", "MetricEngineDenied")]
    [InlineData("404 Not Found", "MetricEngineMisbehaves")]
    [InlineData("302 Found", "MetricEngineMisbehaves")]
    [InlineData("500 Internal Server Error", "MetricEngineBusy")]
    [InlineData("503 Service Unavailable", "MetricEngineBusy")]
    [InlineData("413 Payload Too Large", "MetricEngineRefused")]
    [InlineData("400 Bad Request", "MetricEngineMisbehaves")]
    public async Task What_goes_wrong_is_an_error_of_the_catalogue(string status, string error)
    {
        await using var server = new TextServer(_ => TextServer.Http(status, "no\u001b[0m", "Location: http://127.0.0.1:1/\r\n"));
        var failure = await Assert.ThrowsAnyAsync<ProdOpsException>(() => AskAsync(Options(server)));
        Assert.Equal(error, failure.ErrorId);
        Assert.DoesNotContain('\u001b', failure.Message);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task An_engine_that_is_not_there_says_nothing_or_never_stops_is_an_error()
    {
        await using (var silent = new TextServer(_ => null))
            Assert.Equal("MetricEngineSilent", (await Assert.ThrowsAnyAsync<ProdOpsException>(() => AskAsync(Options(silent) with { Timeout = TimeSpan.FromMilliseconds(300) }))).ErrorId);
        await using (var endless = new TextServer(_ => TextServer.Http("200 OK", new string(' ', 300_000))))
            Assert.Equal("MetricEngineAnswerTooLong", (await Assert.ThrowsAnyAsync<ProdOpsException>(() => AskAsync(Options(endless) with { LongestAnswer = 100_000 }))).ErrorId);
        var gone = new TextServer(_ => null);
        await gone.DisposeAsync();
        var error = await Assert.ThrowsAsync<EngineTroubleException>(() => AskAsync(new EngineOptions { Url = new Uri("http://127.0.0.1:1") }));
        Assert.Equal(("MetricEngineUnreachable", false), (error.ErrorId, error.MayHaveArrived));
        await using var half = new TextServer(_ => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
        error = await Assert.ThrowsAsync<EngineTroubleException>(() => AskAsync(Options(half)));
        Assert.Equal(("MetricEngineUnreachable", true), (error.ErrorId, error.MayHaveArrived));
    }

    [Theory]
    [InlineData("ftp://metrics")]
    [InlineData("http://ann:secret@metrics:9090")]
    [InlineData("http://metrics/?x=1")]
    [InlineData("metrics:9090")]
    public void An_address_is_one_of_the_web_without_a_login(string url)
    {
        var error = Assert.Throws<ProdOpsException>(() => EngineOptions.Of(new MonitoringOptions(), url, null));
        Assert.Equal("MetricEngineAddressInvalid", error.ErrorId);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    private static EngineOptions Options(TextServer server) => new() { Url = new Uri($"http://127.0.0.1:{server.Port}") };

    private static async Task AskAsync(EngineOptions options, string selector = "a b")
    {
        using var http = new EngineHttp(options);
        await new EngineQueries(http, SilentActivity.Instance).SeriesAsync(selector, 0, 0, default);
    }
}

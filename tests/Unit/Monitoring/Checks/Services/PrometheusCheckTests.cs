using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Checks.Http;
using ProdOps.Monitoring.Checks.Prometheus;
using ProdOps.Monitoring.Tests.TestTools;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Checks.Services;

public sealed class PrometheusCheckTests
{
    private const string Vector = """{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up","job":"node","instance":"web1:9100"},"value":[1700000000.1,"1"]},{"metric":{"instance":"web2:9100"},"value":[1700000000.1,"NaN"]}]}}""";

    [Fact]
    public async Task Each_series_has_a_result()
    {
        await using var server = new TextServer(_ => TextServer.Http("200 OK", Vector));
        var results = await RunAsync(server, "sum by (instance) (up{job=\"node\"}) + 1");
        Assert.Equal([("instance=web1:9100 job=node", HealthState.OK, 1.0, "1 %"), ("instance=web2:9100", HealthState.Unknown, null, "the value is not a number (NaN)")],
            results.Select(result => (result.Instance!, result.State, result.Value, result.Message)));
        Assert.StartsWith("GET /prom/api/v1/query?query=sum%20by%20%28instance%29%20%28up%7Bjob%3D%22node%22%7D%29%20%2B%201 HTTP/1.1\r\n", Assert.Single(server.Requests), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("200 OK", """{"status":"success","data":{"resultType":"scalar","result":[1,"+Inf"]}}""", HealthState.OK, "infinite")]
    [InlineData("200 OK", """{"status":"success","data":{"resultType":"vector","result":[]}}""", HealthState.Unknown, "no series answers the query")]
    [InlineData("200 OK", """{"status":"success","data":{"resultType":"matrix","result":[]}}""", HealthState.Unknown, "The query cannot be answered: the query comes to ranges; it must come to one value a series, e.g. by rate() or max_over_time()")]
    [InlineData("400 Bad Request", """{"status":"error","errorType":"bad_data","error":"1:4: parse error"}""", HealthState.Unknown, "The query cannot be answered: 1:4: parse error")]
    [InlineData("502 Bad Gateway", "<html>", HealthState.Unknown, "What answers, with status 502, is not the HTTP API of Prometheus.")]
    public async Task What_is_no_value_leaves_it_open(string status, string body, HealthState state, string message)
    {
        await using var server = new TextServer(_ => TextServer.Http(status, body));
        var result = Assert.Single(await RunAsync(server, "up"));
        Assert.Equal((state, message), (result.State, result.Message));
    }

    [Fact]
    public async Task An_engine_that_is_not_there_leaves_it_open()
    {
        int free = HttpCheckTests.FreePort();
        var result = Assert.Single(await RunAsync(new Uri($"http://127.0.0.1:{free}/"), "up"));
        Assert.Equal((HealthState.Unknown, $"nothing listens on port {free} of 127.0.0.1"), (result.State, result.Message));
    }

    [Fact]
    public void Whatever_comes_is_read_or_refused() =>
        ParserFuzz.Run("answer", text => PrometheusAnswer.Parse(200, text), [Vector, """{"status":"success","data":{"resultType":"scalar","result":[1,"1e999"]}}""", """{"status":"error"}""", "[]", "null"]);

    private static Task<IReadOnlyList<HealthCheckResult>> RunAsync(TextServer server, string query) => RunAsync(new Uri($"http://127.0.0.1:{server.Port}/prom/?x=1"), query);

    private static Task<IReadOnlyList<HealthCheckResult>> RunAsync(Uri engine, string query) =>
        new PrometheusCheck(new CheckSubject("metrics", "q"), new HttpCheckOptions { Url = PrometheusCheck.AddressOf(engine, query), Timeout = TimeSpan.FromSeconds(30) }, "%", TimeProvider.System).RunAsync(CancellationToken.None);
}

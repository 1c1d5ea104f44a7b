using System.Globalization;
using System.Text;
using ProdOps.Monitoring.Engines;
using ProdOps.Monitoring.Exporting;
using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Tests.Engines;

/// <summary>Answers of an engine, good and hostile, without one; and the way of names there and back.</summary>
public sealed class PrometheusReplyTests
{
    private const string Matrix = """{"status":"success","warnings":["slow\u001b[31m disk"],"data":{"resultType":"matrix","result":[{"metric":{"__name__":"up","job":"a"},"values":[[1.5,"1"],[2.25,"NaN"],[3,"+Inf"],[4.001,"-2e-3"]]}]}}""";

    [Fact]
    public void Values_are_read_and_what_is_no_number_is_a_gap()
    {
        var reply = Read(Matrix);
        var series = Assert.Single(reply.Series);
        Assert.Equal([(1500L, 1), (4001L, -0.002)], series.Points.Select(point => (point.Time, point.Value)));
        Assert.Equal(("up", "a", null, 2), (series.Label("__name__"), series.Label("job"), series.Label("none"), reply.NotNumbers));
        Assert.Equal(["slow [31m disk"], reply.Warnings);
    }

    [Theory]
    [InlineData("""{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"2"]}]}}""", 1)]
    [InlineData("""{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}""", 1)]
    [InlineData("""{"status":"success","data":{"resultType":"matrix","result":[]}}""", 0)]
    public void Other_results_are_series_too(string body, int series) => Assert.Equal(series, Read(body).Series.Count);

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("""{"status":"success"}""")]
    [InlineData("""{"status":"error"}""")]
    [InlineData("""{"status":"success","data":{"resultType":"string","result":[1,"x"]}}""")]
    [InlineData("""{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":1},"value":[1,"2"]}]}}""")]
    [InlineData("""{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1e300,"2"]}]}}""")]
    [InlineData("""{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[-1e17,"2"]}]}}""")]
    [InlineData("""{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":["1","2"]}]}}""")]
    [InlineData("""{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,2]}]}}""")]
    [InlineData("""{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"0x10"]}]}}""")]
    [InlineData("""{"status":"success","data":{"resultType":"vector","result":[{"metric":{"\ud800":"x"},"value":[1,"1"]}]}}""")]
    [InlineData("""{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[2,"2"],[1,"2"]]}]}}""")]
    public void What_is_no_answer_is_an_error(string body) => Assert.Equal("MetricEngineMisbehaves", Assert.Throws<ProdOpsException>(() => Read(body)).ErrorId);

    [Fact]
    public void A_refusal_is_told_in_the_engines_words()
    {
        var error = Assert.Throws<ProdOpsException>(() => Read("""{"status":"error","errorType":"bad_data","error":"parse error at char 5:\nunexpected"}"""));
        Assert.Equal(("MetricEngineRefused", "The engine at http://metrics refuses: parse error at char 5: unexpected"), (error.ErrorId, error.Message));
    }

    [Fact]
    public void Whatever_comes_is_an_answer_or_an_error_of_the_catalogue()
    {
        var random = new Random(20260101);
        byte[] good = Encoding.UTF8.GetBytes(Matrix);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] body = [.. good.AsSpan(0, random.Next(10) == 0 ? random.Next(good.Length) : good.Length)];
            for (int change = random.Next(1, 6); change > 0 && body.Length > 0; change--) body[random.Next(body.Length)] = (byte)(random.Next(2) == 0 ? random.Next(256) : "{}[]\",:0e9"[random.Next(10)]);
            try
            {
                PrometheusReply.ReadQuery("http://metrics", new EngineAnswer(200, body));
                PrometheusReply.ReadSeries("http://metrics", new EngineAnswer(200, body));
            }
            catch (ProdOpsException error)
            {
                Assert.Contains(error.ErrorId, (string[])["MetricEngineMisbehaves", "MetricEngineRefused"]);
            }
        }
    }

    [Fact]
    public void Every_series_is_found_again_by_its_name_and_labels_there()
    {
        var rows = MetricCatalog.All.SelectMany(info => (SeriesRow[])[new(0, "web1", info.Name, null, info.Unit), new(0, "ü\"\\\n", info.Name, "/a b", info.Unit), new(0, "web1", info.Name, "x", "odd")])
            .Append(new SeriesRow(0, "web1", "Plugin: 'x' (%)", "load", "%")).Append(new SeriesRow(0, "web1", "ä", null, "")).Append(new SeriesRow(0, "web1", "disk.used.percent", null, ""));
        foreach (var row in rows)
        {
            var labels = ExportNames.Labels(row).ToDictionary(label => label.Name, label => label.Value);
            labels["job"] = "prodops";
            labels["instance"] = "127.0.0.1:9179";
            Assert.Equal(row, ExportNames.SeriesOf(ExportNames.Family(row.Metric, row.Unit), labels.GetValueOrDefault));
        }

        Assert.Null(ExportNames.SeriesOf("node_load1", _ => "x"));
        Assert.Null(ExportNames.SeriesOf("prodops_unheard_of", name => name == "server" ? "web1" : null));
        Assert.Null(ExportNames.SeriesOf("prodops_load_1", _ => null));
    }

    [Fact]
    public void Wildcards_and_texts_are_quoted_for_the_engine()
    {
        Assert.Equal("\"a\\\"b\\\\c\\nd\\x07é\"", PromQl.Quote("a\"b\\c\nd\u0007é"));
        Assert.Equal("(?i:web.*\\.x[1-3].)", PromQl.Pattern("web*.x[1-3]?"));
        Assert.Equal("(?i:[a\\[\\^\\\\].*\\[b)", PromQl.Pattern("[a[^\\]*[b"));
        Assert.Equal("server=~\"web1|db\\\\.1\"", PromQl.AnyOf("server", ["web1", "db.1"]));
        Assert.Equal(("300s", "1500ms"), (PromQl.Duration(TimeSpan.FromMinutes(5)), PromQl.Duration(TimeSpan.FromMilliseconds(1500))));
        Assert.Equal("1767225600.042", PromQl.Moment(1767225600042));
        Assert.Equal("120", EngineQuery.StepOf(TimeSpan.FromHours(12)).TotalSeconds.ToString(CultureInfo.InvariantCulture));
    }

    private static PrometheusReply Read(string body) => PrometheusReply.ReadQuery("http://metrics", new EngineAnswer(200, Encoding.UTF8.GetBytes(body)));
}

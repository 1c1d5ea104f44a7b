using System.Text;
using ProdOps.Monitoring.Engines;
using ProdOps.Monitoring.Silences;
using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Tests.Silences;

/// <summary>What a silence of Alertmanager means here.</summary>
public sealed class SilenceReaderTests
{
    private static readonly CheckKey Disk = new("web1", "disk.used", "/var"), Full = new("web1", "disk.full", "/var"), Cpu = new("web1", "cpu.busy"), Own = new("db1", "shop orders", "x");

    [Theory]
    [InlineData("server=web1", true, true, true, false)]
    [InlineData("server=~we.*", true, true, true, false)]
    [InlineData("server=~we", false, false, false, false)]
    [InlineData("server!=web1", false, false, false, true)]
    [InlineData("server!~web1|db9", false, false, false, true)]
    [InlineData("alertname=ProdOps", true, true, true, true)]
    [InlineData("alertname=disk.used", true, false, false, false)]
    [InlineData("alertname=~disk.+", true, true, false, false)]
    [InlineData("alertname!=disk.used", false, true, true, true)]
    [InlineData("alertname!=ProdOps", false, false, false, false)]
    [InlineData("alertname=NodeDown", false, false, false, false)]
    [InlineData("check=disk.full", false, true, false, false)]
    [InlineData("mount=/var", true, true, false, true)]
    [InlineData("mount=x", false, false, false, true)]
    [InlineData("mount=~.+", true, true, false, true)]
    [InlineData("mount!=/var", false, false, true, false)]
    [InlineData("device=/var", false, false, false, true)]
    [InlineData("severity=critical", true, true, true, true)]
    [InlineData("severity=warning", false, false, false, false)]
    [InlineData("incident=42", true, true, true, true)]
    [InlineData("incident=43", false, false, false, false)]
    [InlineData("team=web", false, false, false, false)]
    [InlineData("team!=web", true, true, true, true)]
    [InlineData("environment=shop;server=web1", true, true, true, false)]
    [InlineData("environment=~sh.p;mount=/var", true, true, false, true)]
    [InlineData("server=web1;mount=/;check=~.*", false, false, false, false)]
    public void A_check_is_covered_if_all_matchers_fit_its_labels(string matchers, bool disk, bool full, bool cpu, bool own)
    {
        var silence = Assert.Single(Read(Silence(matchers)));
        // Of a rule of the admin's own any name of instances is the one of its instance.
        var shop = matchers.Contains("/var", StringComparison.Ordinal) ? Own with { Instance = "/var" } : Own;
        Assert.Equal((disk, full, cpu, own), (Covers(Disk), Covers(Full), Covers(Cpu), Covers(shop)));

        bool Covers(CheckKey check) => silence.Covers(check, 42, HealthState.Critical);
    }

    [Fact]
    public void A_silence_of_a_whole_server_is_one_and_others_are_not()
    {
        Assert.True(Assert.Single(Read(Silence("server=web1"))).CoversServer("web1"));
        Assert.False(Assert.Single(Read(Silence("server=web1"))).CoversServer("web2"));
        Assert.True(Assert.Single(Read(Silence("environment=shop"))).CoversServer("web2"));
        Assert.False(Assert.Single(Read(Silence("server=web1;severity=warning"))).CoversServer("web1"));
        Assert.False(Assert.Single(Read(Silence("alertname=ProdOps"))).CoversServer("web1"));
    }

    [Fact]
    public void Those_that_are_over_or_of_another_environment_are_none_and_an_expression_that_is_none_is_told()
    {
        var odd = new List<string>();
        string body = $"[{Silence("server=web1", state: "expired")},{Silence("environment=other")},{Silence("server=~(", id: "bad")},{Silence("server=web1", id: "one", comment: "new \\u001b[31mdisk\\n")}]";
        var silence = Assert.Single(SilenceReader.Read("http://am", new EngineAnswer(200, Encoding.UTF8.GetBytes(body)), "shop", odd.Add));
        Assert.Equal(("one", "web1", null, "new [31mdisk", "ann", "http://am"), (silence.Silence, silence.Server, silence.Rule, silence.Reason, silence.By, silence.Source));
        Assert.Equal((new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero)), (silence.From, silence.Until));
        Assert.Contains("bad", Assert.Single(odd), StringComparison.Ordinal);
        // It is an event, and comes back from the file as it was.
        var read = (DowntimeSet)EventJson.Read(EventJson.Write(new DowntimeSet(silence) { Number = 1 }));
        Assert.Equal(silence.Matchers, read.Downtime.Matchers);
        Assert.Equal((silence.Source, silence.Silence), (read.Downtime.Source, read.Downtime.Silence));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("[{\"status\":{\"state\":\"active\"}}]")]
    [InlineData("[{\"id\":\"\",\"status\":{\"state\":\"active\"},\"startsAt\":\"2026-01-01T00:00:00Z\",\"endsAt\":\"2026-01-02T00:00:00Z\",\"matchers\":[]}]")]
    [InlineData("[{\"id\":\"a\",\"status\":{\"state\":\"active\"},\"startsAt\":\"2026-01-02T00:00:00Z\",\"endsAt\":\"2026-01-01T00:00:00Z\",\"matchers\":[]}]")]
    [InlineData("[{\"id\":\"a\",\"status\":{\"state\":\"active\"},\"startsAt\":\"soon\",\"endsAt\":\"2026-01-01T00:00:00Z\",\"matchers\":[]}]")]
    public void What_is_no_answer_is_an_error(string body) =>
        Assert.Equal("MetricEngineMisbehaves", Assert.Throws<ProdOpsException>(() => SilenceReader.Read("http://am", new EngineAnswer(200, Encoding.UTF8.GetBytes(body)), "shop", _ => { })).ErrorId);

    [Fact]
    public void Whatever_comes_is_silences_or_an_error_of_the_catalogue()
    {
        var random = new Random(20260102);
        byte[] good = Encoding.UTF8.GetBytes($"[{Silence("server=~web.+;environment!=x")}]");
        for (int i = 0; i < 10_000; i++)
        {
            byte[] body = [.. good];
            for (int change = random.Next(1, 5); change > 0; change--) body[random.Next(body.Length)] = (byte)(random.Next(2) == 0 ? random.Next(256) : "{}[]\",:t(*"[random.Next(10)]);
            try
            {
                foreach (var silence in SilenceReader.Read("http://am", new EngineAnswer(200, body), "shop", _ => { })) silence.Covers(Disk, 1, HealthState.Warning);
            }
            catch (ProdOpsException error)
            {
                Assert.Equal("MetricEngineMisbehaves", error.ErrorId);
            }
        }
    }

    private static IReadOnlyList<Downtime> Read(string silence) => SilenceReader.Read("http://am", new EngineAnswer(200, Encoding.UTF8.GetBytes($"[{silence}]")), "shop", _ => { });

    // Matchers are written as a=b;c!~d.
    private static string Silence(string matchers, string state = "active", string id = "x", string comment = "")
    {
        var parts = matchers.Split(';').Select(matcher =>
        {
            int at = matcher.AsSpan().IndexOfAny('=', '!');
            string sign = matcher[at..(at + (matcher[at] == '!' || matcher[at + 1] == '~' ? 2 : 1))];
            return $$"""{"name":"{{matcher[..at]}}","value":"{{matcher[(at + sign.Length)..]}}","isRegex":{{(sign.EndsWith('~') ? "true" : "false")}},"isEqual":{{(sign[0] == '=' ? "true" : "false")}}}""";
        });
        return $$"""{"id":"{{id}}","status":{"state":"{{state}}"},"createdBy":"ann","comment":"{{comment}}","startsAt":"2026-01-01T00:00:00.000Z","endsAt":"2026-01-02T00:00:00.000Z","matchers":[{{string.Join(',', parts)}}]}""";
    }
}

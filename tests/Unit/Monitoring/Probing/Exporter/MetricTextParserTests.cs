using System.Globalization;
using System.Text;
using ProdOps.Monitoring.Probing.Exporter;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Probing.Exporter;

/// <summary>Prometheus' text format, in pieces of any size, from whoever it comes.</summary>
public sealed class MetricTextParserTests
{
    private const string Text = """
        # HELP node_load1 1m load average, with \\ and \n in it.
        # TYPE node_load1 gauge
        node_load1 0.52
        # a comment
          node_cpu_seconds_total { cpu = "0" , mode="idle", } 1.7957e+09 1395066363000
        :odd:name_1	-Inf
        http_requests_total{path="C:\\DIR\\",error="Cannot find file:\n\"FILE.TXT\"",other="\t",empty=""} NaN

        histogram_bucket{le="+Inf"} 144320 1.5 # {trace_id="KOO5S4vxi0o"} 0.67 1520879607.789
        counter_total 3 # {} 1

        """;

    [Fact]
    public void Values_are_read_with_their_labels()
    {
        Assert.Equal(
            [
                "node_load1 = 0.52",
                "node_cpu_seconds_total cpu=0 mode=idle = 1795700000",
                ":odd:name_1 = -Infinity",
                "http_requests_total path=C:\\DIR\\ error=Cannot find file:?\"FILE.TXT\" other=\\t = NaN",
                "histogram_bucket le=+Inf = 144320",
                "counter_total = 3",
            ], Read(Text));
        Assert.Equal(["a = Infinity", "b = Infinity", "c = -Infinity", "d = 0.0001"], Read("a +Inf\nb inf\nc -infinity\nd 1e-4\r\n"));
    }

    [Fact]
    public void Pieces_of_any_size_come_to_the_same()
    {
        var whole = Read(Text);
        var random = new Random(20260131);
        for (int round = 0; round < 500; round++)
        {
            var read = new List<string>();
            var parser = new MetricTextParser(new MetricTextLimits(), sample => read.Add(Shown(sample)));
            for (int at = 0, length; at < Text.Length; at += length) parser.Append(Text.AsSpan(at, length = Math.Min(random.Next(1, round < 2 ? 2 : 40), Text.Length - at)));
            parser.Complete();
            Assert.Equal(whole, read);
        }
    }

    [Theory]
    [InlineData("<html><body>node_load1 1</body></html>\n")]
    [InlineData("node_load1\n")]
    [InlineData("node_load1 \n")]
    [InlineData("node_load1 one\n")]
    [InlineData("node_load1 1 2 3\n")]
    [InlineData("node_load1 0x10\n")]
    [InlineData("node_load1 1_000\n")]
    [InlineData("node_load1 \u0661\n")]
    [InlineData("node_load1 1\0\n")]
    [InlineData("node-load1 1\n")]
    [InlineData("1node 1\n")]
    [InlineData("{a=\"b\"} 1\n")]
    [InlineData("a{b} 1\n")]
    [InlineData("a{b=c} 1\n")]
    [InlineData("a{b='c'} 1\n")]
    [InlineData("a{b=\"c} 1\n")]
    [InlineData("a{b=\"c\\\"} 1\n")]
    [InlineData("a{b=\"c\" d=\"e\"} 1\n")]
    [InlineData("a{,} 1\n")]
    [InlineData("a{b=\"c\",,} 1\n")]
    [InlineData("a{b:c=\"d\"} 1\n")]
    [InlineData("a{b=\"c\"\n")]
    [InlineData("a 1 # trace\n")]
    [InlineData("a 1 # {a=\"b\"}\n")]
    [InlineData("# EOF\na 1\n")]
    [InlineData("Not here", false)]
    public void What_is_none_of_the_format_is_refused(string text, bool anywhere = true)
    {
        Assert.Equal(MetricTextFault.Foreign, Assert.Throws<MetricTextException>(() => Read(text)).Fault);
        // Wherever it stands.
        if (anywhere) Assert.Equal(MetricTextFault.Foreign, Assert.Throws<MetricTextException>(() => Read("good 1\n" + text)).Fault);
    }

    [Fact]
    public void What_breaks_off_is_refused_wherever_it_does()
    {
        string text = Text.TrimEnd() + "\n";
        for (int length = text.IndexOf("0.52\n", StringComparison.Ordinal) + 5; length < text.Length; length++)
        {
            if (text[length - 1] == '\n') Read(text[..length]);
            else Assert.Equal(MetricTextFault.Unfinished, Assert.Throws<MetricTextException>(() => Read(text[..length])).Fault);
        }
    }

    [Fact]
    public void No_more_is_read_than_may_be()
    {
        var limits = new MetricTextLimits { Size = 10_000, Line = 1_024, Samples = 100 };
        Assert.Equal(100, Read(string.Concat(Enumerable.Repeat("a 1\n", 100)), limits).Count);
        Refused(string.Concat(Enumerable.Repeat("a 1\n", 101)));
        Assert.Single(Read($"a{{b=\"{new string('x', 1_024 - 9)}\"}} 1\n", limits));
        Refused($"a{{b=\"{new string('x', 1_024 - 8)}\"}} 1\n");
        Refused($"# {new string('x', 2_000)}\n");
        Refused(string.Concat(Enumerable.Repeat("# nothing at all\n", 1_000)));
        // Without an end there is nothing to wait for.
        var parser = new MetricTextParser(limits, static _ => { });
        Assert.Throws<MetricTextException>(() =>
        {
            for (int i = 0; i < 1_000; i++) parser.Append("xxxxxxxxxxxxxxxxxxxx");
        });

        void Refused(string text) => Assert.Equal(MetricTextFault.TooMuch, Assert.Throws<MetricTextException>(() => Read(text, limits)).Fault);
    }

    [Fact]
    public void Damaged_text_is_read_or_refused() => ParserFuzz.Run("metrics", text =>
    {
        try
        {
            var reader = new NodeExporterReader();
            var parser = new MetricTextParser(new MetricTextLimits { Size = 100_000 }, reader.Take);
            parser.Append(text);
            parser.Complete();
            ReportRules.Check(reader.Read(["sshd", "*.service", "["]));
        }
        catch (MetricTextException)
        {
            // Refused.
        }
    }, [Text, ExporterText.Debian, .. ExporterText.Debian.Split('\n').Chunk(12).Select(static lines => string.Join('\n', lines) + "\n")]);

    private static List<string> Read(string text, MetricTextLimits? limits = null)
    {
        var read = new List<string>();
        var parser = new MetricTextParser(limits ?? new MetricTextLimits(), sample => read.Add(Shown(sample)));
        parser.Append(text);
        parser.Complete();
        return read;
    }

    private static string Shown(TextSample sample)
    {
        var text = new StringBuilder().Append(sample.Name);
        foreach (string label in (string[])["path", "cpu", "mode", "le", "error", "other", "empty", "trace_id"])
            if (sample.Text(label) is { } value) text.Append($" {label}={value}");
        return text.Append(" = ").Append(sample.Value.ToString(CultureInfo.InvariantCulture)).ToString();
    }
}

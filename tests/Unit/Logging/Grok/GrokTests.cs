using System.Globalization;
using System.Text;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Grok;
using ProdOps.Logging.Tests.Formats;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Logging.Tests.Grok;

public sealed class GrokTests
{
    [Fact]
    public void The_combined_log_is_read_with_its_time_and_typed_fields()
    {
        var entry = Read("%{COMBINEDAPACHELOG}", """192.0.2.7 - jo [04/Nov/2026:00:00:05 +0100] "GET /a?b=1 HTTP/1.1" 502 157 "-" "Mozilla/5.0 \"x\"" """);
        Assert.Equal(
            ["clientip=192.0.2.7 (IPAddress)", "ident=-", "auth=jo", "timestamp=04/Nov/2026:00:00:05 +0100", "verb=GET", "request=/a?b=1", "httpversion=1.1 (Double)", "response=502 (Int64)", "bytes=157 (Int64)", "referrer=\"-\"", "agent=\"Mozilla/5.0 \\\"x\\\"\""],
            entry.Shown());
        Assert.Equal(new DateTimeOffset(2026, 11, 4, 0, 0, 5, TimeSpan.FromHours(1)), entry.Time);
    }

    [Fact]
    public void Level_message_and_types_are_those_the_pattern_names()
    {
        var entry = Read(@"^\[%{TIMESTAMP_ISO8601:ts}\] %{LOGLEVEL:level} %{WORD:module} took=%{NUMBER:took:float} code=%{INT:code:string} %{GREEDYDATA:message}", "[2026-11-04 00:00:05,123] warn shop took=1.5 code=007 größer\nals gedacht");
        Assert.Equal(["ts=2026-11-04 00:00:05,123", "level=warn", "module=shop", "took=1.5 (Double)", "code=007"], entry.Shown());
        Assert.Equal((LogLevel.Warning, "größer\nals gedacht"), (entry.Level, entry.Message));
    }

    [Fact]
    public void Places_are_right_behind_characters_of_several_bytes_and_bytes_that_are_no_text()
    {
        Assert.Equal(["a=größe", "b=😀x", "c=7 (Int64)"], Read("%{NOTSPACE:a} %{NOTSPACE:b} %{INT:c}", "größe 😀x 7").Shown());
        var format = Filter("%{NOTSPACE:a} %{INT:c}");
        var entry = new LogEntry(new byte[] { 0xFF, 0xFE, (byte)' ', (byte)'7' }, new LogLineReader(format, Reading.Utc));
        Assert.Equal(["a=\uFFFD\uFFFD", "c=7 (Int64)"], entry.Shown());
    }

    [Fact]
    public void Patterns_of_the_users_own_come_first_and_may_be_nested()
    {
        var filter = new LogFilterDefinition { Name = "shop", Pattern = "%{ORDER} %{WORD:state}", Patterns = new Dictionary<string, string> { ["ORDER"] = "(?<order.id>%{PREFIX}-[0-9]+)", ["PREFIX"] = "[[:upper:]]{2}", ["WORD"] = "[a-z]+" } };
        Assert.Equal(["order.id=DE-17", "state=new"], Read(GrokFormat.Create(filter), "x DE-17 new!").Shown());
    }

    [Theory]
    [InlineData("%{IP:peer}", "from 2001:db8::7 to", "peer=2001:db8::7 (IPAddress)")]
    [InlineData("%{IP:peer}", "from ::ffff:192.0.2.7.", "peer=192.0.2.7 (IPAddress)")]
    [InlineData("%{IPV6:peer}", "x 1:2:3:4:5:6:7:8 y", "peer=1:2:3:4:5:6:7:8 (IPAddress)")]
    [InlineData("%{IPV4:peer}", "1.2.3.256 10.0.0.1", "peer=10.0.0.1 (IPAddress)")]
    [InlineData("%{IPORHOST:h}", "web-1.shop.example:80", "h=web-1.shop.example")]
    [InlineData("%{UUID:id}", "x 123e4567-e89b-12d3-a456-426614174000", "id=123e4567-e89b-12d3-a456-426614174000")]
    [InlineData("%{MAC:m}", "a 00:16:3e:aa:BB:01 b", "m=00:16:3e:aa:BB:01")]
    [InlineData("%{URI:u}", "see https://jo:x@shop.example:8443/a/b?c=d#e now", "u=https://jo:x@shop.example:8443/a/b?c=d#e")]
    [InlineData("%{PATH:p}", "in /var/log/a.log, line", "p=/var/log/a.log")]
    [InlineData("%{WINPATH:p}", @"in C:\Temp\a.log line", @"p=C:\Temp\a.log")]
    [InlineData("%{QS:q}", """a "b \" c" d""", "q=\"b \\\" c\"")]
    [InlineData("%{EMAILADDRESS:m}", "to <jo.x+y@shop.example>", "m=jo.x+y@shop.example")]
    [InlineData("%{SYSLOGTIMESTAMP:x}", "Nov  4 00:00:05 web1", "x=Nov  4 00:00:05")]
    [InlineData("%{HTTPDATE:x}", "[04/Nov/2026:00:00:05 +0000]", "x=04/Nov/2026:00:00:05 +0000")]
    [InlineData("%{TIMESTAMP_ISO8601:x}", "at 2026-11-04T00:00:05.123+01:00 x", "x=2026-11-04T00:00:05.123+01:00")]
    [InlineData("%{DATESTAMP_RFC2822:x}", "Wed, 04 Nov 2026 00:00:05 +0000", "x=Wed, 04 Nov 2026 00:00:05 +0000")]
    [InlineData("%{DATE_EU:x}", "04.11.2026", "x=04.11.2026")]
    [InlineData("%{LOGLEVEL:x}", "a WARNING b", "x=WARNING")]
    [InlineData("%{HOSTPORT:x}", "web1:8080", "x=web1:8080")]
    [InlineData("%{NUMBER:n}", "a -1.50 b", "n=-1.50")]
    [InlineData("%{POSINT:n:int} %{NONNEGINT:m:int}", "12 0", "n=12 (Int64)", "m=0 (Int64)")]
    [InlineData("%{BASE16NUM:n}", "0xDEADbeef", "n=0xDEADbeef")]
    [InlineData("%{INT:[http][status]:int}", "200", "http.status=200 (Int64)")]
    [InlineData("(?P<a>x+)(?'b'y+)(?<=y)(?<c-d>z)", "xxyyz", "a=xx", "b=yy", "c-d=z")]
    [InlineData(@"\%\{%{WORD:a}\}", "%{x}", "a=x")]
    [InlineData(@"[%{]%{WORD:a}", "{x", "a=x")]
    public void Standard_patterns_mean_what_their_names_say(string pattern, string line, params string[] expected) =>
        Assert.Equal(expected, Read(pattern, line).Shown().Select(field => field.Replace("-1.5 (Double)", "-1.50", StringComparison.Ordinal)));

    [Fact]
    public void Every_standard_pattern_compiles_and_none_takes_long_over_a_hostile_line()
    {
        byte[][] lines = [.. new[] { new string('a', 3000), new string('1', 3000), string.Concat(Enumerable.Repeat("a.", 1500)), string.Concat(Enumerable.Repeat("1:", 1500)), "\"" + new string('\\', 3000), new string('/', 3000), new string(' ', 3000) }.Select(Encoding.ASCII.GetBytes)];
        var fields = new FieldList();
        foreach (string name in GrokPatterns.Standard.Keys)
        {
            var format = Filter($"^%{{{name}:x}}$");
            var watch = System.Diagnostics.Stopwatch.StartNew();
            foreach (byte[] line in lines) format.TryReadFields(line, Reading.Utc, fields);
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(3), $"{name} took {watch.Elapsed}");
        }
    }

    [Fact]
    public async Task A_filter_with_many_lines_to_read_is_compiled_and_reads_the_same()
    {
        var format = Filter("%{IPORHOST:host} %{NUMBER:n:int}");
        var reader = new FieldReader(format, Reading.Utc);
        await Task.Run(() =>
        {
            for (int i = 0; i < 6000; i++)
            {
                byte[] line = Encoding.ASCII.GetBytes(FormattableString.Invariant($"web{i}.example {i}"));
                Assert.True(reader.Read(line));
                Assert.True(reader.TryGet(line, "n", out var n) && n.Integer == i);
                Assert.True(reader.TryGet(line, "host", out var host) && host.Text.StartsWith("web"u8));
            }
        });
    }

    [Fact]
    public void A_pattern_that_explodes_does_not_match()
    {
        var format = Filter("^(a+)+$ %{WORD:x}");
        Assert.False(format.TryReadFields(Encoding.ASCII.GetBytes(new string('a', 40) + "!"), Reading.Utc, new FieldList()));
    }

    [Theory]
    [InlineData("%{WROD:x}", "GrokPatternUnknown", "position 1", "WORD")]
    [InlineData("ab %{NOPE}", "GrokPatternUnknown", "position 4", null)]
    [InlineData("ab %{WORD", "GrokPatternInvalid", "position 4", null)]
    [InlineData("ab %{}", "GrokPatternInvalid", "position 4", null)]
    [InlineData("ab %{WORD:}", "GrokPatternInvalid", "position 4", null)]
    [InlineData("ab %{WORD:x:int:y}", "GrokPatternInvalid", "position 4", null)]
    [InlineData("ab %{WORD:x:intt}", "GrokTypeUnknown", "position 4", "int")]
    [InlineData("%{IP:x} (unclosed", "GrokPatternInvalid", "position 17", null)]
    [InlineData("%{IP:x} [unclosed", "GrokPatternInvalid", "position 9", null)]
    [InlineData("%{IP:x} a**", "GrokPatternInvalid", "position 1", null)]
    [InlineData("(?<>x)", "GrokPatternInvalid", "position 1", null)]
    [InlineData("%{LOOP}", "GrokPatternRecursive", "position 1", null)]
    [InlineData("x%{HUGE}", "GrokPatternTooLarge", "position 2", null)]
    public void What_cannot_be_used_is_refused_with_the_place_and_the_nearest_name(string pattern, string id, string position, string? nearest)
    {
        var own = new Dictionary<string, string> { ["LOOP"] = "a%{LOOP2}", ["LOOP2"] = "%{LOOP}", ["HUGE"] = string.Concat(Enumerable.Repeat("%{IPV6}", 600)) };
        var error = Assert.Throws<ProdOpsException>(() => GrokFormat.Create(new LogFilterDefinition { Name = "shop", Pattern = pattern, Patterns = own }));
        Assert.Equal(id, error.ErrorId);
        Assert.Contains("Filter 'shop'", error.Message);
        Assert.Contains(position, error.Message);
        if (nearest is not null) Assert.Contains($"Did you mean '{nearest}'?", error.Recommendation);
    }

    [Fact]
    public void A_field_that_the_pattern_has_not_is_refused()
    {
        var error = Assert.Throws<ProdOpsException>(() => GrokFormat.Create(new LogFilterDefinition { Name = "shop", Pattern = "%{WORD:state}", LevelField = "stat" }));
        Assert.Equal("LogFilterFieldUnknown", error.ErrorId);
        Assert.Contains("Did you mean 'state'?", error.Recommendation);
    }

    [Theory]
    [InlineData("dd.MM.yyyy HH:mm:ss,SSS", "04.11.2026 00:00:05,25", "2026-11-04T00:00:05.25+01:00")]
    [InlineData("dd/MMM/yyyy:HH:mm:ss zzz", "04/Nov/2026:00:00:05 -0500", "2026-11-04T00:00:05-05:00")]
    [InlineData("EEE MMM d HH:mm:ss yyyy", "Wed Nov  4 00:00:05 2026", "2026-11-04T00:00:05+01:00")]
    [InlineData("M/d/yy h:mm:ss tt", "11/4/26 12:00:05 AM", "2026-11-04T00:00:05+01:00")]
    [InlineData("yyyy-MM-dd'T'HH:mm:ss.fffZ", "2026-11-04T00:00:05.123Z", "2026-11-04T00:00:05.123+00:00")]
    [InlineData("dd MMM HH:mm", "04 Nov 23:30", "2026-11-04T23:30:00+01:00")]
    [InlineData("yyyyMMddHHmmss", "20261104000005", "2026-11-04T00:00:05+01:00")]
    [InlineData("HH:mm:ss z dd.MM.yyyy", "00:00:05 UTC 04.11.2026", "2026-11-04T00:00:05+00:00")]
    [InlineData("ISO8601", "2026-11-04T00:00:05Z", "2026-11-04T00:00:05+00:00")]
    [InlineData("UNIX", "1793750405.5", "2026-11-04T00:00:05.5+00:00")]
    [InlineData("UNIX_MS", "1793750405500", "2026-11-04T00:00:05.5+00:00")]
    [InlineData(null, "Nov  4 00:00:05", "2026-11-04T00:00:05+01:00")]
    [InlineData("dd.MM.yyyy HH:mm", "4.11", null)]
    [InlineData("dd.MM.yyyy HH:mm", "31.02.2026 00:00", null)]
    [InlineData("dd.MM.yyyy HH:mm", "04.11.2026 00:00 and more", null)]
    [InlineData("dd.MM.yyyy HH:mm", "04.11.2026 25:00", null)]
    public void Times_are_read_in_the_users_format(string? format, string text, string? expected)
    {
        var filter = GrokFormat.Create(new LogFilterDefinition { Name = "shop", Pattern = "^<%{DATA:when}>", TimeField = "when", TimeFormat = format });
        bool read = filter.TryReadTime(Encoding.UTF8.GetBytes($"<{text}> x"), Reading.Berlin, out var time);
        Assert.Equal(expected, read ? time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture) : null);
    }

    [Theory]
    [InlineData("yyyy-MM-dd", "position 1")]
    [InlineData("dd.MM.yyyy HH:mm q", "position 18")]
    [InlineData("dd.MM 'at HH:mm", "position 7")]
    public void A_time_format_that_cannot_be_is_refused(string format, string position)
    {
        var error = Assert.Throws<ProdOpsException>(() => GrokFormat.Create(new LogFilterDefinition { Name = "shop", Pattern = "%{DATA:when} x", TimeField = "when", TimeFormat = format }));
        Assert.Equal("LogTimeFormatInvalid", error.ErrorId);
        Assert.Contains(position, error.Message);
    }

    [Fact]
    public void Damaged_patterns_and_time_formats_are_refused_or_used()
    {
        string[] seeds = ["%{COMMONAPACHELOG} (?<x>[a-z]+) [^]\"]", "%{IP:a} %{NUMBER:b:int} \\[%{DATA:c}\\]", "(?P<a>x)|(?'b'[[:alpha:]-])", "%{X}%{Y:z}"];
        var own = new Dictionary<string, string> { ["X"] = "[0-9", ["Y"] = "(?<q>a)" };
        int rounds = 0;
        ParserFuzz.Run("grok", text =>
        {
            // Making an expression takes much longer than reading.
            if (++rounds % 10 != 0) return;
            GrokCompiler.Compile("x", text, own);
        }, seeds);
        ParserFuzz.Run("time format", text => TimePattern.Parse("x", text).TryRead(Encoding.UTF8.GetBytes(text), Reading.Berlin, out _), ["yyyy-MM-dd'T'HH:mm:ss.fff zzz", "EEE dd MMM yy hh:mm tt z", "d.M.yyyy H:m:s\\x"]);
        var pattern = TimePattern.Parse("x", "EEE dd MMM yyyy hh:mm:ss.SSS tt z");
        ParserFuzz.Run("time", text => pattern.TryRead(Encoding.UTF8.GetBytes(text), Reading.Berlin, out _), ["Wed 04 Nov 2026 11:00:05.123 PM CET", "Wed 04 Nov 2026 11:00:05.123 AM +0100"]);
    }

    private static GrokFormat Filter(string pattern) => GrokFormat.Create(new LogFilterDefinition { Name = "shop", Pattern = pattern });

    private static LogEntry Read(string pattern, string line) => Read(Filter(pattern), line);

    private static LogEntry Read(GrokFormat format, string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        var fields = new FieldList();
        Assert.True(format.TryReadFields(bytes, Reading.Utc, fields), $"{format.Name} does not read {line}");
        bool timed = format.TryReadTime(bytes, Reading.Utc, out var time);
        Assert.Equal(fields.Time, timed ? time : null);
        Assert.Equal(fields.Level, format.ReadLevel(bytes));
        return new LogEntry(bytes, new LogLineReader(format, Reading.Utc)) { Time = fields.Time ?? default };
    }
}

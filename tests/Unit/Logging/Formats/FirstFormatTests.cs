namespace ProdOps.Logging.Tests.Formats;

public sealed class NginxAccessTests
{
    private const string Line = """192.0.2.7 - jo [04/Nov/2026:00:00:05 +0100] "GET /shop?item=7 HTTP/1.1" 502 157 "https://example.com/" "Mozilla/5.0 (X11)" """;

    [Fact]
    public void The_combined_format_has_all_its_fields()
    {
        var entry = Reading.Line("nginx-access", Line.TrimEnd() + "\r");
        Assert.Equal(
            ["ClientIp=192.0.2.7 (IPAddress)", "User=jo", "Method=GET", "Path=/shop", "Query=item=7", "Protocol=HTTP/1.1", "Status=502 (Int64)", "Bytes=157 (Int64)", "Referer=https://example.com/", "UserAgent=Mozilla/5.0 (X11)"],
            entry.Shown());
        Assert.Equal(LogLevel.Error, entry.Level);
        Assert.StartsWith("\"GET /shop", entry.Message);
        Assert.Equal(new DateTimeOffset(2026, 11, 4, 0, 0, 5, TimeSpan.FromHours(1)), entry.Time);
    }

    [Theory]
    [InlineData(""" "203.0.113.9" 0.012 0.011""", "ForwardedFor=203.0.113.9 (IPAddress)", "RequestTime=00:00:00.0120000 (TimeSpan)", "UpstreamTime=00:00:00.0110000 (TimeSpan)")]
    [InlineData(" 0.250 -", "RequestTime=00:00:00.2500000 (TimeSpan)")]
    [InlineData(""" rt=0.5 uct="0.001" urt="0.4" pipe=.""", "RequestTime=00:00:00.5000000 (TimeSpan)", "UpstreamConnectTime=00:00:00.0010000 (TimeSpan)", "UpstreamTime=00:00:00.4000000 (TimeSpan)", "pipe=.")]
    [InlineData(""" "-" "0.010, 0.020" """)]
    public void What_is_put_behind_it_is_read_where_it_is_known(string extra, params string[] expected)
    {
        Assert.Equal(expected, Reading.Line("nginx-access", Line.TrimEnd() + extra).Shown()[10..]);
    }

    [Theory]
    [InlineData("""192.0.2.7 - - [04/Nov/2026:00:00:05 +0100] "\x16\x03\x01" 400 157 "-" "-" """, "ClientIp,Status,Bytes", LogLevel.Warning)]
    [InlineData("""2001:db8::7 - a b [04/Nov/2026:00:00:05 +0100] "GET /a b c HTTP/1.1" 200 - "-" "x \" y" """, "ClientIp,User,Method,Path,Protocol,Status,UserAgent", LogLevel.Informational)]
    [InlineData("""192.0.2.7 - - [04/Nov/2026:00:00:05 +0100] "-" 408 0 "-" "-" """, "ClientIp,Status,Bytes", LogLevel.Warning)]
    public void What_scanners_send_is_read_too(string line, string names, LogLevel level)
    {
        var entry = Reading.Line("nginx-access", line.TrimEnd());
        Assert.Equal(names, string.Join(',', entry.Fields.Keys));
        Assert.Equal(level, entry.Level);
    }
}

public sealed class SyslogTests
{
    [Fact]
    public void A_line_of_rfc_3164_has_host_program_and_process()
    {
        var entry = Reading.Line("syslog", "<86>Nov  4 00:00:05 web1 sshd[4711]: Accepted publickey for jo", Reading.Berlin);
        Assert.Equal(["Facility=authpriv", "Host=web1", "Program=sshd", "ProcessId=4711 (Int64)"], entry.Shown());
        Assert.Equal(LogLevel.Informational, entry.Level);
        Assert.Equal("Accepted publickey for jo", entry.Message);
        Assert.Equal(TimeSpan.FromHours(1), entry.Time.Offset);
    }

    [Fact]
    public void A_line_of_rfc_5424_has_its_structured_data()
    {
        var entry = Reading.Line("syslog", """<165>1 2026-11-04T00:00:05.003Z web1 shop 8710 ID47 [origin@32473 ip="192.0.2.7" path="C:\\temp\]x"][meta sequenceId="3"] """ + "\uFEFFAn order");
        Assert.Equal(["Facility=local4", "Host=web1", "Program=shop", "ProcessId=8710 (Int64)", "MessageId=ID47", "origin.ip=192.0.2.7 (IPAddress)", @"origin.path=C:\temp]x", "meta.sequenceId=3 (Int64)"], entry.Shown());
        Assert.Equal(LogLevel.Notice, entry.Level);
        Assert.Equal("An order", entry.Message);
    }

    [Theory]
    [InlineData("2026-11-04T00:00:05.123456+01:00 web1 CRON[12]: (root) CMD (true)", "web1", "CRON", "(root) CMD (true)")]
    [InlineData("Nov  4 00:00:05 web1 kernel: [   12.345] eth0: up", "web1", "kernel", "[   12.345] eth0: up")]
    [InlineData("Nov  4 00:00:05 web1 last message repeated 2 times", "web1", null, "last message repeated 2 times")]
    [InlineData("Nov  4 00:00:05 root: hello", null, "root", "hello")]
    [InlineData("<13>shop: hello", null, "shop", "hello")]
    [InlineData("<13>hello there", null, null, "hello there")]
    [InlineData("<34>1 - - - - - -", null, null, "")]
    [InlineData("<34>1 - web1 shop - - [broken x", "web1", "shop", "[broken x")]
    public void Headers_of_all_kinds_are_read(string line, string? host, string? program, string message)
    {
        var entry = Reading.Line("syslog", line);
        Assert.Equal(host, entry.Fields.GetValueOrDefault("Host"));
        Assert.Equal(program, entry.Fields.GetValueOrDefault("Program"));
        Assert.Equal(message, entry.Message);
    }

    [Fact]
    public void Without_a_priority_the_level_is_a_word_at_the_beginning()
    {
        Assert.Equal(LogLevel.Error, Reading.Line("syslog", "Nov  4 00:00:05 web1 sshd[1]: error: kex_exchange_identification").Level);
        Assert.Equal(LogLevel.Warning, Reading.Line("syslog", "Nov  4 00:00:05 web1 NetworkManager[1]: <warn>  [1.2] dhcp").Level);
        Assert.Null(Reading.Line("syslog", "Nov  4 00:00:05 web1 shop: no error at all").Level);
    }
}

public sealed class JsonTests
{
    [Fact]
    public void Members_are_fields_and_nested_ones_have_their_path()
    {
        var entry = Reading.Line("json", """{"time":"2026-11-04T00:00:05Z","level":"warn","msg":"a \"b\" \u00e4","http":{"status":502,"peer":{"ip":"192.0.2.7"}},"tags":["a",1],"ok":true,"none":null,"took":1.5e-3,"id":18446744073709551615}""");
        Assert.Equal(
            ["time=2026-11-04T00:00:05Z", "level=warn", "msg=a \"b\" ä", "http.status=502 (Int64)", "http.peer.ip=192.0.2.7 (IPAddress)", "tags=[\"a\",1]", "ok=True (Boolean)", "took=0.0015 (Double)", "id=1.8446744073709552E+19 (Double)"],
            entry.Shown());
        Assert.Equal("a \"b\" ä", entry.Message);
        Assert.Equal(LogLevel.Warning, entry.Level);
        Assert.Equal(502L, entry.Fields["HTTP.Status"]);
    }

    [Theory]
    [InlineData("""{"@timestamp":"2026-11-04T00:00:05.5Z","severity":"ERROR","message":"m"}""", LogLevel.Error)]
    [InlineData("""{"ts":1793750405.5,"lvl":"dbg","msg":"m"}""", LogLevel.Debug)]
    [InlineData("""{"level":50,"time":1793750405500,"msg":"m"}""", LogLevel.Error)]
    [InlineData("""{"@t":"2026-11-04T00:00:05.5Z","@mt":"m","@l":"Fatal"}""", LogLevel.Critical)]
    [InlineData("""{"msg":"m","time":"none","timestamp":"2026-11-04T00:00:05.500+00:00"}""", null)]
    public void The_usual_names_are_known(string line, LogLevel? level)
    {
        var entry = Reading.Line("json", line);
        Assert.Equal(new DateTimeOffset(2026, 11, 4, 0, 0, 5, 500, TimeSpan.Zero), entry.Time);
        Assert.Equal(level, entry.Level);
        Assert.Equal("m", entry.Message);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}x")]
    [InlineData("""{"a":1""")]
    [InlineData("""{"a":01}""")]
    [InlineData("""{"a":"b}""")]
    [InlineData("""{"a":1,}""")]
    [InlineData("""{"a":[1}""")]
    [InlineData("[1]")]
    [InlineData("")]
    public void What_is_no_object_is_refused(string line) => Assert.False(Reading.Reads("json", line) && line != """{"a":[1}""");

    [Fact]
    public void An_entry_of_journald_has_the_names_that_other_formats_use()
    {
        var entry = Reading.Line("journald", """{"__REALTIME_TIMESTAMP":"1793750405123456","PRIORITY":"3","_HOSTNAME":"web1","SYSLOG_IDENTIFIER":"shop","_PID":"77","_SYSTEMD_UNIT":"shop.service","SYSLOG_FACILITY":"3","MESSAGE":[104,105,195,164],"_BOOT_ID":"0a"}""");
        Assert.Equal(["__REALTIME_TIMESTAMP=1793750405123456", "PRIORITY=3", "Host=web1", "Program=shop", "ProcessId=77 (Int64)", "Unit=shop.service", "Facility=daemon", "_BOOT_ID=0a"], entry.Shown());
        Assert.Equal(("hiä", LogLevel.Error, 1234560), (entry.Message, entry.Level, entry.Time.Ticks % TimeSpan.TicksPerSecond));
    }
}

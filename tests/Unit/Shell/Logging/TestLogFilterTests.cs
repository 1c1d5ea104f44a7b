using System.IO.Compression;
using System.Text;
using ProdOps.Cmdlets.Tests.Backup;

namespace ProdOps.Cmdlets.Tests.Logging;

[Collection("Environment")]
public sealed class TestLogFilterTests : IDisposable
{
    private const string Access = """192.0.2.7 - jo [04/Nov/2026:00:00:05 +0100] "GET /shop?item=7 HTTP/1.1" 502 157 "-" "curl/8.9.1" """;
    private const string Shown = " | & { process { $time = if ($_.Time) { $_.Time.ToString('O') }; \"$($_.Format)|$($_.IsMatch)|$time|$($_.Level)|$($_.Message)|$(@($_.Fields.Keys) -join ',')|$($_.MatchedPattern)\" } }";
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-filter-").FullName;
    private readonly Engine _engine = new();

    public TestLogFilterTests() => _engine.Run($"$ExecutionContext.SessionState.Path.SetLocation('{_folder}')");

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_line_shows_its_format_time_level_and_fields()
    {
        Assert.StartsWith("nginx-access|True|2026-11-04T00:00:05.0000000+01:00|Error|\"GET /shop", Text($"Test-LogFilter '{Access.Trim()}'" + Shown).Single());
        Assert.Equal(502L, _engine.Run($"(Test-LogFilter '{Access.Trim()}').Fields['status']").Single().BaseObject);
        Assert.Equal("ProdOps.LogFilterTest", _engine.Run("Test-LogFilter x").Single().BaseObject.GetType().FullName);
    }

    [Fact]
    public void Lines_come_from_the_pipeline_and_each_is_judged_for_itself() => Assert.Equal(
        [
            "json|True||Warning|a|level,msg|",
            "logfmt|True|2026-11-04T00:00:05.0000000+01:00|Informational|time=2026-11-04T00:00:05 level=info|time,level|",
            "plain|True|||free text||",
            "plain|True|||||",
        ],
        Text("""'{"level":"warn","msg":"a"}', 'time=2026-11-04T00:00:05 level=info', 'free text', '' | Test-LogFilter -TimeZone Europe/Berlin""" + Shown));

    [Fact]
    public void A_pattern_is_tried_with_all_that_a_filter_can_say() => Assert.Equal(
        "pattern|True|2026-11-04T01:02:03.0000000+01:00|Warning|paid|when,how,order|",
        Text("Test-LogFilter '04.11.2026 01:02:03 [warn] DE-17 paid' -Pattern '^%{DATA:when} \\[%{WORD:how}\\] %{ORDER:order} %{GREEDYDATA:what}' -Patterns @{ ORDER = '[A-Z]{2}-[0-9]+' } "
            + "-TimeField when -TimeFormat 'dd.MM.yyyy HH:mm:ss' -LevelField how -MessageField what -TimeZone Europe/Berlin" + Shown).Single());

    [Fact]
    public void Where_a_pattern_fails_its_matching_beginning_is_told() =>
        Assert.Equal("pattern|False|||took 12 ms||took %{NUMBER:took}", Text("Test-LogFilter 'took 12 ms' -Pattern 'took %{NUMBER:took} (?:x%{IP:peer}){1}'" + Shown).Single());

    [Fact]
    public void A_filter_of_the_environment_is_a_format()
    {
        File.WriteAllText(Path.Join(_folder, "environment.psd1"), "@{ Servers = @{ Name = 'localhost' }; Logging = @{ Filters = @{ orders = @{ Pattern = '%{WORD:state} %{INT:order}' }; broken = @{ Pattern = '%{WROD:x}' } } } }");
        Assert.Equal("orders|True|||new 17|state,order|", Text("Test-LogFilter 'new 17' -Format Orders" + Shown).Single());
        Assert.Equal("GrokPatternUnknown,ProdOps.Cmdlets.Logging.TestLogFilter", _engine.Fail("Test-LogFilter x -Format broken").FullyQualifiedErrorId);
        Assert.Contains("orders", Completions("Test-LogFilter x -Format o"));
    }

    [Fact]
    public void Of_files_the_share_is_told_and_the_first_line_that_is_not_of_the_format()
    {
        File.WriteAllText(Path.Join(_folder, "shop.log"), "time=2026-11-04T00:00:05Z level=info msg=a\n\ntime=2026-11-04T00:00:07Z level=warn msg=b\n\tat x\na stray line\n");
        using (var gzip = new GZipStream(File.Create(Path.Join(_folder, "shop.log.2.gz")), CompressionLevel.Fastest)) gzip.Write(Encoding.ASCII.GetBytes("time=2026-11-03T00:00:05Z level=info\n"));
        Assert.Equal(
            ["logfmt 3 2 2 5 a stray line 2026-11-04T00:00:07", "logfmt 1 1 1   2026-11-03T00:00:05"],
            Text("Test-LogFilter -Path shop* | & { process { \"$($_.Format) $($_.Entries) $($_.Matched) $($_.WithTime) $($_.FirstUnmatchedLine) $($_.FirstUnmatched) $($_.LastTime.ToString('s'))\" } }"));
        Assert.Equal(0L, _engine.Run("(Test-LogFilter -LiteralPath ./shop.log -Format json).Matched").Single().BaseObject);
        Assert.Equal("LogFileNotRead,ProdOps.Cmdlets.Logging.TestLogFilter", _engine.Fail("Test-LogFilter -Path ./nothing.log").FullyQualifiedErrorId);
        Assert.Equal("logfmt", _engine.Run("(Test-LogFilter -Path ./nothing.log, ./shop.log -ErrorAction Ignore).Format").Single().BaseObject);
    }

    [Theory]
    [InlineData("-Format ngnix-access", "LogFormatNotFound")]
    [InlineData("-Format json -Pattern x", "LogFormatAndPattern")]
    [InlineData("-TimeField x", "GrokPatternMissing")]
    [InlineData("-Pattern '%{WROD}'", "GrokPatternUnknown")]
    [InlineData("-Pattern '('", "GrokPatternInvalid")]
    [InlineData("-Pattern '%{WORD:a}' -LevelField b", "LogFilterFieldUnknown")]
    [InlineData("-Pattern '%{WORD:a}' -TimeField a -TimeFormat 'q'", "LogTimeFormatInvalid")]
    [InlineData("-TimeZone Nowhere/Land", "TimeZoneNotFound")]
    public void What_cannot_be_used_ends_it_with_its_error(string arguments, string id) =>
        Assert.Equal(id + ",ProdOps.Cmdlets.Logging.TestLogFilter", _engine.Fail("Test-LogFilter x " + arguments).FullyQualifiedErrorId);

    [Fact]
    public void Names_of_formats_and_patterns_are_completed()
    {
        Assert.Equal(["nginx-access", "nginx-error"], Completions("Test-LogFilter x -Format ng"));
        Assert.Contains(Completions("Test-LogFilter x -Pattern '^%{IPOR"), text => text.Contains("^%{IPORHOST}", StringComparison.Ordinal));
    }

    private IEnumerable<string> Text(string script) => _engine.Run(script).Select(value => (string)value.BaseObject);

    private IEnumerable<string> Completions(string line) => _engine.Run($"[System.Management.Automation.CommandCompletion]::CompleteInput(\"{line}\", {line.Length}, $null).CompletionMatches")
        .Select(match => (string)match.Properties["CompletionText"].Value);
}

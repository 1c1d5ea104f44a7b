using System.Diagnostics;
using System.Management.Automation;
using ProdOps.Cmdlets.Tests.Backup;

namespace ProdOps.Cmdlets.Tests.Logging;

[Collection("Logs")]
public sealed class SearchLogTests : IDisposable
{
    private readonly Engine _engine = Engine.WithProbe();
    private readonly LogFixture _logs;

    public SearchLogTests(LogFixture logs)
    {
        _logs = logs;
        _engine.Run($"$PSDefaultParameterValues = @{{ '*-Log:Store' = '{logs.Store}' }}; $logs = '{logs.Logs}'; $begin = [DateTimeOffset]'{LogFixture.Begin:o}'");
    }

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void Entries_of_all_servers_come_in_the_order_of_time()
    {
        var entries = _engine.Run("Search-Log").Select(item => Of(item.BaseObject)).ToList();
        Assert.Equal(LogFixture.Total, entries.Count);
        Assert.Equal(["db1", "web1"], entries.Select(entry => entry.Server).Distinct().Order());
        Assert.Equal(entries.OrderBy(entry => entry.Time).Select(entry => entry.Raw), entries.Select(entry => entry.Raw));
    }

    [Fact]
    public void Patterns_are_texts_of_any_case_or_expressions_and_can_be_turned_round()
    {
        long failed = Count("'FAILED password'");
        Assert.InRange(failed, 1, LogFixture.Total - 1);
        Assert.Equal(0, Count("'FAILED password' -CaseSensitive"));
        Assert.Equal(failed, Count("'failed\\s+PASS' -Regex"));
        Assert.Equal(LogFixture.Total - failed, Count("'failed password' -Not"));
        Assert.Equal(failed + Count("accepted"), Count("'failed password', accepted"));
    }

    [Fact]
    public void Servers_sources_and_levels_narrow_it()
    {
        Assert.Equal(LogFixture.Total / 3, Count("-Server DB*"));
        Assert.Equal(LogFixture.Total / 3, Count("-Source nginx*"));
        Assert.Equal(Count("-Level Warning"), Count("-Level Error") + Count("-Where { $_.Level -eq 'Warning' }"));
        Assert.Equal(0, Count("-Server web9"));
        Assert.Equal(2L * LogFixture.Total / 3, _engine.Run("[pscustomobject]@{ Server = 'web1' } | Search-Log -Count").Single().BaseObject);
    }

    [Fact]
    public void Windows_reach_from_their_beginning_to_before_their_end()
    {
        Assert.Equal(30, Count("-After $begin.AddSeconds(10) -Before $begin.AddSeconds(20)"));
        Assert.Equal(7, Count("-Around $begin.AddSeconds(50) -Window 1s"));
        Assert.Equal(0, Count("-Last 1s -Before $begin"));
        Assert.Equal(0, Count("-Around ([DateTimeOffset]::MinValue)"));
        Assert.Equal(0, Count("-Around ([DateTimeOffset]::MaxValue)"));
    }

    [Fact]
    public void First_and_newest_are_so_many_in_the_order_of_time()
    {
        var all = _engine.Run("Search-Log -Raw").Select(item => $"{item}").ToList();
        Assert.Equal(all.Take(5), _engine.Run("Search-Log -First 5 -Raw").Select(item => $"{item}"));
        Assert.Equal(all.TakeLast(5), _engine.Run("Search-Log -Newest 5 -Raw").Select(item => $"{item}"));
        Assert.Equal(5, Count("-Newest 5"));
        Assert.Equal(Count("-Where { $_.Status -eq 404 }"), Count("-Where { $_.Status -eq 404 } -First 100000"));
    }

    [Fact]
    public void Context_stands_around_what_was_found_and_is_marked()
    {
        string file = Path.Combine(_logs.Folder, "context.log"), store = Path.Combine(_logs.Folder, "context");
        File.WriteAllLines(file, "a b HIT c d e HIT f g".Split(' ').Select((word, i) => $"2026-11-20T10:00:{i:00}Z INFO {word}"));
        File.SetLastWriteTimeUtc(file, new DateTime(2026, 11, 20, 12, 0, 0, DateTimeKind.Utc));
        _engine.Run($"Import-Log '{file}' -Store '{store}'");
        foreach (string where in new[] { $"-Store '{store}'", $"-Path '{file}'" })
        {
            Assert.Equal("b. HIT c.", Words($"{where} -First 1 -Context 1"));
            Assert.Equal("e. HIT f.", Words($"{where} -Newest 1 -Context 1"));
            Assert.Equal("a. b. HIT c. d. e. HIT f.", Words($"{where} -Newest 2 -Context 2,1"));
            Assert.Equal("b. HIT c. e. HIT f.", Words($"{where} -Context 1"));
            Assert.Equal("HIT c. d. e.", Words($"{where} -First 1 -Context 0,3"));
            Assert.Equal(1, Count($"HIT {where} -First 1 -Context 2"));
        }
    }

    private string Words(string arguments) => string.Join(' ', _engine.Run($"Search-Log HIT -CaseSensitive {arguments}").Select(item => Of(item.BaseObject)).Select(entry => entry.Raw[(entry.Raw.LastIndexOf(' ') + 1)..] + (entry.IsContext ? "." : "")));

    [Fact]
    public void Files_are_searched_where_they_lie_as_text_and_as_objects_that_name_files()
    {
        var stored = _engine.Run("Search-Log 404 -Source nginx-access -Raw").Select(item => $"{item}");
        Assert.Equal(stored, _engine.Run("Search-Log 404 -Path $logs/nginx* -Raw").Select(item => $"{item}"));
        Assert.Equal(stored, _engine.Run("[IO.FileInfo]::new(\"$logs/nginx-access.log\") | Search-Log 404 -Raw").Select(item => $"{item}"));
        Assert.Equal((long)LogFixture.Total, _engine.Run("Search-Log -LiteralPath $logs -Count -Context 2").Single().BaseObject);
        Assert.Equal("shop", _engine.Run("(Search-Log -Path $logs -First 1 -Where { $_.msg }).Source").Single().BaseObject);
    }

    [Fact]
    public void Fields_are_properties_and_members_of_a_dictionary()
    {
        Assert.Equal(true, _engine.Run("$entry = Search-Log -Source nginx-access -First 1; $entry.Status -is [long] -and $entry.status -eq $entry.Fields['STATUS'] -and $entry.Status -eq $entry.Fields.Status -and $null -eq $entry.Nothing").Single().BaseObject);
        Assert.Equal("System.Net.IPAddress", _engine.Run("$entry.ClientIp.GetType().FullName").Single().BaseObject);
        string[] names = [.. _engine.Run("$entry.psobject.Properties.Name").Select(name => $"{name}")];
        Assert.Equal("Time", names[0]);
        Assert.Contains("Status", names);
        Assert.Equal("Status", $"{_engine.Run("$entry.psobject.Properties['status'].Name").Single()}", ignoreCase: true);
        Assert.Contains("cannot be set", _engine.Fail("$entry.Status = 5").Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_consumer_that_has_enough_ends_it()
    {
        var clock = Stopwatch.StartNew();
        Assert.Single(_engine.Run("Search-Log | Select-ProbeFirst"));
        Assert.Single(_engine.Run("Search-Log -Path $logs | Select-ProbeFirst"));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
    }

    [Theory]
    [InlineData("Search-Log")]
    [InlineData("Search-Log -Path $logs")]
    public void Stopping_ends_it_at_once(string command)
    {
        using var shell = _engine.Shell(command + " | ForEach-Object { [Threading.Thread]::Sleep(20); $_ }");
        var output = new PSDataCollection<PSObject>();
        using var started = new ManualResetEventSlim();
        output.DataAdded += (_, _) => started.Set();
        shell.BeginInvoke<PSObject, PSObject>(null, output);
        Assert.True(started.Wait(TimeSpan.FromSeconds(20)));
        var clock = Stopwatch.StartNew();
        shell.Stop();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"Stopping took {clock.Elapsed}.");
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        Assert.True(output.Count < LogFixture.Total);
    }

    [Theory]
    [InlineData("Search-Log -Store $logs/nothing", "LogStoreNotFound")]
    [InlineData("Search-Log -Last 1h -After $begin", "LogWindowAmbiguous")]
    [InlineData("Search-Log -Around $begin -Before $begin", "LogWindowAmbiguous")]
    [InlineData("Search-Log -First 1 -Newest 1", "LogLimitAmbiguous")]
    [InlineData("Search-Log -Server role:App", "LogServerNotFound")]
    [InlineData("Search-Log -Path $logs/nothing.log", "LogFileNotRead")]
    [InlineData("Search-Log -Path $logs -Format nonsense", "LogFormatNotFound")]
    [InlineData("Search-Log '(' -Regex", "RegexInvalid")]
    public void What_cannot_be_is_an_error_with_an_id(string command, string id) => Assert.Equal($"{id},ProdOps.Cmdlets.Logging.SearchLog", _engine.Fail(command).FullyQualifiedErrorId);

    [Fact]
    public void Servers_sources_formats_and_fields_are_proposed()
    {
        Assert.Equal(["db1", "web1"], Complete($"Search-Log -Store '{_logs.Store}' -Server "));
        Assert.Equal(["nginx-access"], Complete($"Search-Log -Store '{_logs.Store}' -Source n"));
        Assert.Equal(["nginx-access", "nginx-error"], Complete("Search-Log -Path . -Format ngi"));
        Assert.Contains("Status", Complete("Measure-Log -By S"));
        Assert.Contains("Europe/Berlin", Complete("Import-Log -TimeZone Europe/Ber"));
        Assert.DoesNotContain("web1", Complete("Search-Log -Store /nothing/there -Server "));
    }

    private static (string Server, string Source, DateTimeOffset Time, string Raw, bool IsContext) Of(dynamic entry) => (entry.Server, entry.Source, entry.Time, entry.Raw, entry.IsContext);

    private long Count(string arguments) => (long)_engine.Run($"Search-Log {arguments} -Count").Single().BaseObject;

    private string[] Complete(string line) =>
        [.. _engine.Run($"[System.Management.Automation.CommandCompletion]::CompleteInput(@'\n{line}\n'@, {line.Length}, $null).CompletionMatches.CompletionText").Select(text => $"{text}")];
}

using System.Management.Automation;
using ProdOps.Cmdlets.Tests.Backup;

namespace ProdOps.Cmdlets.Tests.Logging;

/// <summary>Import-Log, and Measure-Log of what it brought in.</summary>
public sealed class ImportLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-import-log-").FullName;
    private readonly Engine _engine = new();

    public ImportLogTests()
    {
        Write("app.log.1", "2026-11-20T10:00:00Z info: first\n2026-11-20T10:00:01Z info: second\n");
        Write("app.log", "2026-11-20T11:00:00Z error: third\n");
        Write("other.log", "{\"time\":\"2026-11-20T10:30:00Z\",\"level\":\"info\",\"msg\":\"a\",\"took\":0.5}\n{\"time\":\"2026-11-20T10:31:00Z\",\"level\":\"info\",\"msg\":\"b\",\"took\":1.5}\n");
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}'); $PSDefaultParameterValues = @{{ '*-Log:Store' = '{_folder}/store' }}");
    }

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Rotated_files_become_one_source_once()
    {
        var imports = _engine.Run("Import-Log *.log* -Server web1").Select(item => Import(item)).ToDictionary(import => import.Source);
        Assert.Equal((2, 3L, 0L), (imports["app"].Files, imports["app"].Lines, imports["app"].KnownBytes));
        Assert.Equal(("web1", 2L), (imports["other"].Server, imports["other"].Lines));
        var again = _engine.Run("Import-Log *.log* -Server web1").Select(item => Import(item)).ToList();
        Assert.All(again, import => Assert.Equal((0L, true), (import.Lines, import.KnownBytes > 0)));
        File.AppendAllText(Path.Combine(_folder, "app.log"), "2026-11-20T11:00:01Z error: fourth\n");
        File.SetLastWriteTimeUtc(Path.Combine(_folder, "app.log"), new DateTime(2026, 11, 20, 11, 0, 2, DateTimeKind.Utc));
        Assert.Equal(1L, _engine.Run("(Import-Log app.log -Server web1).Lines").Single().BaseObject);
        Assert.Equal(4L, _engine.Run("Search-Log -Source app -Count").Single().BaseObject);
        Assert.Equal(2L, _engine.Run("(Import-Log app.log -Server web1 -Force).Lines").Single().BaseObject);
    }

    [Fact]
    public void What_if_changes_nothing()
    {
        Assert.Empty(_engine.Run("Import-Log *.log -WhatIf"));
        Assert.False(Directory.Exists(Path.Combine(_folder, "store")));
    }

    [Fact]
    public void Files_come_by_the_pipeline_as_objects_and_as_text()
    {
        Assert.Equal(2, _engine.Run($"[IO.DirectoryInfo]::new('{_folder}').GetFiles('*.log') | Import-Log -Source all-of-it -Server web2").Count);
        Assert.Equal(["all-of-it"], _engine.Run("Measure-Log -By Source | ForEach-Object Name").Select(name => $"{name}"));
        Assert.Single(_engine.Run("'app.log' | Import-Log -Server web3"));
        Assert.Single(_engine.Run("Import-Log -LiteralPath app.log -Server web4"));
    }

    [Fact]
    public void A_zone_is_that_of_times_that_do_not_say_theirs()
    {
        Write("local.log", "2026-11-20 10:00:00 ERROR here\n");
        _engine.Run("Import-Log local.log -TimeZone Asia/Tokyo");
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 1, 0, 0, TimeSpan.Zero), ((DateTimeOffset)_engine.Run("(Search-Log -Source local).Time").Single().BaseObject).ToUniversalTime());
    }

    [Fact]
    public void One_files_failure_is_its_own()
    {
        File.WriteAllBytes(Path.Combine(_folder, "binary.log"), new byte[5000]);
        using var shell = _engine.Shell("Import-Log binary.log, app.log, gone.log");
        Assert.Single(shell.Invoke(), item => Import(item).Lines > 0);
        Assert.Equal(["LogFileNotRead,ProdOps.Cmdlets.Logging.ImportLog", "LogFileNotText,ProdOps.Cmdlets.Logging.ImportLog"], shell.Streams.Error.Select(error => error.FullyQualifiedErrorId).Order());
    }

    [Theory]
    [InlineData("Import-Log app.log -Format nonsense", "LogFormatNotFound")]
    [InlineData("Import-Log app.log -TimeZone Mars/Olympus", "TimeZoneNotFound")]
    public void What_is_not_known_is_an_error_with_an_id(string command, string id) => Assert.Equal($"{id},ProdOps.Cmdlets.Logging.ImportLog", _engine.Fail(command).FullyQualifiedErrorId);

    [Fact]
    public void Entries_are_counted_by_time_and_groups_and_measured()
    {
        _engine.Run("Import-Log *.log* -Server web1");
        Assert.Equal(5L, (long)((dynamic)_engine.Run("Measure-Log").Single().BaseObject).Count);
        var hours = _engine.Run("Measure-Log -By Source -Interval 1h").Select(item => Measure(item)).ToList();
        Assert.Equal([("app", 2L), ("other", 2L), ("app", 1L)], hours.Select(hour => (hour.Name, hour.Count)));
        Assert.Equal([1, 1, 0.5], hours.Select(hour => hour.Share));
        dynamic took = _engine.Run("Measure-Log -Source other -Property took").Single().BaseObject;
        Assert.Equal((2L, 2.0, 1.0, 0.5, 1.5), ((long)took.Measured, (double)took.Sum, (double)took.Average, (double)took.Minimum, (double)took.Maximum));
        Assert.Equal(["app", "(others)"], _engine.Run("Measure-Log -By Source -Top 1 | ForEach-Object Name").Select(name => $"{name}"));
        Assert.Equal("ProdOps.LogMeasure#IntervalMeasured", _engine.Run("(Measure-Log -Property took -Interval 1h)[0].psobject.TypeNames[0]").Single().BaseObject);
        Assert.Equal("LogIntervalInvalid,ProdOps.Cmdlets.Logging.MeasureLog", _engine.Fail("Measure-Log -Interval ([timespan]::Zero)").FullyQualifiedErrorId);
        Assert.Equal("LogStoreNotFound,ProdOps.Cmdlets.Logging.MeasureLog", _engine.Fail("Measure-Log -Store nothing").FullyQualifiedErrorId);
    }

    private static (string Server, string Source, int Files, long Lines, long KnownBytes) Import(PSObject item)
    {
        dynamic import = item.BaseObject;
        return (import.Server, import.Source, import.Files, import.Lines, import.KnownBytes);
    }

    private static (string Name, long Count, double Share) Measure(PSObject item)
    {
        dynamic measure = item.BaseObject;
        return (measure.Name, measure.Count, measure.Share);
    }

    private void Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        // Long ago: nobody writes to it any more.
        File.SetLastWriteTimeUtc(path, new DateTime(2026, 11, 20, 12, 0, 0, DateTimeKind.Utc));
    }
}

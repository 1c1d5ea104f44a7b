using System.Diagnostics;
using System.Text.Json;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.Exporting;
using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Exporting;

/// <summary>What other programs get to read.</summary>
public sealed class ExportTests : IActivity
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, 42, TimeSpan.Zero);

    private readonly List<string> _warnings = [];

    [Theory]
    [InlineData("disk.used", "%", "prodops_disk_used_percent")]
    [InlineData("memory.available.bytes", "B", "prodops_memory_available_bytes")]
    [InlineData("disk.read", "B/s", "prodops_disk_read_bytes_per_second")]
    [InlineData("disk.await", "s", "prodops_disk_await_seconds")]
    [InlineData("cpu.switches", "/s", "prodops_cpu_switches_per_second")]
    [InlineData("sensor.temperature", "°C", "prodops_sensor_temperature_celsius")]
    [InlineData("load.1", "", "prodops_load_1")]
    [InlineData("cpu.count", "", "prodops_cpu_count_value")]
    [InlineData("certificate.days", "", "prodops_certificate_seconds")]
    [InlineData("Plugin: 'time' (ms)", "", "prodops_plugin_time_ms")]
    [InlineData("\u00e4", "", "prodops_")]
    public void Names_are_those_that_Prometheus_wants(string metric, string unit, string name) => Assert.Equal(name, ExportNames.Family(metric, unit));

    [Fact]
    public void OpenMetrics_has_the_newest_of_each_series_under_its_help_and_type()
    {
        var source = ExportSource.Of([Sample("web1", "disk.used", "/", 70), Sample("web1", "disk.used", "/", 71.25, 1), Sample("a\"b\\c\nd", "disk.used", "/v\u00e4r", 1e-7), Sample("web1", "cpu.count", null, 4, 0, ""), Sample("web1", "certificate.days", "host:443", 2, 0, "")]).Newest();
        Assert.Equal(
            [
                "# HELP prodops_certificate_seconds Seconds until the certificate expires; negative after that.",
                "# TYPE prodops_certificate_seconds gauge",
                "prodops_certificate_seconds{server=\"web1\",host_and_port=\"host:443\"} 172800",
                "# HELP prodops_cpu_count_value CPUs that are on.",
                "# TYPE prodops_cpu_count_value gauge",
                "prodops_cpu_count_value{server=\"web1\"} 4",
                "# HELP prodops_disk_used_percent Of what can be used, as df has it.",
                "# TYPE prodops_disk_used_percent gauge",
                "# UNIT prodops_disk_used_percent percent",
                "prodops_disk_used_percent{server=\"a\\\"b\\\\c\\nd\",mount=\"/v\u00e4r\"} 1E-07",
                "prodops_disk_used_percent{server=\"web1\",mount=\"/\"} 71.25",
                "# EOF",
            ],
            OpenMetricsText.Lines(source, SampleTime.None, this));
    }

    [Fact]
    public void A_history_has_times_and_each_series_stands_together()
    {
        var source = ExportSource.Of([Sample("b", "load.1", null, 1, 0, ""), Sample("a", "load.1", null, 2, 0, ""), Sample("b", "load.1", null, 3, 1, "")]);
        Assert.Equal(
            ["prodops_load_1{server=\"a\"} 2 1767225600.042", "prodops_load_1{server=\"b\"} 1 1767225600.042", "prodops_load_1{server=\"b\"} 3 1767225660.042"],
            OpenMetricsText.Lines(source, SampleTime.Seconds, this).Where(line => line[0] != '#'));
    }

    [Fact]
    public void What_is_not_in_the_catalogue_says_what_it_is_called_here()
    {
        var lines = OpenMetricsText.Lines(ExportSource.Of([Sample("a", "queue.length", null, 1, 0, ""), Sample("a", "queue-length", "x", 2, 0, ""), Sample("a", "queue", null, 3, 0, "length")]), SampleTime.None, this).ToList();
        Assert.Equal(
            [
                "prodops_queue_length{server=\"a\",metric=\"queue\",unit=\"length\"} 3", "prodops_queue_length{server=\"a\",name=\"x\",metric=\"queue-length\"} 2",
                "prodops_queue_length{server=\"a\",metric=\"queue.length\"} 1",
            ], lines.Where(line => line[0] != '#'));
    }

    [Fact]
    public void Series_that_are_the_same_under_their_new_names_are_told_and_written_once()
    {
        var lines = OpenMetricsText.Lines(ExportSource.Of([Sample("a", "disk.used", null, 1), Sample("a", "Disk.Used", null, 2)]), SampleTime.None, this).ToList();
        Assert.Single(lines, line => line[0] != '#');
        Assert.Contains("left out", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [UnpackedFact("promtool")]
    public async Task Promtool_finds_nothing_to_complain_about()
    {
        var samples = MetricCatalog.All.Select((info, i) => Sample("web1", info.Name, info.InstanceOf is null ? null : "a \"b\" \\ \n \u00e4\u0007", i * 1.5, 0, info.Unit));
        string text = string.Join('\n', OpenMetricsText.Lines(ExportSource.Of(samples), SampleTime.None, this)) + "\n";
        Assert.Equal((0, ""), await RunAsync(["check", "metrics"], text));
        using var folder = new TemporaryFolder();
        var history = Enumerable.Range(0, 50).SelectMany(i => new[] { Sample("web1", "disk.used", "/", i, i), Sample("db1", "disk.used", "/", i, i) });
        await File.WriteAllTextAsync(folder["history.om"], string.Join('\n', OpenMetricsText.Lines(ExportSource.Of(history), SampleTime.Seconds, this)) + "\n");
        Assert.Equal(0, (await RunAsync(["tsdb", "create-blocks-from", "openmetrics", folder["history.om"], folder["data"]], "")).Code);
        Assert.NotEmpty(Directory.GetDirectories(folder["data"]));
    }

    [Fact]
    public void Csv_quotes_what_needs_it_and_nothing_else()
    {
        var source = ExportSource.Of([Sample("web1", "disk.used", "/a,\"b\"\r\nc", 0.1), Sample("db1", "load.1", null, -1.5e300, 1, "")]);
        Assert.Equal(
            ["Time,Server,Name,Instance,Value,Unit", "2026-01-01T00:00:00.042Z,web1,disk.used,\"/a,\"\"b\"\"\r\nc\",0.1,%", "2026-01-01T00:01:00.042Z,db1,load.1,,-1.5E+300,"],
            MetricText.Csv(source));
    }

    [Fact]
    public void Json_has_an_object_a_sample_in_the_order_of_time()
    {
        var lines = MetricText.Json(ExportSource.Of([Sample("db1", "load.1", null, 2, 1, ""), Sample("web1", "disk.used", "/\u2028", 0.1)])).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(("2026-01-01T00:00:00.042Z", "web1", "/\u2028", 0.1, "%"), (lines[0].GetProperty("time").GetString(), lines[0].GetProperty("server").GetString(), lines[0].GetProperty("instance").GetString(), lines[0].GetProperty("value").GetDouble(), lines[0].GetProperty("unit").GetString()));
        Assert.False(lines[1].TryGetProperty("instance", out _));
    }

    [Fact]
    public void VictoriaMetrics_gets_a_line_a_series_and_never_an_endless_one()
    {
        var many = Enumerable.Range(0, 12_000).Select(i => Sample("web1", "disk.used", "/", i, i));
        var lines = MetricText.VictoriaMetrics(ExportSource.Of(many.Append(Sample("db1", "load.1", null, 1, 0, "")))).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal([1, 10_000, 2_000], lines.Select(line => line.GetProperty("values").GetArrayLength()));
        Assert.All(lines, line => Assert.Equal(line.GetProperty("values").GetArrayLength(), line.GetProperty("timestamps").GetArrayLength()));
        Assert.Equal("""{"__name__":"prodops_disk_used_percent","server":"web1","mount":"/"}""", lines[1].GetProperty("metric").GetRawText());
        Assert.Equal(Start.ToUnixTimeMilliseconds(), lines[1].GetProperty("timestamps")[0].GetInt64());
    }

    [Fact]
    public void A_file_is_there_whole_or_as_it_was()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["metrics.prom"], "old\n");
        using (var file = new ExportFile(folder["metrics.prom"])) file.Write("new", "\n");
        Assert.Equal("old\n", File.ReadAllText(folder["metrics.prom"]));
        using (var file = new ExportFile(folder["metrics.prom"]))
        {
            file.Write("new", "\n");
            Assert.DoesNotContain(Directory.GetFiles(folder.Path), path => path.EndsWith(".prom", StringComparison.Ordinal) && File.ReadAllText(path) != "old\n");
            file.Complete();
        }

        Assert.Equal(["metrics.prom"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
        Assert.Equal("new\n", File.ReadAllText(folder["metrics.prom"]));
        Assert.Equal("MetricExportFailed", Assert.Throws<ProdOpsException>(() => new ExportFile(folder["none/metrics.prom"])).ErrorId);
    }

    void IActivity.Verbose(string message)
    {
    }

    void IActivity.Warning(string message) => _warnings.Add(message);

    void IActivity.Error(ProdOpsException error) => _warnings.Add(error.Message);

    void IActivity.Progress(ActivityProgress progress)
    {
    }

    private static MetricSample Sample(string server, string name, string? instance, double value, int minute = 0, string unit = "%") =>
        new() { Server = server, Name = name, Instance = instance, Unit = unit, Value = value, Time = Start.AddMinutes(minute) };

    private static async Task<(int Code, string Output)> RunAsync(string[] arguments, string input)
    {
        var start = new ProcessStartInfo(UnpackedTool.Promtool.Program!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }
}

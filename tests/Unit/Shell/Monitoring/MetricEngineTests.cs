using ProdOps.Monitoring.Tests.Engines;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.Cmdlets.Tests.Monitoring;

/// <summary>Metrics of an engine, through the built module.</summary>
public sealed class MetricEngineTests(HistoryFixture history) : IClassFixture<HistoryFixture>
{
    [UnpackedFact("victoria-metrics")]
    public async Task Exported_history_is_read_from_the_engine_that_the_environment_names_as_from_the_store()
    {
        using var engine = await EngineProcess.StartVictoriaMetricsAsync();
        await engine.ImportAsync(history.Texts("Export-Metric -Format VictoriaMetrics -Last 9d -Resolution Raw"));
        string environment = Path.Combine(history.Folder, "engine.psd1");
        await File.WriteAllTextAsync(environment, $$"""
            @{
                Name = 'shop'
                Servers = @{ Name = 'web1'; Address = '192.0.2.1'; Role = 'App' }, @{ Name = 'db1'; Address = '192.0.2.2'; Role = 'Database' }
                Monitoring = @{ Store = './nothing'; Engine = 'VictoriaMetrics'; Url = '{{engine.Url}}' }
            }
            """);
        const string Samples = " | ForEach-Object { \"$($_.Server) $($_.Name) $($_.Instance) $($_.Value) $($_.Unit) $($_.Time.ToUnixTimeMilliseconds())\" }";
        string[] stored = history.Texts("Get-Metric -Samples -Last 3h" + Samples);
        Assert.NotEmpty(stored);
        Assert.Equal(stored, history.Texts($"Get-Metric -Samples -Last 3h -Environment {environment}{Samples}"));
        Assert.Equal(stored, history.Texts($"Get-Metric -Samples -Last 3h -Url {engine.Url}{Samples}"));
        // What names a store is read from it.
        Assert.Equal(stored, history.Texts($"Get-Metric -Samples -Last 3h -Store ./store -Environment {environment}{Samples}"));
        Assert.Equal(history.Texts("Get-Metric -Latest" + Samples), history.Texts($"Get-Metric -Latest -Environment {environment}{Samples}"));
        const string Series = " | ForEach-Object { \"$($_.Server) $_ $($_.Count) $($_.Current) $($_.Minimum) $([Math]::Round($_.Average, 2)) $($_.Maximum)\" }";
        Assert.Equal(history.Texts("Get-Metric disk.used -Server db1 -Last 8d" + Series), history.Texts($"Get-Metric disk.used -Server role:Database -Last 8d -Environment {environment}{Series}"));
        Assert.Equal(
            history.Texts("Get-MetricForecast disk.used -Threshold 90% -Instance / -Last 9d | ForEach-Object { \"$($_.Confidence) $($_.Reached.ToString('u').Substring(0, 13))\" }"),
            history.Texts($"Get-MetricForecast disk.used -Threshold 90% -Instance / -Last 9d -Environment {environment} | ForEach-Object {{ \"$($_.Confidence) $($_.Reached.ToString('u').Substring(0, 13))\" }}"));
        Assert.Equal(["db1 disk.used / %", "db1 disk.used /var %"], history.Texts($"Get-Metric -Query 'prodops_disk_used_percent' -Last 2h -Url {engine.Url} | ForEach-Object {{ \"$($_.Server) $_ $($_.Unit)\" }}"));
        Assert.Equal(["web1 9"], history.Texts($"Get-Metric -Query 'max by (server) (max_over_time(prodops_cpu_busy_percent[1d]))' -Latest -Url {engine.Url} | ForEach-Object {{ \"$($_.Server) $($_.Value)\" }}"));
        Assert.Equal("MetricNotFound,ProdOps.Cmdlets.Monitoring.GetMetric", history.ErrorOf($"Get-Metric no.such -Url {engine.Url}"));
        Assert.Equal("MetricEngineRefused,ProdOps.Cmdlets.Monitoring.GetMetric", history.ErrorOf($"Get-Metric -Query 'rate(' -Url {engine.Url}"));
    }

    [UnpackedFact("victoria-metrics")]
    public async Task What_an_engine_keeps_is_exported_as_what_the_store_keeps()
    {
        using var engine = await EngineProcess.StartVictoriaMetricsAsync();
        await engine.ImportAsync(history.Texts("Export-Metric -Format VictoriaMetrics -Last 9d -Resolution Raw"));
        string environment = Path.Combine(history.Folder, "exporting.psd1");
        await File.WriteAllTextAsync(environment, $$"""
            @{
                Name = 'shop'
                Servers = @{ Name = 'web1'; Address = '192.0.2.1'; Role = 'App' }, @{ Name = 'db1'; Address = '192.0.2.2'; Role = 'Database' }
                Monitoring = @{ Store = './nothing'; Engine = 'Prometheus'; Url = '{{engine.Url}}' }
            }
            """);
        foreach (string what in (string[])["-Format Csv -Last 3h", "-Format Json -Server db1 -Last 3h", "-Format VictoriaMetrics -Last 3h", "-Format OpenMetrics -Name disk.* -Last 3h", "-Format Csv -Name disk.used -Last 8d -Resolution Hour -Function Maximum", "-Format Csv -Latest", ""])
        {
            string[] stored = history.Texts($"Export-Metric {what}");
            Assert.NotEmpty(stored);
            Assert.Equal(stored, history.Texts($"Export-Metric {what} -Environment {environment}"));
            Assert.Equal(stored, history.Texts($"Export-Metric {what} -Url {engine.Url}"));
        }

        Assert.Equal(history.Texts("Export-Metric -Format Csv -Last 3h"), history.Texts($"Export-Metric -Format Csv -Last 3h -Store ./store -Environment {environment}"));
        Assert.Equal("MetricNotFound,ProdOps.Cmdlets.Monitoring.ExportMetric", history.ErrorOf($"Export-Metric -Name no.such -Environment {environment}"));
        // A file of which half is missing is none.
        engine.Stop();
        string file = Path.Combine(history.Folder, "gone.csv");
        Assert.Equal("MetricEngineUnreachable,ProdOps.Cmdlets.Monitoring.ExportMetric", history.ErrorOf($"Export-Metric {file} -Last 3h -Environment {environment}"));
        Assert.False(File.Exists(file));
    }

    [UnpackedFact("victoria-metrics")]
    public async Task A_monitor_sends_its_samples_to_the_engine_and_its_file_goes_with_it()
    {
        using var engine = await EngineProcess.StartVictoriaMetricsAsync();
        string environment = Path.Combine(history.Folder, "sending.psd1"), file = Path.Combine(history.Folder, "prodops.prom");
        await File.WriteAllTextAsync(environment, $$"""
            @{
                Name = 'shop'
                Servers = @{ Name = 'here'; Local = $true }
                Monitoring = @{ Store = './sending'; Interval = '1s'; Engine = 'VictoriaMetrics'; Url = '{{engine.Url}}'; Listen = '127.0.0.1:{{PrivateServer.FreePort()}}'; TextFile = '{{file}}' }
            }
            """);
        history.Engine.Run($"$null = Start-HealthMonitor -Environment {environment} -For 6s");
        Assert.False(File.Exists(file));
        const string Samples = " | ForEach-Object { \"$($_.Time.ToUnixTimeMilliseconds()) $($_.Server) $($_.Name) $($_.Instance) $($_.Value) $($_.Unit)\" }";
        string[] kept = history.Texts($"Get-Metric -Samples -Last 5m -Store ./sending{Samples}"), there;
        Assert.NotEmpty(kept);
        var begun = TimeProvider.System.GetTimestamp();
        // What was measured in the last moments waits for the next monitor.
        do
        {
            history.Engine.Run($"$null = Start-HealthMonitor -Environment {environment} -For 4s");
            await engine.FlushAsync();
            there = history.Texts($"Get-Metric -Samples -Last 5m -Environment {environment}{Samples}");
        }
        while (kept.Except(there).Any() && TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(90));

        Assert.Empty(kept.Except(there));
        Assert.Empty(there.Except(history.Texts($"Get-Metric -Samples -Last 5m -Store ./sending{Samples}")));
        Assert.Equal(there.Length, there.Distinct().Count());
    }

    [Theory]
    [InlineData("Get-Metric -Url http://127.0.0.1:1", "MetricEngineUnreachable", "GetMetric")]
    [InlineData("Get-Metric -Url ftp://metrics", "MetricEngineAddressInvalid", "GetMetric")]
    [InlineData("Get-Metric -Url http://127.0.0.1:1 -Store ./store", "MetricSourceAmbiguous", "GetMetric")]
    [InlineData("Get-Metric -Query up", "MetricEngineMissing", "GetMetric")]
    [InlineData("Get-Metric -Query up -Step 10ms -Url http://127.0.0.1:1", "MetricStepInvalid", "GetMetric")]
    [InlineData("Get-MetricForecast -Url http://127.0.0.1:1", "MetricEngineUnreachable", "GetMetricForecast")]
    [InlineData("Export-Metric -Url http://127.0.0.1:1", "MetricEngineUnreachable", "ExportMetric")]
    [InlineData("Export-Metric -Url http://127.0.0.1:1 -Store ./store", "MetricSourceAmbiguous", "ExportMetric")]
    public void What_cannot_be_asked_is_an_error(string script, string error, string cmdlet) => Assert.Equal($"{error},ProdOps.Cmdlets.Monitoring.{cmdlet}", history.ErrorOf(script));
}

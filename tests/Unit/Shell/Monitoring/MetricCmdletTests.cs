using System.Text.Json;

namespace ProdOps.Cmdlets.Tests.Monitoring;

/// <summary>Get-Metric, Get-MetricForecast and Export-Metric through the built module.</summary>
public sealed class MetricCmdletTests(HistoryFixture history) : IClassFixture<HistoryFixture>
{
    [Fact]
    public void A_series_is_one_object_with_its_samples()
    {
        dynamic disk = Assert.Single(history.Engine.Run("Get-Metric disk.used -Server db1 -Instance / -Last 10d"));
        Assert.Equal((1, "%", "/"), ((int)disk.Count / 1344, (string)disk.Unit, (string)disk.Instance));
        Assert.Equal(70, (double)disk.Minimum, 3);
        Assert.Equal(85, (double)disk.Maximum, 1);
        Assert.Equal(77.5, (double)disk.Average, 1);
        Assert.Equal("ProdOps.MetricSample", $"{history.Texts("(Get-Metric disk.used -Instance / -Last 10d).Samples[0].GetType().FullName").Single()}");
        Assert.Equal(["db1 disk.free", "db1 disk.used", "db1 disk.used", "web1 cpu.busy"], history.Texts("Get-Metric | ForEach-Object { $_.Server + ' ' + $_.Name }"));
    }

    [Fact]
    public void Samples_stream_in_the_order_of_time_as_fine_as_they_are_asked_for()
    {
var samples = history.Engine.Run("Get-Metric * -Samples -Last 2h");
        Assert.InRange(samples.Count, 80, 120);
        Assert.All(samples, sample => Assert.Contains("ProdOps.MetricSample", sample.TypeNames));
        var times = samples.Select(sample => (DateTimeOffset)sample.Properties["Time"].Value).ToList();
        Assert.Equal(times.Order(), times);
        Assert.InRange(int.Parse(history.Texts("@(Get-Metric cpu.busy -Samples -Resolution Hour -Last 10h).Count").Single(), null), 10, 11);
        Assert.Equal("9", history.Texts("(Get-Metric cpu.busy -Resolution Hour -Function Maximum -Last 10h).Samples[5].Value").Single());
    }

    [Fact]
    public void Servers_are_chosen_by_name_wildcard_role_group_and_from_the_pipeline()
    {
        foreach (string server in new[] { "role:App", "group:blue", "WEB*", "web1" }) Assert.Equal(["web1"], history.Texts($"(Get-Metric -Server {server}).Server"));
        Assert.Equal(["web1", "web1"], history.Texts("(Get-Server web1 | Get-Metric).Server; ([pscustomobject]@{ Server = 'web1' } | Get-Metric).Server"));
    }

    [Fact]
    public void The_newest_of_each_series_is_told_unless_it_is_too_old()
    {
        Assert.Equal(["cpu.busy", "disk.free", "disk.used", "disk.used"], history.Texts("(Get-Metric -Latest).Name").Order());
        Assert.Empty(history.Texts("Get-Metric -Latest -Before 2001-01-01 -After 2000-01-01"));
    }

    [Fact]
    public void A_time_without_samples_is_told()
    {
        using var shell = history.Engine.Shell("Get-Metric cpu.busy -After 2001-01-01 -Before 2001-01-02");
        Assert.Empty(shell.Invoke());
        Assert.Contains("the newest value is of", Assert.Single(shell.Streams.Warning).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_forecast_says_when_and_how_sure()
    {
        dynamic forecast = Assert.Single(history.Engine.Run("Get-MetricForecast disk.used -Threshold 90% -Instance / -Last 9d"));
        Assert.Equal("High", $"{forecast.Confidence}");
        Assert.InRange((DateTimeOffset)forecast.Reached - TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(2.5), TimeSpan.FromDays(4));
        Assert.Equal(100d, (double)((dynamic)history.Engine.Run("Get-MetricForecast -Instance / -Last 9d").Single()).Threshold);
        Assert.Equal(["None False", "None False"], history.Texts(
            "(Get-MetricForecast -Instance /var -Last 1h), (Get-MetricForecast disk.free 1GiB -Last 30d) | ForEach-Object { \"$($_.Confidence) $($null -ne $_.Reached)\" }"));
    }

    [Theory]
    [InlineData("Get-Metric -Store ./none", "MetricStoreNotFound", "GetMetric")]
    [InlineData("Get-Metric disk.used, nothing.such -Server nobody", "MetricNotFound", "GetMetric")]
    [InlineData("Get-Metric -Server role:Nobody", "HealthServerNotFound", "GetMetric")]
    [InlineData("Get-Metric -Last 1h -After 12:00", "MetricWindowAmbiguous", "GetMetric")]
    [InlineData("Get-Metric -After 2026-01-02 -Before 2026-01-01", "MetricWindowEmpty", "GetMetric")]
    [InlineData("Get-MetricForecast disk.free", "MetricThresholdMissing", "GetMetricForecast")]
    [InlineData("Get-MetricForecast disk.used -Threshold 10GiB", "MetricThresholdUnit", "GetMetricForecast")]
    [InlineData("Get-MetricForecast disk.used -Threshold soon", "MetricThresholdInvalid", "GetMetricForecast")]
    [InlineData("Export-Metric ./environment.psd1", "MetricExportExists", "ExportMetric")]
    [InlineData("Export-Metric ./none/metrics.prom", "MetricExportFailed", "ExportMetric")]
    [InlineData("1 | Export-Metric", "MetricInputInvalid", "ExportMetric")]
    public void What_cannot_be_told_is_an_error(string script, string error, string cmdlet) => Assert.Equal($"{error},ProdOps.Cmdlets.Monitoring.{cmdlet}", history.ErrorOf(script));

    [Fact]
    public void Metrics_are_exported_to_files_and_to_the_pipeline()
    {
        dynamic written = Assert.Single(history.Engine.Run("Export-Metric ./out.prom -Name disk.used"));
        Assert.Equal(("OpenMetrics", 2, 2L), ($"{written.Format}", (int)written.Series, (long)written.Samples));
        string[] lines = File.ReadAllLines(Path.Combine(history.Folder, "out.prom"));
        Assert.Equal(2, lines.Count(line => line.StartsWith("prodops_disk_used_percent{server=\"db1\",mount=\"/", StringComparison.Ordinal)));
        Assert.Equal("# EOF", lines[^1]);
        Assert.Equal(lines, history.Texts("Export-Metric -Name disk.used"));
        Assert.Equal(["Csv 12"], history.Texts("Export-Metric ./out.csv -Name cpu.busy -Last 1h | ForEach-Object { \"$($_.Format) $($_.Samples)\" }"));
        Assert.Contains("\r\n", File.ReadAllText(Path.Combine(history.Folder, "out.csv")), StringComparison.Ordinal);
        Assert.Equal("web1", JsonDocument.Parse(history.Texts("Export-Metric -Name cpu.busy -Format Json -Latest").Single()).RootElement.GetProperty("server").GetString());
        Assert.Equal(12, JsonDocument.Parse(history.Texts("Get-Metric cpu.busy -Last 1h | Export-Metric -Format VictoriaMetrics").Single()).RootElement.GetProperty("values").GetArrayLength());
        Assert.Empty(history.Texts("Export-Metric ./not.prom -WhatIf"));
        Assert.False(File.Exists(Path.Combine(history.Folder, "not.prom")));
        Assert.Single(history.Texts("Export-Metric ./out.prom -Force"));
    }

    [Theory]
    [InlineData("Get-Metric disk.", "disk.used")]
    [InlineData("Get-Metric -Server rol", "role:App")]
    [InlineData("Get-Metric disk.used -Instance /v", "/var")]
    [InlineData("Get-HealthEvent -Check disk.u", "disk.used")]
    [InlineData("Get-Notification -Route on", "on-call")]
    [InlineData("Get-Notification -Channel m", "mail")]
    public void Names_are_proposed(string line, string proposal) =>
        Assert.Contains(proposal, history.Proposals(line));

    [Fact]
    public void Views_draw_the_history()
    {
        string Show(string call) => string.Concat(history.Texts($"[ProdOps.Cmdlets.FormatHelper]::{call}"));
        var samples = Enumerable.Range(0, 8).Select(i => $"[ProdOps.MetricSample]@{{ Value = {i}; Time = ([DateTimeOffset]'2026-01-01T00:00:00Z').AddHours({i}) }}");
        string series = $"[ProdOps.MetricSeries]@{{ From = '2026-01-01T00:00:00Z'; To = '2026-01-01T10:00:00Z'; Samples = [ProdOps.MetricSample[]]@({string.Join(", ", samples)}) }}";
        // Eight values in ten hours: nothing is known of the end, but for the two hours that a value stands for.
        Assert.Equal("\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588\u2588\u2588", Show($"Sparkline(({series}), 10)"));
        Assert.Equal("\u2581\u2581\u2582\u2582\u2583\u2583\u2584\u2584\u2585\u2585\u2586\u2586\u2587\u2587\u2588\u2588\u2588\u2588\u2588\u2588", Show($"Sparkline(({series}), 20)"));
        Assert.Equal("", Show("Measured([double]::NaN, '%')"));
        Assert.Matches("^ *\u2581+$", Show("Sparkline((Get-Metric disk.used -Instance /var), 24)"));
        Assert.Equal("", Show("Sparkline($null, 24)"));
        Assert.Equal("not in sight", Show("ForecastReached([ProdOps.MetricForecast]@{ Confidence = 'High' })"));
        Assert.Equal("not known", Show("ForecastReached([ProdOps.MetricForecast]@{})"));
        Assert.Equal("Given up", Show("Delivery('GivenUp', $null)"));
    }
}

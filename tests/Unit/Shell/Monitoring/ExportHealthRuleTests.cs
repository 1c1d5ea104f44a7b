using System.Text.Json;

namespace ProdOps.Cmdlets.Tests.Monitoring;

/// <summary>Rules and targets for Prometheus, through the built module.</summary>
public sealed class ExportHealthRuleTests(HistoryFixture history) : IClassFixture<HistoryFixture>
{
    [Fact]
    public void Rules_are_written_to_a_file_or_to_the_pipeline_and_what_is_left_out_is_a_warning()
    {
        using var shell = history.Engine.Shell("Export-HealthRule ./rules.yml");
        dynamic written = Assert.Single(shell.Invoke());
        Assert.Equal(("Prometheus", 4), ($"{written.Format}", (int)written.LeftOut.Length));
        Assert.Equal(4, shell.Streams.Warning.Count);
        string[] lines = File.ReadAllLines(Path.Combine(history.Folder, "rules.yml"));
        Assert.Equal((int)written.Count, lines.Where(line => line.StartsWith("      - alert:", StringComparison.Ordinal)).Distinct().Count());
        Assert.Equal(["      - alert: \"disk.used\"", "      - alert: \"disk.used\""], history.Texts("Export-HealthRule -Name disk.used").Where(line => line.Contains("alert:", StringComparison.Ordinal)));
        Assert.Equal("MetricExportExists,ProdOps.Cmdlets.Monitoring.ExportHealthRule", history.ErrorOf("Export-HealthRule ./rules.yml"));
        Assert.Equal("HealthRuleNotFound,ProdOps.Cmdlets.Monitoring.ExportHealthRule", history.ErrorOf("Export-HealthRule -Name disk.use"));
        Assert.Empty(history.Texts("Export-HealthRule ./not.yml -WhatIf -WarningAction SilentlyContinue"));
        Assert.False(File.Exists(Path.Combine(history.Folder, "not.yml")));
    }

    [Fact]
    public void Targets_are_the_servers_of_the_environment()
    {
        dynamic written = Assert.Single(history.Engine.Run("Export-HealthRule ./targets.json -Format Targets -Port 9999"));
        Assert.Equal(("Targets", 2), ($"{written.Format}", (int)written.Count));
        var targets = JsonDocument.Parse(File.ReadAllText(Path.Combine(history.Folder, "targets.json"))).RootElement;
        Assert.Equal(["192.0.2.1:9999", "192.0.2.2:9999"], targets.EnumerateArray().Select(target => target.GetProperty("targets")[0].GetString()));
    }
}

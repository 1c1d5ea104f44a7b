using System.Diagnostics;
using System.Text.Json;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.Exporting;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.Tests.TestTools;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Monitoring.Tests.Exporting;

/// <summary>Our rules in the words of Prometheus: its own tool reads them, and says when they fire.</summary>
public sealed class RuleFileTests
{
    private static readonly Server[] Servers = [new() { Name = "web1", Roles = ["App"] }, new() { Name = "db.1", Address = "10.0.0.5", Roles = ["Database", "Cache"] }, new() { Name = "v6", Address = "fd00::1" }, new() { Name = "here", IsLocal = true }];

    [UnpackedFact("promtool")]
    public async Task Promtool_takes_the_default_rules_and_rules_of_every_sort()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder["default.yml"], new RuleFile(DefaultRules.All, [], "").Lines(_ => true));
        Assert.Equal(0, (await PromtoolAsync("check", "rules", folder["default.yml"])).Code);
        var functions = Enum.GetValues<HealthFunction>().Select(function => Rule($"{function}", function == HealthFunction.Forecast ? "< 4h" : "> 5%") with { Function = function, Window = TimeSpan.FromMinutes(10), Limit = 50 });
        var file = new RuleFile(
            [
                .. DefaultRules.All, .. functions,
                Rule("odd \"name\": {{ $x }}\n# \\ ü", "> 1%") with { Instances = ["/var*", "/[a-c]"], ExceptInstances = ["/var/x?"], Advice = "Say {{ \"no\" }}\u2028 \u0007 to: it 'all' %d 😀", Metric = "plugin 'x' (ms)" },
                Rule("disk.used", "> 97%") with { Instances = ["/backup*"] },
                Rule("both", "> 1%") with { Metric = null, Warning = null, All = ["disk.used", "memory.available"] },
                Rule("either", "> 1%") with { Metric = null, Warning = null, Any = ["disk.used", "cpu.busy"] },
                Rule("of checks", "> 1%") with { Metric = null, Warning = null, Any = ["check"] },
            ], Servers, "shop \"1\"");
        await File.WriteAllLinesAsync(folder["all.yml"], file.Lines(_ => true));
        var (code, output) = await PromtoolAsync("check", "rules", folder["all.yml"]);
        Assert.True(code == 0, output);
        Assert.Equal(["Baseline", "certificate", "check", "of checks", "reachability", "service"], file.LeftOut.Select(one => one.Rule).Order(StringComparer.Ordinal));
        Assert.Contains((await File.ReadAllLinesAsync(folder["all.yml"])), line => line.Trim() == "# reachability is left out: it takes the verdict of a check, which is no metric.");
    }

    [UnpackedFact("promtool")]
    public async Task Rules_fire_where_when_and_as_ours_do()
    {
        using var folder = new TemporaryFolder();
        var rules = new RuleFile(
            [
                .. DefaultRules.All,
                // Another threshold for some mounts, for one server, and none for another.
                Rule("disk.used", "> 97%") with { Instances = ["/backup*"] },
                Rule("disk.used", "> 97%") with { Servers = ["db*"] },
                Rule("disk.used", "> 97%") with { Servers = ["v6"], Enabled = false },
                Rule("days", "< 20") with { Metric = "certificate.days", Warning = ThresholdText.Parse("< 20"), Advice = "" },
                Rule("both", "> 1%") with { Metric = null, Warning = null, All = ["disk.used", "memory.available"], For = TimeSpan.Zero },
            ], Servers, "shop").Lines(rule => rule.Name is "disk.used" or "disk.full" or "days" or "both" or "unit.restarts");
        await File.WriteAllLinesAsync(folder["rules.yml"], rules);
        await File.WriteAllTextAsync(folder["test.yml"], """
            rule_files: [ rules.yml ]
            evaluation_interval: 30s
            tests:
              - interval: 30s
                input_series:
                  - { series: 'prodops_disk_used_percent{server="web1",mount="/"}', values: '84x10 96x30' }
                  - { series: 'prodops_disk_used_percent{server="web1",mount="/backup1"}', values: '96x40' }
                  - { series: 'prodops_disk_used_percent{server="db.1",mount="/"}', values: '96x40' }
                  - { series: 'prodops_disk_used_percent{server="dbx1",mount="/"}', values: '98x40' }
                  - { series: 'prodops_disk_used_percent{server="v6",mount="/"}', values: '99x40' }
                  - { series: 'prodops_memory_available_percent{server="web1"}', values: '7x40' }
                  - { series: 'prodops_certificate_seconds{server="web1",host_and_port="a:443"}', values: '1728001x20 1727999x20' }
                  - { series: 'prodops_unit_restarts_value{server="web1",unit="x"}', values: '0x20' }
                alert_rule_test:
                  - { eval_time: 5m, alertname: disk.used }
                  - { eval_time: 6m, alertname: disk.used }
                  - eval_time: 8m
                    alertname: disk.used
                    exp_alerts:
                      - exp_labels: { severity: warning, server: web1, mount: / }
                        exp_annotations: { summary: 'web1 disk.used /: 96', description: 'Delete or move what is not needed (du -x), then see what makes it grow.' }
                      - exp_labels: { severity: critical, server: web1, mount: / }
                        exp_annotations: { summary: 'web1 disk.used /: 96', description: 'Delete or move what is not needed (du -x), then see what makes it grow.' }
                  - eval_time: 8m
                    alertname: both
                    exp_alerts:
                      - exp_labels: { severity: warning, server: web1 }
                        exp_annotations: { summary: 'web1 both' }
                  - { eval_time: 9m, alertname: days }
                  - eval_time: 15m
                    alertname: days
                    exp_alerts:
                      - exp_labels: { severity: warning, server: web1, host_and_port: 'a:443' }
                        exp_annotations: { summary: 'web1 days a:443: 1.727999e+06' }
              - interval: 5m
                input_series:
                  - { series: 'prodops_disk_used_percent{server="web1",mount="/"}', values: '20+0.5x90' }
                  - { series: 'prodops_disk_used_percent{server="db.1",mount="/"}', values: '20+0.001x90' }
                alert_rule_test:
                  - eval_time: 7h
                    alertname: disk.full
                    exp_alerts:
                      - exp_labels: { severity: warning, server: web1, mount: / }
                        exp_annotations: { summary: 'web1 disk.full /', description: 'At this rate it is full soon: find what grows (du -x), and stop it or make room.' }
            """);
        var (code, output) = await PromtoolAsync("test", "rules", folder["test.yml"]);
        Assert.True(code == 0, output);
        // The test itself can fail.
        await File.WriteAllLinesAsync(folder["rules.yml"], rules.Select(line => line.Replace("> 85", "> 99", StringComparison.Ordinal)));
        Assert.NotEqual(0, (await PromtoolAsync("test", "rules", folder["test.yml"])).Code);
    }

    [Fact]
    public void Targets_are_the_servers_with_the_names_that_rules_know_them_by()
    {
        var targets = JsonDocument.Parse(TargetFile.Write(Servers, 9100, "shop")).RootElement;
        Assert.Equal(["web1:9100", "10.0.0.5:9100", "[fd00::1]:9100", "localhost:9100"], targets.EnumerateArray().Select(target => target.GetProperty("targets")[0].GetString()));
        Assert.Equal("""{"server":"db.1","role":"Database,Cache","environment":"shop"}""", JsonSerializer.Serialize(targets[1].GetProperty("labels")));
    }

    [Fact]
    public void A_text_is_one_scalar_whatever_is_in_it() =>
        Assert.Equal("\"a\\\"\\\\\\n\\u0007\\u2028\\u0085 é 😀 \uFFFD\"", RuleFile.Text("a\"\\\n\u0007\u2028\u0085 é 😀 \ud800"));

    private static HealthRule Rule(string name, string warning) => new() { Name = name, Metric = "disk.used", Warning = ThresholdText.Parse(warning) };

    private static async Task<(int Code, string Output)> PromtoolAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(UnpackedTool.Promtool.Program!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }
}

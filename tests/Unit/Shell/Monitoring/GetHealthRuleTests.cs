namespace ProdOps.Cmdlets.Tests.Monitoring;

/// <summary>Get-HealthRule and Get-HealthCheck through the built module; nothing is connected to.</summary>
public sealed class GetHealthRuleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-rules-").FullName;
    private readonly Engine _engine = new();

    public GetHealthRuleTests()
    {
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), """
            @{
                Servers = @(
                    @{ Name = 'web1'; Role = 'App'; Services = 'shop', 'nginx' }
                    @{ Name = 'db1'; Address = '10.0.0.5'; Role = 'Database' }
                )
                Monitoring = @{
                    Interval = '10s'
                    Rules  = @(
                        @{ Name = 'disk.used'; Warning = '> 80%'; Role = 'Database' }
                        @{ Name = 'unit.failed'; Enabled = $false }
                        @{ Name = 'tasks'; Metric = 'process.count'; Warning = '> 500'; Function = 'Average'; Window = '10m' }
                    )
                    Checks = @(
                        @{ Name = 'port'; Tcp = '{server}:5432'; Server = 'db1'; Interval = '5m'; Critical = '> 2s' }
                        @{ Name = 'site'; Http = 'https://shop.example.org/health' }
                    )
                }
            }
            """);
    }

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Rules_come_by_name_with_their_origin_and_each_that_holds_somewhere()
    {
        var rules = _engine.Run("Get-HealthRule").Select(rule => $"{rule.Properties["Name"].Value} {rule.Properties["Origin"].Value}").ToList();
        Assert.Equal(rules.Order(StringComparer.OrdinalIgnoreCase), rules);
        Assert.Equal(["disk.used Default", "disk.used Environment"], rules.Where(rule => rule.StartsWith("disk.used", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Contains("port Check", rules);
        Assert.Equal(["unit.failed Environment"], rules.Where(rule => rule.StartsWith("unit.failed", StringComparison.Ordinal)));
    }

    [Fact]
    public void Of_a_server_those_rules_are_shown_that_hold_there()
    {
        Assert.Equal(["> 80 %"], Warnings("Get-HealthRule disk.used -Server role:Database"));
        Assert.Equal(["> 85 %"], Warnings("Get-Server web1 | Get-HealthRule disk.*ed"));
        Assert.Equal(["site"], Names("Get-HealthRule site, port -Server shop.example.org -ErrorAction Ignore", "Name"));
        Assert.Empty(_engine.Run("Get-HealthRule unit.failed -Server web1 -ErrorAction Ignore"));
        Assert.Empty(_engine.Run("@() | Get-HealthRule -ErrorAction Ignore"));
    }

    [Fact]
    public void Checks_are_listed_by_server_with_the_rule_about_them()
    {
        var checks = _engine.Run("Get-HealthCheck");
        Assert.Equal(
            ["web1 reachability Reachability", "web1 service shop Service", "web1 service nginx Service", "db1 reachability Reachability", "db1 port Tcp", "shop.example.org site Http"],
            checks.Select(check => $"{check.Properties["Server"].Value} {check.BaseObject} {check.Properties["Kind"].Value}"));
        dynamic port = checks[4].BaseObject;
        Assert.Equal(("10.0.0.5:5432", TimeSpan.FromMinutes(5), "> 2 s", "port"), ((string)port.Target, (TimeSpan)port.Interval, (string)port.Rule.Critical.ToString(), (string)port.Definition.Name));
        Assert.Equal(TimeSpan.FromSeconds(10), checks[0].Properties["Interval"].Value);
        Assert.Equal(["db1"], Names("Get-HealthCheck po* -Server *", "Server"));
        Assert.Equal(["reachability"], Names($"Get-HealthCheck -Environment '{Empty()}'", "Check"));
    }

    [Theory]
    [InlineData("Get-HealthRule disk.usd", "HealthRuleNotFound", "disk.used")]
    [InlineData("Get-HealthRule -Server wep1", "ServerNotFound", "web1")]
    [InlineData("Get-HealthCheck prot", "HealthCheckNotFound", "port")]
    [InlineData("Get-HealthCheck -Server role:Cache", "RoleNotFound", "Cache")]
    public void What_there_is_not_is_an_error_with_what_was_probably_meant(string script, string error, string mentions)
    {
        using var shell = _engine.Shell(script);
        Assert.Empty(shell.Invoke());
        var record = Assert.Single(shell.Streams.Error);
        Assert.Equal($"{error},ProdOps.Cmdlets.Monitoring.{script.Split(' ')[0].Replace("-", "", StringComparison.Ordinal)}", record.FullyQualifiedErrorId);
        Assert.Contains(mentions, record.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_completed_with_what_they_mean()
    {
        string Complete(string text)
        {
            using var shell = _engine.Shell("param($text) [System.Management.Automation.CommandCompletion]::CompleteInput($text, $text.Length, $null).CompletionMatches | ForEach-Object { $_.CompletionText + '|' + $_.ToolTip }").AddArgument(text);
            return string.Join(' ', shell.Invoke());
        }

        Assert.Equal("tasks|average of process.count, 10 min, warning > 500", Complete("Get-HealthRule tas"));
        Assert.Equal("port|Tcp {server}:5432", Complete("Get-HealthCheck po"));
    }

    [Fact]
    public void Views_say_what_a_rule_looks_at_and_where()
    {
        string Show(string script) => string.Concat(_engine.Run(script));
        Assert.Equal("role:Database", Show("[ProdOps.Cmdlets.FormatHelper]::RuleServers((Get-HealthRule disk.used -Server db1))"));
        Assert.Equal("forecast of disk.used, 6 h", Show("[ProdOps.Cmdlets.FormatHelper]::RuleSource((Get-HealthRule disk.full -Server db1))"));
        Assert.Equal("check port", Show("[ProdOps.Cmdlets.FormatHelper]::RuleSource((Get-HealthRule port -Server db1))"));
        Assert.Equal("off", Show("$rule = Get-HealthRule unit.failed; [ProdOps.Cmdlets.FormatHelper]::RuleThreshold($rule, $rule.Warning)"));
    }

    [Fact]
    public void The_environments_test_tells_of_rules_and_channels_that_cannot_be_used_and_of_metrics_that_look_mistyped()
    {
        string path = Path.Combine(_folder, "odd.psd1");
        File.WriteAllText(path, "@{ Servers = @{ Name = 'a' }; Monitoring = @{ Rules = @{ Name = 'disk.used'; Warning = '> 99%' }, @{ Name = 'x'; Metric = 'disk.usd'; Warning = '> 1%' }; Checks = @{ Name = 'p'; Ping = 'h' }; Channels = @{ duty = @{ Webhook = 'https://events.pagerduty.com/v2/enqueue'; Template = 'PagerDuty' } } } }");
        var checks = _engine.Run($"Test-ProdOpsEnvironment '{path}' | Where-Object Check -eq Monitoring").Select(check => $"{check.Properties["Status"].Value} {check.Properties["ErrorId"].Value}");
        Assert.Equal(["Failed HealthRuleInvalid", "Warning HealthMetricSpelling", "Failed NotificationChannelInvalid"], checks);
    }

    private string Empty()
    {
        string path = Path.Combine(_folder, "empty.psd1");
        File.WriteAllText(path, "@{ }");
        return path;
    }

    private List<string> Warnings(string script) => [.. _engine.Run(script).Select(rule => rule.Properties["Warning"].Value.ToString()!)];

    private List<string> Names(string script, string property) => [.. _engine.Run(script).Select(found => found.Properties[property].Value.ToString()!)];
}

namespace ProdOps.Cmdlets.Tests.Recovery;

/// <summary>Get-SinglePointOfFailure through the built module.</summary>
public sealed class SinglePointOfFailureTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-topology-").FullName;
    private readonly Engine _engine = new();

    public SinglePointOfFailureTests()
    {
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), """
            @{
                Name = 'shop'
                Servers = @(
                    @{ Name = 'lb1'; Role = 'LoadBalancer' }, @{ Name = 'lb2'; Role = 'LoadBalancer' }, @{ Name = 'web1'; Role = 'App'; DependsOn = 'db1' }, @{ Name = 'web2'; Role = 'App'; DependsOn = 'db1' }
                    @{ Name = 'db1'; Role = 'Database' }, @{ Name = 'cache1'; Role = 'Cache' }
                )
                LoadBalancers = @{ web = @{ Servers = 'lb1', 'lb2'; VirtualAddress = '10.77.0.100'; Pool = 'web1', 'web2' } }
                Monitoring = @{ Store = './store' }
            }
            """);
    }

    [Fact]
    public void What_takes_the_application_down_alone_is_told_and_what_nothing_needs_is_a_warning()
    {
        using var shell = _engine.Shell("Get-SinglePointOfFailure");
        var points = shell.Invoke();
        Assert.Equal(["Service db1", "Data db1"], points.Select(point => $"{point.Properties["Kind"].Value} {point.Properties["Component"].Value}"));
        Assert.Contains("cache1", Assert.Single(shell.Streams.Warning).Message, StringComparison.Ordinal);
        Assert.Equal("web", $"{((IReadOnlyList<string>)points[0].Properties["Path"].Value)[0]}");
    }

    [Fact]
    public void Findings_are_chosen_by_component_service_and_kind()
    {
        Assert.Equal(["Data"], Texts("(Get-SinglePointOfFailure -Kind Data, Backup 3>$null).Kind"));
        Assert.Empty(Texts("Get-SinglePointOfFailure web* 3>$null"));
        Assert.Equal(["db1", "db1"], Texts("(Get-SinglePointOfFailure DB1 3>$null).Component"));
        Assert.Equal(["Service"], Texts("(Get-SinglePointOfFailure -Service w* 3>$null).Kind"));
        Assert.Equal(["ServiceNotFound,ProdOps.Cmdlets.Recovery.GetSinglePointOfFailure"], Texts("try { Get-SinglePointOfFailure -Service wep -ErrorAction Stop 3>$null } catch { $_.FullyQualifiedErrorId }"));
    }

    [Fact]
    public void Pairs_are_told_in_the_place_of_what_falls_alone() =>
        Assert.Equal(["lb1 + lb2", "web1 + web2"], Texts("(Get-SinglePointOfFailure -Pair 3>$null).Component"));

    [Fact]
    public void The_history_of_CPUs_tells_whether_what_remains_is_enough()
    {
        _engine.Run("try { Get-Metric -Store ./none } catch { }");
        using (var fixture = new MonitoringFixture(Path.Combine(_folder, "store")))
        {
            fixture.AddSamples("web1", "cpu.busy", null, "%", 60, 1, i => i is > 20 and < 40 ? 70 : 5);
            fixture.AddSamples("web2", "cpu.busy", null, "%", 60, 1, i => i is > 20 and < 40 ? 60 : 5);
        }

        string message = Assert.Single(Texts("(Get-SinglePointOfFailure -Kind Capacity 3>$null).Message"));
        Assert.Contains("130 % of one server", message, StringComparison.Ordinal);
        // A test with one server that went well says more.
        Assert.Empty(Texts("[ProdOps.LoadTestResult]@{ Target = 'x'; LoadBalancer = 'web'; Requests = 1000; Rate = 100; Servers = [ProdOps.LoadTestShare[]]@([ProdOps.LoadTestShare]::new('web1', 1000, 0)) } | Get-SinglePointOfFailure -Kind Capacity 3>$null"));
    }

    [Fact]
    public void Components_and_services_are_proposed()
    {
        Assert.Equal(["cache1"], Proposals("Get-SinglePointOfFailure c"));
        Assert.Equal(["web"], Proposals("Get-SinglePointOfFailure -Service "));
    }

    [Fact]
    public void Without_an_environment_there_is_nothing_to_judge()
    {
        File.Delete(Path.Combine(_folder, "environment.psd1"));
        Assert.Equal(["EnvironmentNotFound,ProdOps.Cmdlets.Recovery.GetSinglePointOfFailure"], Texts("try { Get-SinglePointOfFailure -ErrorAction Stop } catch { $_.FullyQualifiedErrorId }"));
    }

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string[] Texts(string script) => [.. _engine.Run(script).Select(one => one?.ToString() ?? "")];

    private string[] Proposals(string line)
    {
        using var shell = _engine.Shell("param($text) [System.Management.Automation.CommandCompletion]::CompleteInput($text, $text.Length, $null).CompletionMatches | ForEach-Object { $_.CompletionText }").AddArgument(line);
        return [.. shell.Invoke().Select(one => $"{one}")];
    }
}

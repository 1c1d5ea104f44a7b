using System.Management.Automation;

namespace ProdOps.Cmdlets.Tests.LoadBalancing;

/// <summary>Invoke-RollingUpdate and Switch-LoadBalancer through the built module, as far as they come without balancers: those stand in the lab.</summary>
public sealed class RollingUpdateCmdletTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-rolling-").FullName;
    private readonly Engine _engine = new();

    public RollingUpdateCmdletTests()
    {
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), """
            @{
                Name          = 'shop'
                Servers       = @{ Name = 'lb1'; Local = $true; Role = 'LoadBalancer' }, @{ Name = 'web1'; Address = '127.0.0.1' }, @{ Name = 'web2'; Address = '127.0.0.2' }
                LoadBalancers = @{
                    web = @{ Servers = 'lb1'; Pool = 'web1', 'web2'; PoolPort = 8080; Check = '/health'; Socket = '/nowhere/admin.sock' }
                    api = @{ Servers = 'lb1'; Pool = 'web1', 'web2'; Port = 81; PoolPort = 8081; Socket = '/nowhere/admin.sock' }
                }
            }

            """);
    }

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("Invoke-RollingUpdate web", "RollingUpdateScriptMissing")]
    [InlineData("Invoke-RollingUpdate web -Command true -ScriptBlock { 1 }", "RollingUpdateScriptMissing")]
    [InlineData("Invoke-RollingUpdate wep -Command true", "LoadBalancerNotFound")]
    [InlineData("Invoke-RollingUpdate -Command true", "LoadBalancerNotNamed")]
    [InlineData("Invoke-RollingUpdate -Resume web-20200101-000000 -Command true", "RollingUpdateNotFound")]
    [InlineData("Invoke-RollingUpdate -Undo '../x' -Command true", "RollingUpdateNotFound")]
    [InlineData("Switch-LoadBalancer web -Confirm:$false", "LoadBalancerNoMovingAddress")]
    [InlineData("Switch-LoadBalancer wep -Confirm:$false", "LoadBalancerNotFound")]
    public void What_cannot_be_done_is_said_by_its_id(string script, string id)
    {
        using var shell = _engine.Shell($"try {{ {script} -ErrorAction Stop }} catch {{ $_ }}");
        var error = Assert.IsType<ErrorRecord>(Assert.Single(shell.Invoke()).BaseObject);
        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void Entries_are_completed()
    {
        Assert.Equal(["api", "web"], Complete("Invoke-RollingUpdate ").Order());
        Assert.Equal(["web"], Complete("Switch-LoadBalancer w"));
    }

    private IEnumerable<string> Complete(string line)
    {
        using var shell = _engine.Shell("param($text) [System.Management.Automation.CommandCompletion]::CompleteInput($text, $text.Length, $null).CompletionMatches | ForEach-Object { $_.CompletionText }").AddArgument(line);
        return [.. shell.Invoke().Select(text => text.ToString())];
    }
}

using ProdOps.Cmdlets.Tests.Backup;

namespace ProdOps.Cmdlets.Tests.Servers;

[Collection("Environment")]
public sealed class EnvironmentCmdletTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-new-").FullName;
    private readonly Engine _engine = new();

    public EnvironmentCmdletTests() => _engine.Run($"$ExecutionContext.SessionState.Path.SetLocation('{_folder}')");

    private string File => Path.Join(_folder, "environment.psd1");

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_new_environment_is_written_once_and_can_be_used_at_once()
    {
        var written = Assert.IsType<FileInfo>(_engine.Run("New-ProdOpsEnvironment localhost -Name shop").Single().BaseObject);
        Assert.Equal(File, written.FullName);
        Assert.Equal([_folder + "/environment.psd1"], Directory.GetFiles(_folder));
        Assert.Equal("shop", _engine.Run("(Get-ProdOpsEnvironment).Name").Single().BaseObject);
        Assert.True((bool)_engine.Run("(Get-Server).IsLocal").Single().BaseObject);
        Assert.Equal("EnvironmentExists,ProdOps.Cmdlets.Servers.NewProdOpsEnvironment", _engine.Fail("New-ProdOpsEnvironment localhost").FullyQualifiedErrorId);
        _engine.Run("New-ProdOpsEnvironment localhost -Name two -Force");
        Assert.Equal("two", _engine.Run("(Get-ProdOpsEnvironment).Name").Single().BaseObject);
    }

    [Fact]
    public void WhatIf_shows_the_text_and_writes_nothing()
    {
        string text = Assert.IsType<string>(_engine.Run("New-ProdOpsEnvironment localhost -WhatIf").Single().BaseObject);
        Assert.Contains("Servers = @(", text, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_broken_environment_around_does_not_stand_in_the_way_of_a_new_one()
    {
        System.IO.File.WriteAllText(File, "@{ Nmae = ");
        _engine.Run("New-ProdOpsEnvironment localhost -Force");
        Assert.Single(_engine.Run("Get-Server"));
        Assert.Equal("EnvironmentNotWritten,ProdOps.Cmdlets.Servers.NewProdOpsEnvironment", _engine.Fail("New-ProdOpsEnvironment localhost -Path no/where/e.psd1").FullyQualifiedErrorId);
    }

    [Fact]
    public void A_good_file_passes_every_check()
    {
        System.IO.File.WriteAllText(File, "@{ Servers = @{ Name = 'localhost' } }");
        var checks = _engine.Run("Test-ProdOpsEnvironment");
        Assert.Equal(["Syntax", "Include", "Keys", "Secrets", "Servers", "Dependencies", "Backups", "LoadBalancers", "Monitoring"], checks.Select(check => check.Properties["Check"].Value));
        Assert.All(checks, check => Assert.Equal("Passed", check.Properties["Status"].Value.ToString()));
        var connected = _engine.Run("Test-ProdOpsEnvironment -Connect");
        Assert.Equal(["Connection", "Root", "Clock"], connected.Skip(9).Select(check => check.Properties["Check"].Value));
        Assert.All(connected.Skip(9), check => Assert.Equal("localhost", check.Properties["Server"].Value));
    }

    [Fact]
    public void Everything_that_is_wrong_is_a_result_with_its_line_and_advice()
    {
        System.IO.File.WriteAllText(File, "@{\n  Nmae = 'x'\n  Servers = @{ Name = 'a'; DependsOn = 'b' }\n}");
        var failed = _engine.Run("Test-ProdOpsEnvironment -Connect | & { process { if ($_.Status -eq 'Failed') { $_ } } }");
        Assert.Equal(["UnknownKey", "UnknownServer"], failed.Select(check => check.Properties["ErrorId"].Value));
        Assert.Equal([2, 3], failed.Select(check => check.Properties["Line"].Value));
        Assert.All(failed, check => Assert.NotEmpty((string)check.Properties["Recommendation"].Value));
        Assert.Equal("EnvironmentNotFound,ProdOps.Cmdlets.Servers.TestProdOpsEnvironment", _engine.Fail("Test-ProdOpsEnvironment /no/where").FullyQualifiedErrorId);
    }

    [Fact]
    public void The_example_environment_is_read_without_a_problem()
    {
        string example = Path.Join(Built.Root, "examples", "environment.psd1");
        var checks = _engine.Run($"Test-ProdOpsEnvironment '{example}'");
        // Its secrets and keys are on nobody's machine; nothing else may be said of it.
        Assert.All(checks, check => Assert.True(check.Properties["Status"].Value.ToString() == "Passed" || check.Properties["ErrorId"].Value is "SecretNotFound" or "IdentityFileNotFound", check.Properties["Message"].Value.ToString()));
        Assert.Equal(9, _engine.Run($"Get-Server -Environment '{example}'").Count);
        Assert.Equal(["lb1", "lb2"], _engine.Run($"(Get-Server role:LoadBalancer -Environment '{example}').Name").Select(name => name.BaseObject));
    }
}

using System.Management.Automation;
using ProdOps.Cmdlets.Tests.Backup;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Cmdlets.Tests.Servers;

[Collection("Environment")]
public sealed class InventoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-inventory-").FullName;
    private readonly Engine _engine = new();

    public InventoryTests()
    {
        Write("environment.psd1", """
            @{
                Name    = 'shop'
                Include = 'servers/*.psd1'
                Servers = @(
                    @{ Name = 'lb1'; Address = '10.77.0.11'; Role = 'LoadBalancer'; Group = 'eu' }
                    @{ Name = 'web1'; Address = '10.77.0.13'; Role = 'App'; Group = 'eu'; DependsOn = 'db1' }
                )
            }
            """);
        Write("servers/db.psd1", "@{ Servers = @(@{ Name = 'db1'; Address = '10.77.0.15'; Role = 'Database'; Ssh = @{ User = 'dba' } }) }");
        Directory.CreateDirectory(Path.Join(_folder, "deep", "er"));
        _engine.Run($"$ExecutionContext.SessionState.Path.SetLocation('{_folder}/deep/er')");
    }

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("Get-Server", "lb1,web1,db1")]
    [InlineData("Get-Server web*, lb1, WEB1", "web1,lb1")]
    [InlineData("'db1', 'lb*' | Get-Server", "db1,lb1")]
    [InlineData("Get-Server -Role App, Data*", "web1,db1")]
    [InlineData("Get-Server -Group eu -Role LoadBalancer", "lb1")]
    [InlineData("Get-Server role:App", "web1")]
    [InlineData("Get-Server nothing*", "")]
    [InlineData("Get-Server | Get-Server", "lb1,web1,db1")]
    [InlineData("Get-Server localhost", "localhost")]
    [InlineData("Get-Server root@web1, admin@10.1.2.3:22", "web1,10.1.2.3")]
    public void Servers_are_chosen(string script, string names) =>
        Assert.Equal(names, string.Join(',', _engine.Run(script).Select(server => server.Properties["Name"].Value)));

    [Fact]
    public void A_server_has_typed_properties_that_scripts_can_use()
    {
        Assert.Equal("ProdOps.Server", _engine.Run("(Get-Server db1).GetType().FullName").Single().BaseObject);
        Assert.Equal("dba", _engine.Run("(Get-Server db1).Ssh.User").Single().BaseObject);
        Assert.Equal("db1", _engine.Run("(Get-Server web1).DependsOn").Single().BaseObject);
    }

    [Fact]
    public void A_name_that_is_not_there_is_an_error_of_its_own_and_the_others_go_on()
    {
        using var shell = _engine.Shell("Get-Server web2, db1");
        Assert.Single(shell.Invoke());
        var error = shell.Streams.Error.Single();
        Assert.Equal("ServerNotFound,ProdOps.Cmdlets.Servers.GetServer", error.FullyQualifiedErrorId);
        Assert.Equal((ErrorCategory.ObjectNotFound, "web2"), (error.CategoryInfo.Category, error.TargetObject));
        Assert.Contains("'web1'", error.Exception.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void The_environment_is_an_object()
    {
        var environment = _engine.Run("Get-ProdOpsEnvironment").Single();
        Assert.Equal("shop", environment.Properties["Name"].Value);
        Assert.Equal(2, _engine.Run("(Get-ProdOpsEnvironment).Files").Count);
        Assert.Equal(3, _engine.Run($"(Get-ProdOpsEnvironment '{_folder}').Servers").Count);
        Assert.Equal(3, _engine.Run($"([IO.FileInfo]'{_folder}/environment.psd1' | Get-ProdOpsEnvironment).Servers").Count);
    }

    [Fact]
    public void The_file_is_found_by_parameter_then_by_variable_then_upwards()
    {
        string other = Write("other/o.psd1", "@{ Name = 'other' }"), third = Write("third/environment.psd1", "@{ Name = 'third' }");
        try
        {
            Environment.SetEnvironmentVariable("PRODOPS_ENVIRONMENT", third);
            Assert.Equal("third", _engine.Run("(Get-ProdOpsEnvironment).Name").Single().BaseObject);
            Assert.Equal("other", _engine.Run("(Get-ProdOpsEnvironment ../../other/o.psd1).Name").Single().BaseObject);
        }
        finally
        {
            Environment.SetEnvironmentVariable("PRODOPS_ENVIRONMENT", null);
        }

        Assert.Equal("shop", _engine.Run("(Get-ProdOpsEnvironment).Name").Single().BaseObject);
        Assert.Equal("EnvironmentNotFound,ProdOps.Cmdlets.Servers.GetProdOpsEnvironment", _engine.Fail($"Get-ProdOpsEnvironment '{other}x'").FullyQualifiedErrorId);
        Assert.Equal("EnvironmentNotFound,ProdOps.Cmdlets.Servers.GetServer", _engine.Fail("$ExecutionContext.SessionState.Path.SetLocation('/'); Get-Server").FullyQualifiedErrorId);
    }

    [Fact]
    public void A_file_with_errors_ends_the_command_and_all_errors_are_told()
    {
        Write("environment.psd1", "@{ Nmae = 'x'\nSsh = @{ Password = 'hunter2' } }");
        var error = _engine.Fail("Get-Server");
        Assert.Equal("EnvironmentInvalid,ProdOps.Cmdlets.Servers.GetServer", error.FullyQualifiedErrorId);
        Assert.Contains("has 2 errors", error.Exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.ToString() + error.ErrorDetails, StringComparison.Ordinal);
    }

    [UnixFact]
    public void A_file_that_everybody_may_write_is_used_only_if_it_is_named()
    {
        string path = Path.Join(_folder, "environment.psd1");
        Tool.SetMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
        Assert.Equal("EnvironmentUntrusted,ProdOps.Cmdlets.Servers.GetServer", _engine.Fail("Get-Server").FullyQualifiedErrorId);
        Assert.Equal(3, _engine.Run($"Get-Server -Environment '{path}'").Count);
    }

    [Theory]
    [InlineData("Get-Server w", "web1:10.77.0.13, App")]
    [InlineData("Get-Server role:", "role:App:web1|role:Database:db1|role:LoadBalancer:lb1")]
    [InlineData("Get-Server group:e", "group:eu:lb1, web1")]
    [InlineData("Get-Server -Role d", "Database:db1")]
    [InlineData("Get-Server -Group ", "eu:lb1, web1")]
    public void Names_roles_and_groups_are_proposed_with_what_they_are(string line, string expected)
    {
        Assert.Equal(expected, string.Join('|', Complete(line).Select(proposal => $"{proposal.CompletionText}:{proposal.ToolTip}")));
    }

    [Fact]
    public void Proposals_come_from_broken_files_too_and_never_fail()
    {
        Write("environment.psd1", "@{ Nmae = 1; Servers = @{ Name = 'alpha' } }");
        Assert.Equal(["alpha"], Complete("Get-Server a").Select(proposal => proposal.CompletionText));
        Write("environment.psd1", "@{ Servers = @{ Name = 'beta' } }\n");
        Assert.Equal(["beta"], Complete("Get-Server b").Select(proposal => proposal.CompletionText));
        Write("environment.psd1", "@{ Servers = ");
        Assert.DoesNotContain(Complete("Get-Server -Role b"), proposal => proposal.CompletionText == "beta");
    }

    [Fact]
    public void A_server_that_was_stored_counts_by_its_name()
    {
        Assert.Equal("web1", _engine.Run("""
            $stored = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Get-Server web1)))
            ([ProdOps.Cmdlets.Servers.ServerReference]$stored).Text
            """).Single().BaseObject);
        Assert.Equal("web1", _engine.Run("([ProdOps.Cmdlets.Servers.ServerReference]'web1').Text").Single().BaseObject);
        Assert.Equal("web1", _engine.Run("([ProdOps.Cmdlets.Servers.ServerReference](Get-Server web1)).Server.Name").Single().BaseObject);
        Assert.Contains("no server", _engine.Fail("[ProdOps.Cmdlets.Servers.ServerReference]([IO.FileInfo]'/')").ToString(), StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        string path = Path.Join(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    private IList<CompletionResult> Complete(string line)
    {
        using var shell = _engine.Shell("");
        shell.Commands.Clear();
        return CommandCompletion.CompleteInput(line, line.Length, null, shell).CompletionMatches;
    }
}

/// <summary>Tests that change or depend on $env:PRODOPS_ENVIRONMENT; they run one after the other.</summary>
[CollectionDefinition("Environment", DisableParallelization = true)]
public sealed class EnvironmentCollection;

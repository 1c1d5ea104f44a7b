namespace ProdOps.Servers.Tests.Inventory;

public sealed class NodeExporterSectionTests
{
    private const string Usual = "http://{server}:9100/metrics";

    [Fact]
    public void It_is_said_of_a_server_or_of_many_and_a_server_can_do_without()
    {
        using var files = new EnvironmentFiles();
        var servers = files.Read("""
            @{
                Defaults = @{ Roles = @{ App = @{ NodeExporter = $true } }; Groups = @{ tls = @{ NodeExporter = @{ Url = 'https://{server}/node'; User = 'prom'; Password = @{ File = 'prom.key' }; CaCertificate = 'ca.pem' } } } }
                Servers = @(
                    @{ Name = 'web1'; Role = 'App' }, @{ Name = 'web2'; Role = 'App'; NodeExporter = $false }, @{ Name = 'web3'; Role = 'App'; NodeExporter = 'http://10.0.0.3:9101/metrics?collect[]=cpu' }
                    @{ Name = 'web4'; Role = 'App'; Group = 'tls' }, @{ Name = 'db1' }, @{ Name = 'db2'; NodeExporter = @{ Token = @{ Variable = 'PROM' } } }
                )
            }
            """).Require().Servers;
        Assert.Equal([Usual, null, "http://10.0.0.3:9101/metrics?collect[]=cpu", "https://{server}/node", null, Usual], servers.Select(server => server.NodeExporter?.Url));
        Assert.Equal(
            new NodeExporterOptions
            {
                Url = "https://{server}/node", User = "prom", Password = new SecretReference(SecretKind.File, Path.Join(files.Folder, "prom.key")), CaCertificate = Path.Join(files.Folder, "ca.pem"),
            }, servers[3].NodeExporter);
        Assert.Equal(new SecretReference(SecretKind.Variable, "PROM"), servers[5].NodeExporter!.Token);
    }

    [Theory]
    [InlineData("'web1:9100'", "InvalidValue Servers[0].NodeExporter")]
    [InlineData("'ftp://{server}/metrics'", "InvalidValue Servers[0].NodeExporter")]
    [InlineData("'http://ann@{server}:9100/metrics'", "InvalidValue Servers[0].NodeExporter")]
    [InlineData("'http://ann:swordfish@{server}:9100/metrics'", "SecretInClear Servers[0].NodeExporter")]
    [InlineData("9100", "WrongType Servers[0].NodeExporter")]
    [InlineData("@{ Adress = 'http://web1:9100/metrics' }", "UnknownKey Servers[0].NodeExporter.Adress")]
    [InlineData("@{ Url = 'nowhere' }", "InvalidValue Servers[0].NodeExporter.Url")]
    [InlineData("@{ User = 'ann'; Password = 'swordfish' }", "SecretInClear Servers[0].NodeExporter.Password")]
    [InlineData("@{ User = 'ann'; Token = @{ Variable = 'T' } }", "NodeExporterLoginTwice Servers[0].NodeExporter")]
    [InlineData("@{ Password = @{ Variable = 'T' } }", "MonitoringKeyUnused Servers[0].NodeExporter.Password")]
    public void What_cannot_be_is_told_with_its_place_and_without_what_is_secret(string value, string problem)
    {
        var found = Assert.Single(EnvironmentFiles.ReadText($"@{{\nServers = @( @{{ Name = 'web1'\nNodeExporter = {value} }} ) }}").Problems);
        Assert.Equal(problem, $"{found.Id} {found.Key}");
        Assert.Equal(3, found.Position.Line);
        Assert.DoesNotContain("swordfish", $"{found.Message} {found.Recommendation}", StringComparison.Ordinal);
    }
}

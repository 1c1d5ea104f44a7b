namespace ProdOps.Lab.Tests.Inventory;

/// <summary>The environment file and the hosts it speaks of.</summary>
[Collection(LabCollection.Name)]
public sealed class InventoryTests(Fleet fleet)
{
    [LabFact]
    public async Task Servers_of_the_environment_go_down_the_pipeline_and_by_role()
    {
        var hosts = await fleet.UpAsync("web1", "web2", "odd1");
        using var admin = new Admin(hosts);
        var all = await admin.RunAsync("Get-Server | Get-ServerClock | ForEach-Object { \"$($_.Server)\" }");
        Assert.Equal(["odd1", "web1", "web2"], all.Clean.Select(line => line.ToString()).Order(StringComparer.Ordinal));
        var app = await admin.RunAsync("Get-ServerClock -Server role:App | ForEach-Object { \"$($_.Server)\" }");
        Assert.Equal(["web1", "web2"], app.Clean.Select(line => line.ToString()).Order(StringComparer.Ordinal));
    }

    [LabFact]
    public async Task Test_ProdOpsEnvironment_connects_and_finds_what_is_wrong_with_the_servers()
    {
        var hosts = await fleet.UpAsync("web1", "victim1");
        using var admin = new Admin(hosts);
        await hosts[1].KillAsync();
        try
        {
            var answer = await admin.RunAsync("Test-ProdOpsEnvironment -Connect -ConnectTimeoutSec 5 | ForEach-Object { \"$($_.Server) $($_.Check) $($_.Status)\" }");
var checks = answer.Clean.Select(line => line.ToString()).ToArray();
            Assert.Contains(checks, check => check.StartsWith("victim1 ", StringComparison.Ordinal) && check.EndsWith(" Failed", StringComparison.Ordinal));
            Assert.DoesNotContain(checks, check => check.StartsWith("web1 ", StringComparison.Ordinal) && check.EndsWith(" Failed", StringComparison.Ordinal));
        }
        finally
        {
            await hosts[1].BootAsync();
        }
    }
}

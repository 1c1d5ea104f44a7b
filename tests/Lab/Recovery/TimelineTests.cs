using ProdOps.Lab.Tests.Monitoring;

namespace ProdOps.Lab.Tests.Recovery;

/// <summary>An incident on a host, and what the timeline says caused it.</summary>
[Collection(LabCollection.Name)]
public sealed class TimelineTests(Fleet fleet)
{
    [LabFact]
    public async Task A_bad_configuration_that_stops_a_service_ranks_first()
    {
        var host = await fleet.UpAsync("web1");
        await host.RunAsync("rm -f /etc/nginx/conf.d/lab-bad.conf; systemctl start nginx");
        using var admin = new Admin(
            $"User = 'root'; IdentityFile = '{Fleet.Key}'; KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = 'none'", $"@{{ Name = 'web1'; Address = '{host.Address}'; Role = 'App'; Services = 'nginx' }}");
        try
        {
            await using var monitor = await LabMonitor.StartAsync(admin, [$"@{{ Name = 'service'; {LabMonitor.AtOnce} }}"]);
            await monitor.WellAsync("web1", "service", "nginx");
            await host.RunAsync("echo 'listen nowhere;' >/etc/nginx/conf.d/lab-bad.conf; systemctl restart nginx || true");
            await monitor.MessageAsync("Problem", "nginx");

            var causes = await admin.RunAsync("Get-Timeline -Last 5m -Cause | ForEach-Object { \"$($_.Server) $($_.Kind) $($_.Text)\" }");
            Assert.Empty(causes.Errors);
            Assert.Equal("web1 Configuration /etc/nginx/conf.d/lab-bad.conf changed", causes.Output[0].ToString());
            var all = (await admin.RunAsync("Get-Timeline -Last 5m | ForEach-Object { \"$($_.Kind)\" }")).Sorted;
            Assert.Contains("Service", all);
            Assert.Contains("Health", all);
            Assert.Contains("Incident", all);
        }
        finally
        {
            await host.RunAsync("rm -f /etc/nginx/conf.d/lab-bad.conf; systemctl reset-failed nginx || true; systemctl stop nginx");
        }
    }
}

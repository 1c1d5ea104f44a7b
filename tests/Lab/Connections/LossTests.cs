namespace ProdOps.Lab.Tests.Connections;

/// <summary>Hosts that are not there, fall silent, or come back.</summary>
[Collection(LabCollection.Name)]
public sealed class LossTests(Fleet fleet)
{
    [LabFact]
    public async Task One_dead_server_among_many_is_one_error_and_the_others_answer()
    {
        var hosts = await fleet.UpAsync("web1", "web2", "victim1");
        await hosts[2].KillAsync();
        try
        {
            using var admin = new Admin(hosts);
            var answer = await admin.RunAsync("Get-ServerClock -Server * -ConnectTimeoutSec 5");
            Assert.Equal(["web1", "web2"], answer.Output.Select(result => result.Properties["Server"].Value.ToString()).Order());
            Assert.Contains("victim1", answer.Error.ToString());
            Assert.Equal("victim1", answer.Error.TargetObject.ToString());
            Assert.InRange(answer.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        }
        finally
        {
            await hosts[2].BootAsync();
        }
    }

    [LabFact]
    public async Task A_host_that_takes_the_connection_and_says_nothing_is_given_up_in_time()
    {
        var hosts = await fleet.UpAsync("web1", "victim1");
        // The kernel accepts for a stopped sshd.
        await hosts[1].RunAsync("systemctl kill --kill-who=main --signal=STOP ssh");
        try
        {
            using var admin = new Admin(hosts);
            var answer = await admin.RunAsync("Get-ServerClock -Server web1, victim1 -ConnectTimeoutSec 3");
            Assert.Equal("web1", Assert.Single(answer.Output).Properties["Server"].Value.ToString());
            Assert.Contains("victim1", answer.Error.ToString());
            Assert.InRange(answer.Elapsed, TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(8));
        }
        finally
        {
            await hosts[1].RunAsync("systemctl kill --kill-who=main --signal=CONT ssh");
        }
    }

    [LabFact]
    public async Task A_kept_connection_whose_host_was_down_meanwhile_is_replaced_and_nobody_notices()
    {
        var host = await fleet.UpAsync("victim1");
        using var admin = new Admin(host);
        var before = (await admin.RunAsync("(Get-ServerClock -Server victim1).Server")).Text;
        await host.KillAsync();
        await host.BootAsync();
        var after = await admin.RunAsync("(Get-ServerClock -Server victim1).Server");
        Assert.Equal(before, after.Text);
        Assert.InRange(after.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
    }

    [LabFact]
    public async Task A_kept_connection_that_the_server_closed_is_replaced_and_nobody_notices()
    {
        var host = await fleet.UpAsync("web1");
        using var admin = new Admin(host);
        Assert.Equal("web1", (await admin.RunAsync("(Get-ServerClock -Server web1).Server")).Text);
        await host.RunAsync("pkill -f '^sshd: root' || true");
        Assert.Equal("web1", (await admin.RunAsync("(Get-ServerClock -Server web1).Server")).Text);
    }
}

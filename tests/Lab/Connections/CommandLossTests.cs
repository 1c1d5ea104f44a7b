namespace ProdOps.Lab.Tests.Connections;

/// <summary>Hosts and cables that fail while a command runs, and between two commands.</summary>
[Collection(LabCollection.Name)]
public sealed class CommandLossTests(Fleet fleet)
{
    [LabFact]
    public async Task A_server_that_dies_in_mid_command_is_one_error_and_the_others_answer()
    {
        var hosts = await fleet.UpAsync("web1", "web2", "victim1");
        using var admin = Admin.Impatient(hosts);
        foreach (var host in hosts) await host.RunAsync("rm -f /run/begun");
        var running = admin.Start("Invoke-ServerCommand 'touch /run/begun; sleep 3; hostname' -Server *");
        foreach (var host in hosts) await host.WaitAsync("[ -e /run/begun ]");
        await hosts[2].KillAsync();
        try
        {
            var answer = await running.EndAsync();
            Assert.Equal(["web1", "web2"], answer.Output.Select(result => result.Properties["Server"].Value.ToString()).Order());
            Assert.All(answer.Output, result => Assert.Equal([(string)result.Properties["Server"].Value], (IEnumerable<string>)result.Properties["StandardOutput"].Value));
            Assert.Equal("ConnectionLost,ProdOps.Cmdlets.Servers.InvokeServerCommand", answer.Error.FullyQualifiedErrorId);
            Assert.Equal(System.Management.Automation.ErrorCategory.ResourceUnavailable, answer.Error.CategoryInfo.Category);
            Assert.Equal("victim1", answer.Error.TargetObject.ToString());
            Assert.InRange(answer.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        }
        finally
        {
            await hosts[2].BootAsync();
        }
    }

    [LabFact]
    public async Task A_cable_that_is_cut_is_an_error_in_mid_command_and_before_the_next_and_none_once_it_is_back()
    {
        var host = await fleet.UpAsync("victim1");
        using var admin = Admin.Impatient(host);
        await host.RunAsync("rm -f /run/begun");
        var running = admin.Start("Invoke-ServerCommand 'touch /run/begun; sleep 600' -Server victim1");
        await host.WaitAsync("[ -e /run/begun ]");
        await host.CutAsync();
        try
        {
            var answer = await running.EndAsync();
            Assert.Equal(("ConnectionLost", "victim1"), (answer.ErrorId, answer.Error.TargetObject.ToString()));
            Assert.Empty(answer.Output);
            await host.PlugAsync();
            using var patient = new Admin($"User = 'root'; IdentityFile = '{Fleet.Key}'; KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = 'none'; ConnectTimeout = '3s'", $"@{{ Name = 'victim1'; Address = '{host.Address}' }}");
            foreach (var each in new[] { admin, patient }) Assert.Equal("victim1", (await each.RunAsync("(Invoke-ServerCommand hostname -Server victim1).StandardOutput")).Text);

            // A connection that is kept, and nobody has noticed yet.
            await host.CutAsync();
            answer = await patient.RunAsync("Invoke-ServerCommand hostname -Server victim1");
            Assert.Contains(answer.ErrorId, new[] { "ConnectTimedOut", "ServerUnreachable" });
            Assert.Equal("victim1", answer.Error.TargetObject.ToString());
            Assert.InRange(answer.Elapsed, TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(10));
            await host.PlugAsync();
            Assert.Equal("victim1", (await patient.RunAsync("(Invoke-ServerCommand hostname -Server victim1).StandardOutput")).Text);
        }
        finally
        {
            await host.PlugAsync();
        }

        await host.RunAsync("pkill -f '^sleep 600' || true");
    }

    [LabFact]
    public async Task A_cable_that_is_out_for_a_moment_costs_nothing_but_the_moment()
    {
        var host = await fleet.UpAsync("victim1");
        using var admin = new Admin(host);
        await host.RunAsync("rm -f /run/begun /run/go");
        var running = admin.Start("(Invoke-ServerCommand 'touch /run/begun; until [ -e /run/go ]; do sleep 0.05; done; seq 100000; touch /run/done' -Server victim1).StandardOutput");
        await host.WaitAsync("[ -e /run/begun ]");
        await host.CutAsync();
        try
        {
            await host.RunAsync("touch /run/go");
            await host.WaitAsync("[ -e /run/done ]");
        }
        finally
        {
            await host.PlugAsync();
        }

        var answer = await running.EndAsync();
        Assert.Equal(Enumerable.Range(1, 100000).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture)), answer.Clean.Select(line => line.ToString()));
    }

    [LabFact]
    public async Task What_may_run_twice_is_run_again_when_the_connection_breaks_and_a_users_command_is_not()
    {
        var host = await fleet.UpAsync("victim1");
        await host.RunAsync("cat > /usr/local/bin/date && chmod 755 /usr/local/bin/date; rm -f /run/date.* /run/ran",
            "#!/bin/sh\necho x >> /run/date.runs\n[ -e /run/date.once ] || { touch /run/date.once; exec sleep 600; }\nexec /usr/bin/date \"$@\"\n");
        try
        {
            using var admin = new Admin(host);
            var running = admin.Start("Test-ProdOpsEnvironment -Connect | ForEach-Object { \"$($_.Server) $($_.Check) $($_.Status)\" }");
            await host.WaitAsync("[ -e /run/date.once ]");
            await host.RunAsync("pkill -f '^sshd: root'");
            var checks = (await running.EndAsync()).Clean.Select(check => check.ToString()).ToArray();
            Assert.Contains("victim1 Clock Passed", checks);
            Assert.DoesNotContain(checks, check => check.EndsWith("Failed", StringComparison.Ordinal));
            Assert.Equal("2", await host.RunAsync("wc -l < /run/date.runs"));

            running = admin.Start("Invoke-ServerCommand 'echo x >> /run/ran; sleep 600' -Server victim1");
            await host.WaitAsync("[ -e /run/ran ]");
            await host.RunAsync("pkill -f '^sshd: root'");
            var answer = await running.EndAsync();
            Assert.Equal(("ConnectionLost", "victim1"), (answer.ErrorId, answer.Error.TargetObject.ToString()));
            Assert.Equal("victim1", (await admin.RunAsync("(Invoke-ServerCommand hostname -Server victim1).StandardOutput")).Text);
            Assert.Equal("1", await host.RunAsync("wc -l < /run/ran"));
        }
        finally
        {
            await host.RunAsync("rm -f /usr/local/bin/date; pkill -f '^sleep 600' || true");
        }
    }
}

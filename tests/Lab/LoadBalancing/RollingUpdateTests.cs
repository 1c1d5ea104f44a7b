using System.Net.Sockets;
using System.Text;
using ProdOps.Lab.Tests.Logging;
using Xunit.Abstractions;

namespace ProdOps.Lab.Tests.LoadBalancing;

/// <summary>Application servers that are updated one after the other while clients ask them.</summary>
[Collection(LabCollection.Name)]
public sealed class RollingUpdateTests(Fleet fleet, ITestOutputHelper output)
{
    /// <summary>An update during which the application is not there for a while. Its version is seen in the answers.</summary>
    private const string Update = $"systemctl stop nginx && sleep 1 && echo \"add_header X-Served-By $(hostname)-v{{0}} always;\" >{LabLoad.ServedBy} && systemctl start nginx";

    [LabFact]
    [Trait(CountsTable.Trait, "yes")]
    public async Task All_four_servers_are_updated_and_no_request_is_lost()
    {
        var (pair, admin) = await StartAsync(4);
        using (admin)
        {
            var planned = await admin.RunAsync($"Invoke-RollingUpdate web -Command '{Of(2)}' -WhatIf | ForEach-Object {{ \"$($_.Batch) $($_.Server) $($_.Phase) $($_.Status)\" }}");
            Assert.Equal(20, planned.Sorted.Count());
            Assert.All(planned.Sorted, line => Assert.EndsWith(" Planned", line, StringComparison.Ordinal));
            await using var clients = await LabClients.StartAsync(Effort.Of(full: 800, usual: 200), pair.Url);
            int last = Effort.Of(full: 7, usual: 2);
            for (int version = 2; version <= last; version++)
            {
                var steps = await admin.RunAsync($"Invoke-RollingUpdate web -SettleTime 2s -ScriptBlock {{ Invoke-ServerCommand -Server $_ '{Of(version)}' -AsRoot }} | ForEach-Object {{ \"$($_.Server) $($_.Phase) $($_.Status) $($_.Message)\" }}");
                Assert.Equal(20, steps.Sorted.Count());
                Assert.All(steps.Sorted, line => Assert.Equal("Done", line.Split(' ')[2]));
                Assert.All(steps.Sorted.Where(line => line.Contains(" Settle ", StringComparison.Ordinal)), line => Assert.Matches("[1-9][0-9]* requests, 0 failed$", line));
            }

            var count = await clients.StopAsync(pair.Servers);
            output.WriteLine($"{count}");
            CountsTable.Add($"rolling update of 4 servers, {last - 1} in all", count);
            count.AssertWhole();
            Assert.Equal([.. pair.Servers.Select(server => $"{server.Name}-v{last}")], count.Servers.Where(server => server.EndsWith($"-v{last}", StringComparison.Ordinal)));
        }
    }

    [LabFact]
    public async Task A_script_that_fails_halfway_leaves_the_others_serving_and_the_update_goes_on_when_it_is_mended()
    {
        var (pair, admin) = await StartAsync(3);
        using (admin)
        {
            await using var clients = await LabClients.StartAsync(100, pair.Url);
            var failed = await admin.RunAsync($"Invoke-RollingUpdate web -SettleTime 1s -Command 'if [ $(hostname) = app2 ]; then systemctl stop nginx; echo no room >&2; exit 100; fi; {Of(3)}' -AsRoot");
            Assert.Equal("RollingUpdateStopped", failed.ErrorId);
            Assert.Contains("app2 failed in Update: On server 'app2' the command", failed.Error.ToString(), StringComparison.Ordinal);
            Assert.Contains("no room", failed.Error.ToString(), StringComparison.Ordinal);
            Assert.Equal(["app1 Up", "app2 Maintenance", "app3 Up"], await StatesAsync(admin));
            Assert.DoesNotContain("-v3", await VersionAsync(pair.Servers[2]), StringComparison.Ordinal);

            string update = failed.Error.ErrorDetails.RecommendedAction.Split("-Resume ")[1].Split(' ')[0];
            var resumed = await admin.RunAsync($"Invoke-RollingUpdate -Resume {update} -Command '{Of(3)}' -AsRoot | ForEach-Object {{ \"$($_.Server) $($_.Phase) $($_.Status)\" }}");
            Assert.DoesNotContain(resumed.Sorted, line => line.StartsWith("app1", StringComparison.Ordinal));
            Assert.Equal(["app1 Up", "app2 Up", "app3 Up"], await StatesAsync(admin));

            var undone = await admin.RunAsync($"Invoke-RollingUpdate -Undo {update} -Command '{Of(1)}' -AsRoot | Where-Object Phase -eq Undo | ForEach-Object Server");
            Assert.Equal(["app3", "app2", "app1"], undone.Clean.Select(server => server.ToString()));
            await StopAsync(clients, pair);
        }
    }

    [LabFact]
    public async Task Killed_halfway_it_goes_on_where_it_was()
    {
        var (pair, admin) = await StartAsync(3);
        using (admin)
        {
            await using var clients = await LabClients.StartAsync(100, pair.Url);
            string data = Path.Combine(admin.Folder, "data");
            await pair.Servers[1].RunAsync("rm -f /run/begun");
            using (var process = HostProcess.Start(
                ["-Command", $"$env:XDG_DATA_HOME = '{data}'; Invoke-RollingUpdate web -SettleTime 1s -Environment '{admin.EnvironmentFile}' -AsRoot -Command 'touch /run/begun; if [ $(hostname) = app2 ]; then sleep 60; fi; {Of(4)}'"]))
            {
                await pair.Servers[1].WaitAsync("test -e /run/begun", seconds: 60);
                process.Kill();
                await process.WaitForExitAsync();
            }

            Assert.Equal(["app1 Up", "app2 Maintenance", "app3 Up"], await StatesAsync(admin));
            string update = Path.GetFileNameWithoutExtension(Assert.Single(Directory.GetFiles(Path.Combine(data, "prodops", "rolling-updates"))));
            var resumed = await admin.RunAsync($"$env:XDG_DATA_HOME = '{data}'; Invoke-RollingUpdate -Resume {update} -AsRoot -Command '{Of(4)}' | ForEach-Object {{ \"$($_.Server) $($_.Phase) $($_.Status)\" }}");
            Assert.Equal(["app2", "app3"], resumed.Sorted.Select(line => line.Split(' ')[0]).Distinct());
            Assert.Equal(["app1 Up", "app2 Up", "app3 Up"], await StatesAsync(admin));
            await StopAsync(clients, pair);
            foreach (var server in pair.Servers) Assert.Contains($"{server.Name}-v4 ", await VersionAsync(server), StringComparison.Ordinal);
        }
    }

    [LabFact]
    public async Task Ctrl_C_while_a_server_finishes_its_requests_puts_it_back()
    {
        var (pair, admin) = await StartAsync(3);
        using (admin)
        {
            await using var clients = await LabClients.StartAsync(100, pair.Url);
            // An answer that nobody reads holds the server in the first phase.
            using var held = await HoldAsync(pair, "app1");
            var update = admin.Start("Invoke-RollingUpdate web -Command 'true'");
            await LogAdmin.UntilAsync(async () => (await StatesAsync(admin))[0] == "app1 Drain", () => "app1 is drained");
            var took = await update.StopAsync();
            output.WriteLine($"stopped within {took.TotalSeconds:0.0} s");
            Assert.Equal(["app1 Up", "app2 Up", "app3 Up"], await StatesAsync(admin));
            await StopAsync(clients, pair);
        }
    }

    private static string Of(int version) => string.Format(System.Globalization.CultureInfo.InvariantCulture, Update, version);

    private static Task<string> VersionAsync(LabHost server) => server.RunAsync($"cat {LabLoad.ServedBy}");

    /// <summary>Nobody noticed anything.</summary>
    private async Task StopAsync(LabClients clients, BalancerPair pair)
    {
        var count = await clients.StopAsync(pair.Servers);
        output.WriteLine($"{count}");
        Assert.True((count.Failed, count.Lost, count.Replayed) == (0, 0, 0) && count.Requests > 100, $"{count}");
    }

    /// <summary>A connection through the balancer to a server, which is sending something large that nobody reads.</summary>
    private static async Task<TcpClient> HoldAsync(BalancerPair pair, string server)
    {
        string answer = "";
        for (int attempt = 0; attempt < 20; attempt++)
        {
            var client = new TcpClient { ReceiveBufferSize = 4096 };
            await client.ConnectAsync(pair.Address, 80);
            await client.GetStream().WriteAsync("GET /big HTTP/1.1\r\nHost: web\r\n\r\n"u8.ToArray());
            byte[] head = new byte[1024];
            int length = await client.GetStream().ReadAsync(head);
            answer = Encoding.ASCII.GetString(head, 0, length);
            if (answer.Contains($"X-Served-By: {server}", StringComparison.OrdinalIgnoreCase)) return client;
            client.Dispose();
        }

        throw new InvalidOperationException($"{server} gets no request; the last answer was {answer}");
    }

    /// <summary>Asked beside what the admin's session may be doing.</summary>
    private static async Task<string[]> StatesAsync(Admin admin)
    {
        using var other = new Engine();
        using var shell = other.Shell($"Get-BackendServer -Environment '{admin.EnvironmentFile}' | Where-Object Balancer -eq bal1 | ForEach-Object {{ \"$($_.Name) $($_.State)\" }}");
        return [.. (await shell.InvokeAsync()).Select(line => $"{line}").Order(StringComparer.Ordinal)];
    }

    private async Task<(BalancerPair Pair, Admin Admin)> StartAsync(int servers)
    {
        var hosts = await fleet.UpAsync(["bal1", "bal2", .. new[] { "app1", "app2", "app3", "app4" }[..servers]]);
        var pair = new BalancerPair(hosts[..2], hosts[2..]);
        await pair.StartAsync();
        var admin = new Admin(hosts);
        await pair.AddToAsync(admin);
        return (pair, admin);
    }
}

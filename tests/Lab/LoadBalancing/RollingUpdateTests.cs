using System.Net.Sockets;
using System.Text;
using ProdOps.Lab.Tests.Logging;
using Xunit.Abstractions;

namespace ProdOps.Lab.Tests.LoadBalancing;

/// <summary>Application servers that are updated one after the other while clients ask them.</summary>
[Collection(LabCollection.Name)]
public sealed class RollingUpdateTests(Fleet fleet, ITestOutputHelper output)
{
    /// <summary>An update during which the application is not there for a while.</summary>
    private const string Update = "systemctl stop nginx && sleep 1 && echo {0} >/srv/version && systemctl start nginx";

    [LabFact]
    public async Task All_servers_are_updated_and_no_request_is_lost()
    {
        var (pair, admin) = await StartAsync();
        using (admin)
        {
            await using var clients = new RequestLoop(pair.Url);
            await clients.SomeAsync();
            var planned = await admin.RunAsync($"Invoke-RollingUpdate web -Command '{string.Format(Update, 2)}' -WhatIf | ForEach-Object {{ \"$($_.Batch) $($_.Server) $($_.Phase) $($_.Status)\" }}");
            Assert.Equal(15, planned.Sorted.Count());
            Assert.All(planned.Sorted, line => Assert.EndsWith(" Planned", line, StringComparison.Ordinal));
            var steps = await admin.RunAsync($"Invoke-RollingUpdate web -SettleTime 2s -ScriptBlock {{ Invoke-ServerCommand -Server $_ '{string.Format(Update, 2)}' -AsRoot }} | ForEach-Object {{ \"$($_.Server) $($_.Phase) $($_.Status)\" }}");
            Assert.Equal(15, steps.Sorted.Count());
            Assert.All(steps.Sorted, line => Assert.EndsWith(" Done", line, StringComparison.Ordinal));
            await clients.SomeAsync();
            await clients.StopAsync();
            output.WriteLine($"{clients.Requests} requests, {clients.Failures.Count} failed, longest gap {clients.Gap.TotalMilliseconds:0} ms");
            Assert.Empty(clients.Failures);
            foreach (var server in pair.Servers) Assert.Contains($"{server.Name} 2", clients.Answers.Keys);
        }
    }

    [LabFact]
    public async Task A_script_that_fails_halfway_leaves_the_others_serving_and_the_update_goes_on_when_it_is_mended()
    {
        var (pair, admin) = await StartAsync();
        using (admin)
        {
            await using var clients = new RequestLoop(pair.Url);
            await clients.SomeAsync();
            var failed = await admin.RunAsync($"Invoke-RollingUpdate web -SettleTime 1s -Command 'if [ $(hostname) = app2 ]; then systemctl stop nginx; echo no room >&2; exit 100; fi; {string.Format(Update, 3)}' -AsRoot");
            Assert.Equal("RollingUpdateStopped", failed.ErrorId);
            Assert.Contains("app2 failed in Update: On server 'app2' the command", failed.Error.ToString(), StringComparison.Ordinal);
            Assert.Contains("no room", failed.Error.ToString(), StringComparison.Ordinal);
            Assert.Equal(["app1 Up", "app2 Maintenance", "app3 Up"], await StatesAsync(admin));
            await clients.SomeAsync();
            Assert.Empty(clients.Failures);
            Assert.DoesNotContain("app3 3", clients.Answers.Keys);

            string update = failed.Error.ErrorDetails.RecommendedAction.Split("-Resume ")[1].Split(' ')[0];
            var resumed = await admin.RunAsync($"Invoke-RollingUpdate -Resume {update} -Command '{string.Format(Update, 3)}' -AsRoot | ForEach-Object {{ \"$($_.Server) $($_.Phase) $($_.Status)\" }}");
            Assert.DoesNotContain(resumed.Sorted, line => line.StartsWith("app1", StringComparison.Ordinal));
            Assert.Equal(["app1 Up", "app2 Up", "app3 Up"], await StatesAsync(admin));

            var undone = await admin.RunAsync($"Invoke-RollingUpdate -Undo {update} -Command '{string.Format(Update, 1)}' -AsRoot | Where-Object Phase -eq Undo | ForEach-Object Server");
            Assert.Equal(["app3", "app2", "app1"], undone.Clean.Select(server => server.ToString()));
            await clients.SomeAsync();
            await clients.StopAsync();
            output.WriteLine($"{clients.Requests} requests, {clients.Failures.Count} failed");
            Assert.Empty(clients.Failures);
        }
    }

    [LabFact]
    public async Task Killed_halfway_it_goes_on_where_it_was()
    {
        var (pair, admin) = await StartAsync();
        using (admin)
        {
            await using var clients = new RequestLoop(pair.Url);
            await clients.SomeAsync();
            string data = Path.Combine(admin.Folder, "data");
            using (var process = HostProcess.Start(
                ["-Command", $"$env:XDG_DATA_HOME = '{data}'; Invoke-RollingUpdate web -SettleTime 1s -Environment '{admin.EnvironmentFile}' -AsRoot -Command 'touch /run/begun; if [ $(hostname) = app2 ]; then sleep 60; fi; {string.Format(Update, 4)}'"]))
            {
                await pair.Servers[1].WaitAsync("test -e /run/begun", seconds: 60);
                process.Kill();
                await process.WaitForExitAsync();
            }

            Assert.Equal(["app1 Up", "app2 Maintenance", "app3 Up"], await StatesAsync(admin));
            string update = Path.GetFileNameWithoutExtension(Assert.Single(Directory.GetFiles(Path.Combine(data, "prodops", "rolling-updates"))));
            var resumed = await admin.RunAsync($"$env:XDG_DATA_HOME = '{data}'; Invoke-RollingUpdate -Resume {update} -AsRoot -Command '{string.Format(Update, 4)}' | ForEach-Object {{ \"$($_.Server) $($_.Phase) $($_.Status)\" }}");
            Assert.Equal(["app2", "app3"], resumed.Sorted.Select(line => line.Split(' ')[0]).Distinct());
            Assert.Equal(["app1 Up", "app2 Up", "app3 Up"], await StatesAsync(admin));
            await clients.StopAsync();
            output.WriteLine($"{clients.Requests} requests, {clients.Failures.Count} failed");
            Assert.Empty(clients.Failures);
            foreach (var server in pair.Servers) Assert.Equal("4", await server.RunAsync("cat /srv/version"));
        }
    }

    [LabFact]
    public async Task Ctrl_C_while_a_server_finishes_its_requests_puts_it_back()
    {
        var (pair, admin) = await StartAsync();
        using (admin)
        {
            // Another test may have left a server that is still on its way back.
            await admin.RunAsync("$null = Get-BackendServer | Enable-BackendServer");
            await LogAdmin.UntilAsync(async () => (await StatesAsync(admin)).All(state => state.EndsWith(" Up", StringComparison.Ordinal)), () => "all servers are up");
            await using var clients = new RequestLoop(pair.Url);
            await clients.SomeAsync();
            // An answer that nobody reads holds the server in the first phase.
            using var held = await HoldAsync(pair, "app1");
            var update = admin.Start("Invoke-RollingUpdate web -Command 'true'");
            await LogAdmin.UntilAsync(async () => (await StatesAsync(admin))[0] == "app1 Drain", () => "app1 is drained");
            var took = await update.StopAsync();
            output.WriteLine($"stopped within {took.TotalSeconds:0.0} s");
            Assert.Equal(["app1 Up", "app2 Up", "app3 Up"], await StatesAsync(admin));
            await clients.StopAsync();
            Assert.Empty(clients.Failures);
        }
    }

    /// <summary>A connection through the balancer to a server, which is sending something large that nobody reads.</summary>
    private static async Task<TcpClient> HoldAsync(BalancerPair pair, string server)
    {
        await Task.WhenAll(pair.Servers.Select(host => host.RunAsync("truncate -s 500M /srv/big")));
        string answer = "";
        for (int attempt = 0; attempt < 20; attempt++)
        {
            var client = new TcpClient { ReceiveBufferSize = 4096 };
            await client.ConnectAsync(pair.Address, 80);
            await client.GetStream().WriteAsync("GET /big HTTP/1.1\r\nHost: web\r\n\r\n"u8.ToArray());
            byte[] head = new byte[1024];
            int length = await client.GetStream().ReadAsync(head);
            answer = Encoding.ASCII.GetString(head, 0, length);
            if (answer.Contains($"X-Server: {server}", StringComparison.OrdinalIgnoreCase)) return client;
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

    private async Task<(BalancerPair Pair, Admin Admin)> StartAsync()
    {
        var hosts = await fleet.UpAsync("bal1", "bal2", "app1", "app2", "app3");
        var pair = new BalancerPair(hosts[..2], hosts[2..]);
        await pair.StartAsync();
        var admin = new Admin(hosts);
        await pair.AddToAsync(admin);
        return (pair, admin);
    }
}

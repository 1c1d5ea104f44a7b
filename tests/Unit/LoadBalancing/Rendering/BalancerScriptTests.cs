using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ProdOps.Backup.Tests.Storage;
using ProdOps.LoadBalancing.Rendering;
using ProdOps.LoadBalancing.Tests.TestTools;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.LoadBalancing.Tests.Rendering;

/// <summary>The script by which keepalived knows whether a balancer serves: what it says, and how soon.</summary>
public sealed class BalancerScriptTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnpackedFact("haproxy")]
    public async Task An_HAProxy_that_is_reloaded_serves_and_its_end_is_noticed_by_the_run_that_is_under_way()
    {
        await using var app = new TestApp("web1");
        using var haproxy = await RealHAProxy.StartAsync(RealHAProxy.Pool("web", app), isMaster: true);
        using (var run = Start(isLong: false, new LoadBalancerDefinition { Name = "web", Servers = ["lb1"], Pool = ["web1"], VirtualAddress = "10.77.0.100", Socket = haproxy.Socket }))
        {
            await UntilHeldAsync(haproxy.Socket);
            await AskAsync(haproxy.MasterSocket, "reload");
            Assert.Equal(0, await EndAsync(run));
        }

        using var last = Start(isLong: true, new LoadBalancerDefinition { Name = "web", Servers = ["lb1"], Pool = ["web1"], VirtualAddress = "10.77.0.100", Socket = haproxy.Socket });
        await UntilHeldAsync(haproxy.Socket);
        haproxy.Stop();
        Assert.Equal(1, await EndAsync(last));
    }

    [UnixFact("perl")]
    public async Task An_nginx_serves_while_all_its_ports_take_connections()
    {
        using TcpListener first = new(IPAddress.Loopback, 0), second = new(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        using (var run = Start(isLong: false, PortOf(first), PortOf(second)))
        {
            // One whose workers are replaced ends connections, and takes new ones.
            (await first.AcceptSocketAsync()).Dispose();
            Assert.Equal(0, await EndAsync(run));
        }

        using var last = Start(isLong: true, PortOf(first), PortOf(second));
        var held = await second.AcceptSocketAsync();
        second.Stop();
        held.Dispose();
        Assert.Equal(1, await EndAsync(last));

        static LoadBalancerDefinition PortOf(TcpListener listener) =>
            new() { Name = "web", Kind = LoadBalancerKind.Nginx, Servers = ["lb1"], Pool = ["web1"], VirtualAddress = "10.77.0.100", Port = ((IPEndPoint)listener.LocalEndpoint).Port };
    }

    /// <param name="isLong">For a run that is to be ended by what it notices, also where this machine has little time for it.</param>
    /// <param name="entries">What the balancer serves.</param>
    private Process Start(bool isLong, params LoadBalancerDefinition[] entries)
    {
        var site = new BalancerSite { Server = "lb1", Kind = entries[0].Kind, Entries = entries, Addresses = new Dictionary<string, string> { ["web1"] = "10.0.0.1" } };
        var script = KeepalivedRenderer.Render(site, new Dictionary<(string, string), NetworkLink> { [("lb1", "10.77.0.100")] = new("eth0", "10.77.0.11", 24) })[1];
        File.WriteAllText(_folder["check"], isLong ? script.Text.Replace("$left = 0.8;", "$left = 20;", StringComparison.Ordinal).Replace("alarm 3;", "alarm 25;", StringComparison.Ordinal) : script.Text);
        return Process.Start("perl", [_folder["check"]]);
    }

    private static async Task<int> EndAsync(Process run)
    {
        await run.WaitForExitAsync().WaitAsync(Limit);
        return run.ExitCode;
    }

    /// <summary>Waits until somebody else is connected to the socket, too, and has asked.</summary>
    private static async Task UntilHeldAsync(string socket)
    {
        using var limit = new CancellationTokenSource(Limit);
        // A line a connection to it, this one included: what is held asks nothing.
        while ((await AskAsync(socket, "show sess")).Split('\n').Count(line => line.Contains("=GLOBAL ", StringComparison.Ordinal)) != 2) await Task.Delay(10, limit.Token);
    }

    private static async Task<string> AskAsync(string socket, string command)
    {
        using var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket));
        await connection.SendAsync(Encoding.ASCII.GetBytes(command + "\n"));
        using var reader = new StreamReader(new NetworkStream(connection));
        return await reader.ReadToEndAsync();
    }
}

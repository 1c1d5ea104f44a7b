using System.Net.Sockets;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.LoadBalancing.Tests.TestTools;

/// <summary>A real HAProxy on loopback with a hand-written configuration, in a folder of its own.</summary>
internal sealed class RealHAProxy : IDisposable
{
    private readonly ProdOps.Backup.Tests.Storage.TemporaryFolder _folder;
    private readonly PrivateServer _server;
    private bool _stopped;

    private RealHAProxy(ProdOps.Backup.Tests.Storage.TemporaryFolder folder, PrivateServer server) => (_folder, _server) = (folder, server);

    /// <summary>The port that clients connect to.</summary>
    public int Port => _server.Port;

    public string Socket => _folder["admin.sock"];

    public string MasterSocket => _folder["master.sock"];

    public string Configuration => _folder["haproxy.cfg"];

    public string StateFile => _folder["state"];

    /// <summary>Starts one.</summary>
    /// <param name="backends">The sections behind the frontend <c>in</c>, whose default is <c>web</c>.</param>
    /// <param name="isMaster">Whether it is a master with a worker, which can be reloaded.</param>
    /// <param name="global">More for the global section.</param>
    public static async Task<RealHAProxy> StartAsync(string backends, bool isMaster = false, string global = "")
    {
        var folder = new ProdOps.Backup.Tests.Storage.TemporaryFolder();
        try
        {
            var server = await PrivateServer.StartAsync(UnpackedTool.HAProxy.Program!, port =>
            {
                File.WriteAllText(folder["haproxy.cfg"], $"""
                    global
                        stats socket {folder["admin.sock"]} mode 600 level admin expose-fd listeners
                        server-state-file {folder["state"]}
                        maxconn 2000
                        {global}
                    defaults
                        mode http
                        timeout connect 5s
                        timeout client 60s
                        timeout server 60s
                        timeout check 2s
                        option redispatch 1
                        option idle-close-on-response
                        load-server-state-from-file global
                        default-server inter 100ms fall 2 rise 2 weight 100
                    frontend in
                        bind 127.0.0.1:{port}
                        default_backend web
                    {backends}

                    """);
                return isMaster ? ["-W", "-S", folder["master.sock"], "-f", folder["haproxy.cfg"]] : ["-db", "-f", folder["haproxy.cfg"]];
            }, _ => AnswersAsync(folder["admin.sock"]), UnpackedTool.HAProxy.Libraries);
            return new RealHAProxy(folder, server);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>A pool of applications that are checked.</summary>
    public static string Pool(string name, params TestApp[] apps) =>
        $"backend {name}\n    option httpchk GET /health\n{string.Concat(apps.Select(app => $"    server {app.Name} 127.0.0.1:{app.Port} check\n"))}";

    /// <summary>Ends it, and leaves its socket's file as a killed one does.</summary>
    public void Stop()
    {
        if (!_stopped) _server.Dispose();
        _stopped = true;
    }

    public void Dispose()
    {
        Stop();
        _folder.Dispose();
    }

    // It listens on its socket before it has its port, and ends if somebody else has that: a connection alone says nothing.
    private static async Task<bool> AnswersAsync(string socket)
    {
        try
        {
            using var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket));
            await connection.SendAsync("show info\n"u8.ToArray());
            return await connection.ReceiveAsync(new byte[100]) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

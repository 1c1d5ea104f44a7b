using System.Net;
using System.Net.Sockets;

namespace ProdOps.Logging.Tests.Engines;

/// <summary>A listener for HTTP on a free port of this machine.</summary>
internal static class LoopbackHttp
{
    private const int MaximumAttempts = 20;

    /// <summary>Listens. A listener must be told its port, and whoever asks for any may have got a free one before it: then another is tried.</summary>
    public static (HttpListener Server, Uri Url) Start()
    {
        for (int attempt = 1; ; attempt++)
        {
            var url = new Uri($"http://127.0.0.1:{FreePort()}/");
            var server = new HttpListener();
            server.Prefixes.Add(url.ToString());
            try
            {
                server.Start();
                return (server, url);
            }
            catch (Exception error) when (error is HttpListenerException or SocketException && attempt < MaximumAttempts)
            {
                server.Close();
            }
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

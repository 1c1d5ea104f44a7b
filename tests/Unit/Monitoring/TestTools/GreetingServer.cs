using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ProdOps.Monitoring.Tests.TestTools;

/// <summary>Listens on loopback, says something to whoever connects, and listens until the other side goes.</summary>
internal sealed class GreetingServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _running;

    public GreetingServer(string greeting)
    {
        _listener.Start();
        _running = Task.Run(() => ServeAsync(greeting));
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _running;
    }

    private async Task ServeAsync(string greeting)
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                var stream = client.GetStream();
                await stream.WriteAsync(Encoding.UTF8.GetBytes(greeting));
                client.Client.Shutdown(SocketShutdown.Send);
                await stream.CopyToAsync(Stream.Null);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException or IOException)
        {
            // It is over.
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace ProdOps.Monitoring.Tests.TestTools;

/// <summary>Answers datagrams on loopback; <see langword="null"/> is no answer.</summary>
internal sealed class UdpResponder : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Task _running;
    private int _asked;

    public UdpResponder(Func<byte[], byte[]?> answer)
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _running = Task.Run(() => ServeAsync(answer));
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public int Asked => Volatile.Read(ref _asked);

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _running;
    }

    private async Task ServeAsync(Func<byte[], byte[]?> answer)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                Interlocked.Increment(ref _asked);
                if (answer(buffer[..received.ReceivedBytes]) is { } bytes) await _socket.SendToAsync(bytes, received.RemoteEndPoint);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It is over.
        }
    }
}

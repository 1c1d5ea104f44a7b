using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ProdOps.Logging.Receiving.Listening;

/// <summary>Opens the sockets of a receiver.</summary>
internal static class ListenSocket
{
    private const int Backlog = 512;
    private const int ReceiveBufferSize = 16 * 1024 * 1024;

    // socket(7). The last one goes past net.core.rmem_max, where the process may do that (CAP_NET_ADMIN).
    private const int SolSocket = 1;
    private const int ReuseAddress = 2;
    private const int ReceiveBufferForce = 33;

    /// <summary>Opens a socket.</summary>
    /// <param name="protocol">What for.</param>
    /// <param name="address">Where; <see langword="null"/> for all of the machine's addresses.</param>
    /// <param name="port">The port; 0 for any that is free.</param>
    /// <exception cref="ProdOpsException">The port is taken, or not for everybody, or the address is not this machine's.</exception>
    public static Socket Open(LogReceiverProtocol protocol, IPAddress? address, int port)
    {
        try
        {
            if (address is not null) return Bind(protocol, address, port);
            try
            {
                if (Socket.OSSupportsIPv6) return Bind(protocol, IPAddress.IPv6Any, port);
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable or SocketError.ProtocolNotSupported)
            {
                // The machine knows IPv6 and has it switched off.
            }

            return Bind(protocol, IPAddress.Any, port);
        }
        catch (SocketException exception)
        {
            string place = $"{(address is null ? "" : $"{address} ")}port {port}/{(protocol == LogReceiverProtocol.Udp ? "udp" : "tcp")}";
            throw exception.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => LoggingErrors.ReceiverPortTaken(place, port),
                SocketError.AccessDenied => LoggingErrors.ReceiverPortDenied(place, port),
                _ => LoggingErrors.ReceiverCannotListen(place, exception.Message, port),
            };
        }
    }

    private static Socket Bind(LogReceiverProtocol protocol, IPAddress address, int port)
    {
        bool isUdp = protocol == LogReceiverProtocol.Udp;
        var socket = new Socket(address.AddressFamily, isUdp ? SocketType.Dgram : SocketType.Stream, isUdp ? ProtocolType.Udp : ProtocolType.Tcp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            if (isUdp) EnlargeBuffer(socket);
            // What a receiver before has left in TIME_WAIT does not hold up the next one. .NET's own option would let two receivers share a port (SO_REUSEPORT).
            else if (OperatingSystem.IsLinux()) SetOption(socket, ReuseAddress, 1);
            socket.Bind(new IPEndPoint(address, port));
            if (!isUdp) socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void EnlargeBuffer(Socket socket)
    {
        // The system grants less where it must, and tells nobody.
        socket.ReceiveBufferSize = ReceiveBufferSize;
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            SetOption(socket, ReceiveBufferForce, ReceiveBufferSize);
        }
        catch (SocketException)
        {
            // Not for everybody.
        }
    }

    private static void SetOption(Socket socket, int option, int value) => socket.SetRawSocketOption(SolSocket, option, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));
}

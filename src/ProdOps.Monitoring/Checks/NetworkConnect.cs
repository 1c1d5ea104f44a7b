using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace ProdOps.Monitoring.Checks;

/// <summary>Connects to a host and port by TCP, and tells how long finding and reaching it took.</summary>
internal static class NetworkConnect
{
    /// <param name="host">A name or an address.</param>
    /// <param name="port">The port.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">The limit of all of it.</param>
    /// <exception cref="SocketException">The name is not known, or none of its addresses answers.</exception>
    public static async Task<Connected> ConnectAsync(string host, int port, TimeProvider time, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
        if (addresses.Length == 0) throw new SocketException((int)SocketError.HostNotFound);
        long resolved = time.GetTimestamp();
        SocketException? failure = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken).ConfigureAwait(false);
                return new Connected(socket, time.GetElapsedTime(begun, resolved), time.GetElapsedTime(resolved));
            }
            catch (SocketException error)
            {
                // Of several addresses the first that fails is the one the system prefers.
                failure ??= error;
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw failure!;
    }

    /// <summary>Why it failed, in a few words: what lies beneath counts.</summary>
    public static string Describe(Exception error, string host, int port)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket) return Describe(socket, host, port);
            if (cause is AuthenticationException tls) return $"TLS did not come about: {tls.Message}";
        }

        return error.Message;
    }

    private static string Describe(SocketException error, string host, int port) => error.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => $"the name '{host}' is not known",
        SocketError.ConnectionRefused => $"nothing listens on port {port} of {host}",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => $"there is no way to {host}",
        SocketError.TimedOut => $"{host} does not answer on port {port}",
        _ => $"{host}, port {port}: {error.Message}",
    };
}

/// <summary>A connection and what it took.</summary>
/// <param name="Socket">Whoever takes it disposes of it.</param>
/// <param name="Resolve">How long finding the address took.</param>
/// <param name="Connect">How long connecting to it took.</param>
internal readonly record struct Connected(Socket Socket, TimeSpan Resolve, TimeSpan Connect);

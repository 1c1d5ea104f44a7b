using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Renci.SshNet;
using Renci.SshNet.Messages;

namespace ProdOps.Servers.Connections.Channels;

/// <summary>
/// The only reach into what SSH.NET keeps to itself. Its commands collect output in a pipe that grows as long as the reader is slower than
/// the network, block a thread for every opening, and its clients cannot be stopped while keys are exchanged. Its session, on the other
/// hand, raises a public event for every message of the connection protocol (RFC 4254) and can be closed at any time; only making one and
/// sending are internal. So our channels listen to the session, send by these accessors, and do their own flow control. The version is
/// pinned; <c>SessionAccessTests</c> fails when one of the accessors finds nothing any more.
/// </summary>
internal static class SessionAccess
{
    /// <summary>A session that is not connected yet.</summary>
    public static Session Create(ConnectionInfo connection)
    {
        object services = NewServices();
        return NewSession(connection, services, NewSocketFactory(services));
    }

    /// <summary>Sends a message: encrypted and on its way when this returns. Any thread may call it; messages are sent one at a time.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "SendMessage")]
    public static extern void SendMessage(Session session, Message message);

    /// <summary>The socket that it sends and receives by, to end what waits on it.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_socket")]
    public static extern ref Socket? SocketOf(Session session);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern Session NewSession(
        ConnectionInfo connection,
        [UnsafeAccessorType("Renci.SshNet.IServiceFactory, Renci.SshNet")] object services,
        [UnsafeAccessorType("Renci.SshNet.Connection.ISocketFactory, Renci.SshNet")] object sockets);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    [return: UnsafeAccessorType("Renci.SshNet.ServiceFactory, Renci.SshNet")]
    private static extern object NewServices();

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "CreateSocketFactory")]
    [return: UnsafeAccessorType("Renci.SshNet.Connection.ISocketFactory, Renci.SshNet")]
    private static extern object NewSocketFactory([UnsafeAccessorType("Renci.SshNet.ServiceFactory, Renci.SshNet")] object services);
}

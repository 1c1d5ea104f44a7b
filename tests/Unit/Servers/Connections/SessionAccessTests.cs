using ProdOps.Servers.Connections.Channels;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Messages.Connection;

namespace ProdOps.Servers.Tests.Connections;

public sealed class SessionAccessTests
{
    [Fact]
    public void The_accessors_find_what_they_reach_for_in_this_version_of_SSH_NET()
    {
        using var session = SessionAccess.Create(new ConnectionInfo("127.0.0.1", 1, "nobody", new NoneAuthenticationMethod("nobody")));
        Assert.False(session.IsConnected);
        // An accessor that finds nothing throws MissingMethodException; this is what a session says that has no connection.
        Assert.Throws<SshConnectionException>(() => SessionAccess.SendMessage(session, new ChannelEofMessage(0)));
        Assert.Null(SessionAccess.SocketOf(session));
    }
}

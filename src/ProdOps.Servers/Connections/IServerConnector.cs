using ProdOps.Servers.Connections.Channels;

namespace ProdOps.Servers.Connections;

/// <summary>Makes connections.</summary>
internal interface IServerConnector : IDisposable
{
    /// <summary>Connects, makes sure of the host, and logs in.</summary>
    /// <exception cref="ProdOpsException">The server cannot be reached, is not who it should be, or lets nobody in.</exception>
    Task<SshConnection> ConnectAsync(ConnectionTarget target, IActivity activity, CancellationToken cancellationToken);
}

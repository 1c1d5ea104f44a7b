using ProdOps.Servers.Connections;
using ProdOps.Servers.Connections.Channels;

namespace ProdOps.Servers.Tests.Connections;

/// <summary>Counts and remembers the connections that are made.</summary>
internal sealed class CountingConnector(IServerConnector inner) : IServerConnector
{
    private readonly List<SshConnection> _made = [];

    /// <summary>Those made so far.</summary>
    public IReadOnlyList<SshConnection> Made
    {
        get
        {
            lock (_made) return [.. _made];
        }
    }

    public void Dispose() => inner.Dispose();

    public async Task<SshConnection> ConnectAsync(ConnectionTarget target, IActivity activity, CancellationToken cancellationToken)
    {
        var connection = await inner.ConnectAsync(target, activity, cancellationToken);
        lock (_made) _made.Add(connection);
        return connection;
    }
}

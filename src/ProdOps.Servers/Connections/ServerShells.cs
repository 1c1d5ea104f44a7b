using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Connections;

/// <summary>The shells of one session: this machine's directly, every other server's through a kept connection.</summary>
internal sealed class ServerShells(TimeProvider time) : IServerShells, IDisposable
{
    private readonly TimeProvider _time = time;

    public Task<IServerShell> OpenAsync(ConnectionTarget target, IActivity activity, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (target.Server.IsLocal) return Task.FromResult<IServerShell>(new LocalShell(target.Server.Name));
        throw ServersErrors.ConnectingNotSupported(target.Server.Name, _time.GetUtcNow());
    }

    public void Dispose()
    {
    }
}

using System.Collections.Concurrent;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Connections;

/// <summary>The shells of one session: this machine's directly, every other server's through connections that are kept for the next command.</summary>
internal sealed class ServerShells : IServerShells, IDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<ConnectionKey, HostConnections> _hosts = new();
    private readonly IServerConnector _connector;
    private readonly TimeProvider _time;
    private readonly ITimer _sweeper;
    private bool _disposed;

    /// <param name="connector">Makes connections; it is disposed with the shells.</param>
    /// <param name="time">The clock.</param>
    public ServerShells(IServerConnector connector, TimeProvider time)
    {
        _connector = connector;
        _time = time;
        _sweeper = time.CreateTimer(static shells => ((ServerShells)shells!).CloseIdle(), this, Sweep, Sweep);
    }

    /// <summary>A server's shell. It is connected when this returns, so that what fails fails here.</summary>
    public async Task<IServerShell> OpenAsync(ConnectionTarget target, IActivity activity, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        return target.Server.IsLocal ? new LocalShell(target.Server.Name, SudoPasswords.For(target)) : await OpenRemoteAsync(target, activity, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts a subsystem of a server's sshd, over a kept connection where there is one.</summary>
    /// <exception cref="ProdOpsException">The server cannot be reached, is not who it should be, lets nobody in, or has no such subsystem.</exception>
    public async Task<SshSubsystem> StartSubsystemAsync(ConnectionTarget target, string name, IActivity activity, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var shell = await OpenRemoteAsync(target, activity, cancellationToken).ConfigureAwait(false);
        return await shell.StartSubsystemAsync(name, cancellationToken).ConfigureAwait(false);
    }

    private async Task<SshShell> OpenRemoteAsync(ConnectionTarget target, IActivity activity, CancellationToken cancellationToken)
    {
        var host = _hosts.GetOrAdd(ConnectionKey.Of(target), _ => new HostConnections(target, _connector, _time));
        var lease = await host.LeaseAsync(target, long.MinValue, activity, cancellationToken).ConfigureAwait(false);
        lease.Release();
        return new SshShell(target, host, SudoPasswords.For(target), activity);
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _sweeper.Dispose();
        // Servers are told good-bye, which takes a moment that nobody has to wait for.
        foreach (var host in _hosts.Values) _ = host.DisposeAsync().AsTask();
        _hosts.Clear();
        _connector.Dispose();
    }

    private void CloseIdle()
    {
        foreach (var host in _hosts.Values) host.CloseIdle(Idle);
    }
}

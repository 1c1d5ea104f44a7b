using ProdOps.Servers.Connections;
using ProdOps.Servers.Connections.Channels;
using ProdOps.Servers.Secrets;

namespace ProdOps.Servers.Commands;

/// <summary>A server's shell over SSH. A connection that died while it was kept is made again once, before a command has been sent.</summary>
internal sealed class SshShell(ConnectionTarget target, HostConnections host, SecretSource? sudoPassword, IActivity activity) : IServerShell
{
    /// <summary>A server that has not opened a channel for so long when that is called off is asked on another connection the next time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public string Name => target.Server.Name;

    public async Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken)
    {
        for (bool again = false; ; again = true)
        {
            var (lease, channel) = await OpenChannelAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await StartAsync(lease.Connection, channel, command, cancellationToken).ConfigureAwait(false);
            }
            catch (ProdOpsException error) when (error.ErrorId == ServersErrors.ConnectionLostId && command.Idempotent && !again)
            {
                activity.Verbose($"{Name}: the connection was lost while a command started; it may run twice, so it is started again.");
            }
        }
    }

    /// <summary>Starts a subsystem of the server's sshd.</summary>
    /// <exception cref="ProdOpsException">The server has no such subsystem, or the connection is lost.</exception>
    public async Task<SshSubsystem> StartSubsystemAsync(string name, CancellationToken cancellationToken)
    {
        var (_, channel) = await OpenChannelAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            channel.StartSubsystem(name);
            if (!await channel.WaitAcceptedAsync(cancellationToken).ConfigureAwait(false)) throw ServersErrors.SubsystemMissing(Name, name);
            return new SshSubsystem(channel);
        }
        catch
        {
            channel.Close();
            throw;
        }
    }

    private async Task<(ConnectionLease Lease, SshChannel Channel)> OpenChannelAsync(CancellationToken cancellationToken)
    {
        long notBefore = long.MinValue;
        bool refused = false, lost = false;
        while (true)
        {
            var lease = await host.LeaseAsync(target, notBefore, activity, cancellationToken).ConfigureAwait(false);
            try
            {
                var channel = await OpenChannelAsync(lease, cancellationToken).ConfigureAwait(false);
                // The place is the channel's until the server has closed it: only then does it not count for MaxSessions any more.
                _ = channel.Closed.ContinueWith(static (_, lease) => ((ConnectionLease)lease!).Release(), lease, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                return (lease, channel);
            }
            catch (ChannelRefusedException refusal)
            {
                lease.Limit();
                lease.Release();
                if (lease.IsNew) throw ServersErrors.SessionRefused(Name, refusal.Message);
                activity.Verbose($"{Name}: the server allows no more commands on this connection ({refusal.Message}); another one is made.");
                // A server that refuses every session would refuse again on each connection that is kept: a new one shows it.
                if (refused) notBefore = host.Time.GetTimestamp();
                refused = true;
            }
            catch (ProdOpsException error) when (error.ErrorId == ServersErrors.ConnectionLostId && !lost)
            {
                lease.Release();
                activity.Verbose($"{Name}: the kept connection was dead; connecting again.");
                notBefore = host.Time.GetTimestamp();
                lost = true;
            }
            catch
            {
                lease.Release();
                throw;
            }
        }
    }

    /// <summary>
    /// Opens a channel. On a kept connection the server has as long to answer as connecting may take: it may have been switched off, or a
    /// firewall have forgotten the connection, without anybody telling.
    /// </summary>
    private async Task<SshChannel> OpenChannelAsync(ConnectionLease lease, CancellationToken cancellationToken)
    {
        if (lease.IsNew) return await lease.Connection.OpenChannelAsync(new SessionOpenInfo(), cancellationToken).ConfigureAwait(false);
        var timeout = target.Server.Ssh.ConnectTimeout ?? ServerConnector.DefaultTimeout;
        using var limit = new CancellationTokenSource(timeout, host.Time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        long begun = host.Time.GetTimestamp();
        try
        {
            return await lease.Connection.OpenChannelAsync(new SessionOpenInfo(), stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            lease.GiveUp();
            throw ServersErrors.ConnectionLost(Name, new TimeoutException($"It has not answered for {timeout.TotalSeconds:0} s."));
        }
        catch (OperationCanceledException) when (host.Time.GetElapsedTime(begun) >= Patience)
        {
            // Whoever asks again and again, and never waits as long as connecting may take, would find the same dead connection each time.
            lease.GiveUp();
            throw;
        }
    }

    private async Task<IServerProcess> StartAsync(SshConnection connection, SshChannel channel, ServerCommand command, CancellationToken cancellationToken)
    {
        var bootstrap = CommandBootstrap.Create(command, connection.QuotesAsPosix, sudoPassword is not null);
        var start = new CommandStart(Name, bootstrap, channel.Input, channel.Output, channel.Error);
        try
        {
            channel.Execute(bootstrap.Line);
            await start.WaitAsync(command, sudoPassword, token => channel.Exit.WaitAsync(token), cancellationToken).ConfigureAwait(false);
            connection.QuotesAsPosix |= CommandBootstrap.QuotesAsPosix(start.LoginShell);
            return new SshProcess(connection, channel, start, sudoPassword, command.AsRoot);
        }
        catch (OperationCanceledException)
        {
            // It may run already, though we have not seen its marker yet.
            await using var process = new SshProcess(connection, channel, start, sudoPassword, command.AsRoot);
            throw;
        }
        catch
        {
            // Nothing of it runs: a sudo that waits for another answer ends with its input.
            channel.Close();
            throw;
        }
    }
}

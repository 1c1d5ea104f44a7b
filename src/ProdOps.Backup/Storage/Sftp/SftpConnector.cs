using ProdOps.Servers.Connections;
using ProdOps.Servers.Inventory;

namespace ProdOps.Backup.Storage;

/// <summary>Opens SFTP sessions over the servers layer's connections: the inventory, ssh_config, known hosts, the agent and jump hosts apply as everywhere.</summary>
/// <param name="shells">The session's connections.</param>
/// <param name="environment">The inventory, if there is one.</param>
/// <param name="targetOf">What else is known about connecting: where secrets come from.</param>
/// <param name="activity">Hears what is done.</param>
internal sealed class SftpConnector(ServerShells shells, ProdOpsEnvironment? environment, Func<Server, ConnectionTarget> targetOf, IActivity activity)
{
    public async Task<SftpSession> ConnectAsync(SftpAddress address, CancellationToken cancellationToken)
    {
        var subsystem = await shells.StartSubsystemAsync(targetOf(ServerOf(address)), "sftp", activity, cancellationToken);
        return await SftpSession.BeginAsync(subsystem.Input, subsystem.Output, subsystem, cancellationToken);
    }

    // The host may be a server of the inventory or a host of ssh_config; over SFTP even this machine is reached by its sshd.
    private Server ServerOf(SftpAddress address)
    {
        var known = environment?.Servers.FirstOrDefault(server => server.Name.Equals(address.Host, StringComparison.OrdinalIgnoreCase)) ?? OnlyAt(address.Host);
        var server = known ?? new Server { Name = new HostReference(address.Host, null, address.Port).DisplayName, Address = address.Host };
        return server with { IsLocal = false, Ssh = server.Ssh with { User = address.User ?? server.Ssh.User, Port = address.Port ?? server.Ssh.Port } };
    }

    /// <summary>The server with an address, where no other has it.</summary>
    private Server? OnlyAt(string host) => environment?.Servers.Where(server => host.Equals(server.Address, StringComparison.OrdinalIgnoreCase)).ToList() is [var only] ? only : null;
}

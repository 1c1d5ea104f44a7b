using System.Management.Automation;
using ProdOps.Backup;
using ProdOps.Cmdlets.Common;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Connections;
using ProdOps.Servers.Inventory;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Servers;

/// <summary>How a cmdlet's parameters say that servers are found and logged in to.</summary>
/// <param name="cmdlet">The cmdlet, whose session's vaults hold secrets.</param>
internal sealed class ServerAccess(AsyncCmdlet cmdlet)
{
    /// <summary>The user and the password.</summary>
    public PSCredential? Credential { get; init; }

    /// <summary>Keys to offer first.</summary>
    public IReadOnlyList<string> IdentityFile { get; init; } = [];

    public bool AcceptNewHostKey { get; init; }

    /// <summary>0 where the inventory, or the default, says.</summary>
    public int ConnectTimeoutSec { get; init; }

    /// <summary>The first of the options that say how to log in, which must not be passed over in silence where no server is named; <see langword="null"/> if none was given.</summary>
    public string? GivenOption => Credential is not null ? nameof(Credential) : IdentityFile.Count > 0 ? nameof(IdentityFile) : AcceptNewHostKey ? nameof(AcceptNewHostKey) : null;

    /// <summary>The shell of the one server that -ToServer names; this machine's if none is named.</summary>
    /// <exception cref="ProdOpsException"><c>OneServerNeeded</c>, <c>RestoreOptionForServersOnly</c>, or there is no such server.</exception>
    public async Task<(Server Server, IServerShell Shell)> OpenOneAsync(ServerReference? named, string? environmentFile, IActivity activity, CancellationToken cancellationToken)
    {
        var server = ServerResolver.Local;
        if (named is not null)
        {
            var environment = (await cmdlet.InvokeAsync(() => SessionEnvironment.Of(cmdlet.SessionState, environmentFile))).Load();
            var servers = await ResolveAsync([named], environment, error => throw error);
            server = servers is [var one] ? one : throw BackupErrors.OneServerNeeded(named.ToString() ?? "");
        }
        else if (GivenOption is { } given) throw BackupErrors.RestoreOptionForServersOnly(given);

        var shells = await cmdlet.InvokeAsync(() => SessionShells.Current);
        return (server, await shells.OpenAsync(TargetOf(server), activity, cancellationToken));
    }

    /// <summary>The servers that were named, each once, in the order named. A name that nothing has is an error of its own.</summary>
    public static async Task<IReadOnlyList<Server>> ResolveAsync(IEnumerable<ServerReference> selectors, ProdOpsEnvironment? environment, Func<ProdOpsException, Task> writeError)
    {
        var resolver = new ServerResolver(environment);
        var servers = new List<Server>();
        foreach (var selector in selectors)
        {
            try
            {
                servers.AddRange(selector.Server is { } server ? [resolver.Resolve(server)] : resolver.Resolve(selector.Text));
            }
            catch (ProdOpsException error)
            {
                await writeError(error);
            }
        }

        return [.. servers.Distinct()];
    }

    /// <summary>Works on servers side by side. What one of them fails with becomes its error record, with the server as the target, and the others go on.</summary>
    /// <param name="writeError">Writes an error record.</param>
    /// <param name="items">What to do.</param>
    /// <param name="serverOf">The server that an item is about.</param>
    /// <param name="throttleLimit">How many are worked on at the same time.</param>
    /// <param name="action">Does one; it writes its results as they come.</param>
    /// <param name="cancellationToken">Stops all.</param>
    public static Task ForEachAsync<T>(
        Func<ErrorRecord, Task> writeError, IEnumerable<T> items, Func<T, Server> serverOf, int throttleLimit, Func<T, CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = throttleLimit, CancellationToken = cancellationToken };
        return Parallel.ForEachAsync(items, options, async (item, token) =>
        {
            try
            {
                await action(item, token);
            }
            catch (Exception exception) when (exception is not PipelineStoppedException && !token.IsCancellationRequested)
            {
                await writeError(ErrorMapper.ToErrorRecord(exception, serverOf(item)));
            }
        });
    }

    public ConnectionTarget TargetOf(Server server)
    {
        var ssh = server.Ssh with
        {
            User = Credential?.UserName ?? server.Ssh.User,
            IdentityFile = [.. IdentityFile, .. server.Ssh.IdentityFile],
            ConnectTimeout = ConnectTimeoutSec > 0 ? TimeSpan.FromSeconds(ConnectTimeoutSec) : server.Ssh.ConnectTimeout,
        };
        return new ConnectionTarget(server with { Ssh = ssh })
        {
            Password = Credential is null ? null : SecretSource.FromSecureString(Credential.Password),
            Secrets = reference => SecretSource.From(reference, new SessionVault(cmdlet)),
            AcceptNewHostKey = AcceptNewHostKey,
        };
    }
}

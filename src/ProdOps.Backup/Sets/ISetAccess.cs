using ProdOps.Backup.Repositories;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Secrets;

namespace ProdOps.Backup.Sets;

/// <summary>Opens what backup sets name. Every member may be called from any thread.</summary>
internal interface ISetAccess
{
    /// <summary>A repository of the environment, opened once; asking again after a failure gives the same failure. The owner of this object disposes it.</summary>
    Task<Repository> OpenRepositoryAsync(string name, CancellationToken cancellationToken);

    /// <summary>A server's shell.</summary>
    Task<IServerShell> OpenShellAsync(Server server, CancellationToken cancellationToken);

    /// <summary>Where a secret comes from.</summary>
    SecretSource SourceOf(SecretReference reference);
}

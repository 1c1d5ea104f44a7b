using ProdOps.Servers.Secrets;

namespace ProdOps.Servers.Connections;

/// <summary>A server and what the command in hand says about connecting to it. Two equal targets share a connection.</summary>
internal sealed record ConnectionTarget(Server Server)
{
    /// <summary>A login password given at the prompt; it goes before the one that the server's options name.</summary>
    public SecretSource? Password { get; init; }

    /// <summary>Finds the secrets that the server's options refer to. The session's vaults can be read only by the command in hand.</summary>
    public Func<SecretReference, SecretSource> Secrets { get; init; } = WithoutVault;

    /// <summary>Accept and remember the key of a host that is not known yet (OpenSSH's <c>accept-new</c>). A changed key is refused all the same.</summary>
    public bool AcceptNewHostKey { get; init; }

    private static SecretSource WithoutVault(SecretReference reference) => SecretSource.From(reference, vault: null);
}

/// <summary>Opens servers' shells and keeps their connections for the next command.</summary>
internal interface IServerShells
{
    /// <summary>The shell of a server: a kept connection where there is one.</summary>
    /// <exception cref="ProdOpsException">The server cannot be reached, is not who it should be, or lets nobody in.</exception>
    Task<Commands.IServerShell> OpenAsync(ConnectionTarget target, IActivity activity, CancellationToken cancellationToken);
}

using ProdOps.Backup.Sets;

namespace ProdOps.Recovery.Execution;

/// <summary>What carrying out a plan needs from the session: repositories, shells, secrets, checks, and a person to ask. Every member may be called from any thread.</summary>
internal interface IRecoveryAccess : ISetAccess
{
    /// <summary>Makes a check once and judges its results.</summary>
    /// <exception cref="ProdOpsException">The definition makes no sense.</exception>
    Task<IReadOnlyList<HealthCheckResult>> CheckAsync(HealthCheckDefinition check, Server server, CancellationToken cancellationToken);

    /// <summary>Asks a person who is to do something whether it was done.</summary>
    /// <exception cref="ProdOpsException"><c>RecoveryManualStep</c>: nobody can be asked.</exception>
    Task<bool> AskAsync(RecoveryStep step, string server, CancellationToken cancellationToken);

    /// <summary>Puts a server back into the pool of a load balancer, or takes it out.</summary>
    /// <returns>What was changed, or with <paramref name="plan"/> would be, a line each; none if it was so already.</returns>
    Task<IReadOnlyList<string>> ChangePoolAsync(RecoveryStep step, string server, bool plan, CancellationToken cancellationToken);

    /// <summary>Moves a load balancer's floating address to a server.</summary>
    /// <inheritdoc cref="ChangePoolAsync"/>
    Task<IReadOnlyList<string>> MoveAddressAsync(RecoveryStep step, string server, bool plan, CancellationToken cancellationToken);

    /// <summary>Has a balancer serve by what the environment says of it.</summary>
    /// <param name="step">The step.</param>
    /// <param name="balancer">The balancer, as the environment calls it.</param>
    /// <param name="server">The host that it is on.</param>
    /// <param name="plan">Whether only to look.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <inheritdoc cref="ChangePoolAsync"/>
    Task<IReadOnlyList<string>> PublishAsync(RecoveryStep step, string balancer, Server server, bool plan, CancellationToken cancellationToken);
}

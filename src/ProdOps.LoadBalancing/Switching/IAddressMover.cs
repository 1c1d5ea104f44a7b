namespace ProdOps.LoadBalancing.Switching;

/// <summary>Moves the address that clients connect to from one balancer to another.</summary>
internal interface IAddressMover
{
    /// <summary>The address.</summary>
    string Address { get; }

    /// <summary>How it is moved, in a few words: for plans.</summary>
    string Method { get; }

    /// <summary>The balancers that have it: one, as a rule.</summary>
    /// <exception cref="ProdOpsException">That cannot be found out.</exception>
    Task<IReadOnlyList<string>> ReadHoldersAsync(CancellationToken cancellationToken);

    /// <summary>Looks at what is needed, and changes nothing.</summary>
    /// <returns>What is in the way, in words; empty if nothing is.</returns>
    Task<IReadOnlyList<string>> PrepareAsync(string from, string to, CancellationToken cancellationToken);

    /// <summary>Has it move. That it has arrived is for the caller to see.</summary>
    /// <exception cref="ProdOpsException">It could not be asked for.</exception>
    Task MoveAsync(string from, string to, CancellationToken cancellationToken);

    /// <summary>Has it move back after it did not arrive.</summary>
    Task PutBackAsync(string from, string to, CancellationToken cancellationToken);

    /// <summary>What is left to be done once it has arrived.</summary>
    /// <returns>What the admin must know, in words; <see langword="null"/> if nothing.</returns>
    Task<string?> FinishAsync(string from, string to, CancellationToken cancellationToken);
}

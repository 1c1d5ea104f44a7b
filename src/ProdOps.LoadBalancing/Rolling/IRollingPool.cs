namespace ProdOps.LoadBalancing.Rolling;

/// <summary>A pool on all balancers that have it, as a rolling update sees it.</summary>
internal interface IRollingPool
{
    /// <summary>Makes sure that nobody else updates servers of the pool, until it is disposed. What is held already stays so; what was lost is taken again.</summary>
    /// <exception cref="ProdOpsException">Somebody else does.</exception>
    Task HoldAsync(CancellationToken cancellationToken);

    /// <summary>How many requests all balancers have got so far, where they do not count by server; <see langword="null"/> where they do, or do not count at all.</summary>
    Task<long?> CountRequestsAsync(CancellationToken cancellationToken);

    /// <summary>True if the balancers count what each server gets.</summary>
    bool CountsByServer { get; }

    /// <summary>Each server of the pool as each balancer sees it, in the order of the configuration.</summary>
    /// <exception cref="ProdOpsException">A balancer cannot be asked.</exception>
    Task<IReadOnlyList<BackendServer>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Gives a server no new clients, on every balancer, and waits until it has finished what it has. When that fails, or is called off, it is what it was before.
    /// </summary>
    /// <param name="server">Its name in the pool.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="endSessions">True to end what is left by then; else that is a failure.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    /// <exception cref="ProdOpsException">A balancer refuses or cannot be asked, or it did not finish in time.</exception>
    Task<BackendServerChange> DisableAsync(string server, TimeSpan timeout, bool endSessions, CancellationToken cancellationToken);

    /// <summary>Puts a server back, on every balancer, and waits until each sees it up by checks that were made since.</summary>
    /// <param name="server">Its name in the pool.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    /// <exception cref="ProdOpsException">A balancer refuses or cannot be asked, or it was not up in time.</exception>
    Task<BackendServerChange> EnableAsync(string server, TimeSpan timeout, CancellationToken cancellationToken);
}

/// <summary>What is done on a server while it is out.</summary>
internal interface IRollingWork
{
    /// <summary>What is run, in a few words: for plans.</summary>
    string Description { get; }

    /// <summary>How a server is asked whether it is well, in a few words; <see langword="null"/> if it is not.</summary>
    string? CheckDescription { get; }

    /// <summary>True if it may run on several servers at the same time.</summary>
    bool IsSideBySide { get; }

    /// <summary>Tells others that a server is being worked on, before it is taken out.</summary>
    Task AnnounceAsync(string server, CancellationToken cancellationToken);

    /// <summary>Tells others that a server is in service again. Of one that is left out they are not told: it is still being worked on.</summary>
    Task EndAnnouncementAsync(string server, CancellationToken cancellationToken);

    /// <summary>Updates a server, or undoes that.</summary>
    Task<RollingWorkResult> RunAsync(string server, CancellationToken cancellationToken);

    /// <summary>Asks a server itself, once, whether it is well.</summary>
    Task<RollingWorkResult> CheckAsync(string server, CancellationToken cancellationToken);
}

/// <summary>What work on a server came to.</summary>
/// <param name="Output">What it said.</param>
/// <param name="Error">Why it failed; <see langword="null"/> if it did not.</param>
internal sealed record RollingWorkResult(IReadOnlyList<string> Output, string? Error = null);

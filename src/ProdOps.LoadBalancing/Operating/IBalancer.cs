namespace ProdOps.LoadBalancing.Operating;

/// <summary>One balancer on one server, asked and told over that server's shell. Nothing is opened to the network for it.</summary>
internal interface IBalancer : IAsyncDisposable
{
    /// <summary>The name of the server that it runs on.</summary>
    string Server { get; }

    /// <summary>What it is.</summary>
    LoadBalancerKind Kind { get; }

    /// <summary>How it is: its process, its pools and its limits. Of a pair it knows only itself.</summary>
    /// <exception cref="ProdOpsException">It does not run, or cannot be asked.</exception>
    Task<LoadBalancer> ReadAsync(CancellationToken cancellationToken);

    /// <summary>The servers of one pool, or of all, in the order of the configuration, as they come.</summary>
    /// <exception cref="ProdOpsException">It does not run, or cannot be asked.</exception>
    IAsyncEnumerable<BackendServer> ReadServersAsync(string? pool, CancellationToken cancellationToken);

    /// <summary>
    /// One server of a pool, at the cost of one: for looking again and again. <see cref="BackendServer.AdminState"/> is not for certain: what an administrator wants of a server that is down may not be told.
    /// </summary>
    /// <returns><see langword="null"/> if the pool has no such server.</returns>
    /// <exception cref="ProdOpsException">It does not run, or cannot be asked.</exception>
    Task<BackendServer?> ReadServerAsync(BackendMember member, CancellationToken cancellationToken);

    /// <summary>How many requests it has got so far, of all pools together; <see langword="null"/> where its servers' own numbers say more, or where nobody counts.</summary>
    Task<long?> CountRequestsAsync(CancellationToken cancellationToken);

    /// <summary>Takes the lock on a pool, for work that takes out one server after the other.</summary>
    /// <exception cref="ProdOpsException"><c>BackendPoolLocked</c>: somebody else has it. <c>BackendPoolLockFailed</c>: it cannot be taken there.</exception>
    Task<ServerHold> HoldAsync(string pool, string owner, CancellationToken cancellationToken);

    /// <summary>Lets a server have requests, no new clients, or nothing at all. What was set already is no failure.</summary>
    /// <exception cref="ProdOpsException">There is no such pool or server, or the balancer refuses.</exception>
    Task SetStateAsync(BackendMember member, BackendServerTarget target, CancellationToken cancellationToken);

    /// <summary>Sets a server's share of the requests: of HAProxy 0 to 256.</summary>
    Task SetWeightAsync(BackendMember member, int weight, CancellationToken cancellationToken);

    /// <summary>Sends a server's requests to another address and port.</summary>
    Task SetAddressAsync(BackendMember member, string address, int port, CancellationToken cancellationToken);

    /// <summary>Adds a server, in maintenance, with the pool's checks.</summary>
    Task AddAsync(BackendMember member, string address, int port, int weight, CancellationToken cancellationToken);

    /// <summary>Removes a server that is in maintenance and works on nothing.</summary>
    Task RemoveAsync(BackendMember member, CancellationToken cancellationToken);

    /// <summary>Ends what a server works on.</summary>
    Task ShutdownSessionsAsync(BackendMember member, CancellationToken cancellationToken);

    /// <summary>Has a server checked anew before it gets requests: out of maintenance it gets none until the checks have passed, drained it goes on to serve those who are there.</summary>
    /// <returns>
    /// How long it takes until a new check has been seen; zero if the server is not <see cref="BackendServerState.Drain"/> before the checks have passed;
    /// <see langword="null"/> if it is not checked.
    /// </returns>
    Task<TimeSpan?> BeginCheckAsync(BackendMember member, CancellationToken cancellationToken);

    /// <summary>Has what was changed in a pool outlive a reload.</summary>
    /// <returns>True if it will.</returns>
    Task<bool> KeepAsync(string pool, CancellationToken cancellationToken);
}

/// <summary>A server of a pool by its names in the balancer's configuration.</summary>
internal readonly record struct BackendMember(string Pool, string Name)
{
    public override string ToString() => $"{Pool}/{Name}";
}

/// <summary>What a server of a pool is told to be.</summary>
internal enum BackendServerTarget
{
    Ready,
    Drain,
    Maintenance,
}

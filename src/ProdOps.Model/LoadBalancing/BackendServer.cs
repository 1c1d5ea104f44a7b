namespace ProdOps;

/// <summary>A server of a pool as one balancer sees it.</summary>
public sealed record BackendServer
{
    /// <summary>Its name in the balancer's configuration.</summary>
    public required string Name { get; init; }

    /// <summary>The pool that it is in.</summary>
    public required string Pool { get; init; }

    /// <summary>The balancer: the name of a server.</summary>
    public required string Balancer { get; init; }

    /// <summary>The environment's entry; <see langword="null"/> where none has this pool.</summary>
    public string? LoadBalancer { get; init; }

    /// <summary>Its address and port, e.g. <c>10.77.0.13:8080</c>.</summary>
    public string Address { get; init; } = "";

    /// <summary>What it is.</summary>
    public BackendServerState State { get; init; }

    /// <summary>What an administrator wants it to be, whatever its checks find: <c>Up</c>, <c>Drain</c> or <c>Maintenance</c>.</summary>
    public BackendServerState AdminState { get; init; }

    /// <summary>True if new clients reach it: it is up, or its checks have begun to fail, and its weight is not 0.</summary>
    public bool TakesRequests { get; init; }

    /// <summary>Why, in words: what the last check found, who took it out.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Its weight among the servers of the pool now.</summary>
    public int Weight { get; init; }

    /// <summary>True if it is used only when all others are gone.</summary>
    public bool IsBackup { get; init; }

    /// <summary>Requests or connections that it works on.</summary>
    public long Sessions { get; init; }

    /// <summary>Requests that wait for it.</summary>
    public long Queue { get; init; }

    /// <summary>Requests or connections that it has got since the counters began.</summary>
    public long Total { get; init; }

    /// <summary>The share of its answers since the counters began that were 5xx, 0 to 1; <see langword="null"/> without any answer.</summary>
    public double? ErrorRate { get; init; }

    /// <summary>Answers with 5xx since the counters began.</summary>
    public long ServerErrors { get; init; }

    /// <summary>Connections to it that failed since the counters began.</summary>
    public long ConnectionErrors { get; init; }

    /// <summary>How long its answers took, on average of the last 1,024.</summary>
    public TimeSpan? ResponseTime { get; init; }

    /// <summary>The last check's result as the balancer calls it, e.g. <c>L7OK</c>; <see langword="null"/> where it is not checked.</summary>
    public string? CheckStatus { get; init; }

    /// <summary>How long the last check took.</summary>
    public TimeSpan? CheckDuration { get; init; }

    /// <summary>When it last went up or down; <see langword="null"/> where the balancer does not say.</summary>
    public DateTimeOffset? LastChange { get; init; }

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}

/// <summary>What a server of a pool is to its balancer.</summary>
public enum BackendServerState
{
    /// <summary>It gets requests.</summary>
    Up,

    /// <summary>Its checks have not all passed yet; it may get requests meanwhile (on its way down) or not (on its way up).</summary>
    Checking,

    /// <summary>It gets no new clients and finishes what it has.</summary>
    Drain,

    /// <summary>It was taken out and is not checked.</summary>
    Maintenance,

    /// <summary>Its checks fail.</summary>
    Down,
}

/// <summary>What was done to a server of a pool, on all balancers of it together.</summary>
public sealed record BackendServerChange
{
    /// <summary>Its name in the pool.</summary>
    public required string Name { get; init; }

    /// <summary>The pool.</summary>
    public required string Pool { get; init; }

    /// <summary>The environment's entry; <see langword="null"/> where none has this pool.</summary>
    public string? LoadBalancer { get; init; }

    /// <summary>The balancers it was done on: names of servers.</summary>
    public IReadOnlyList<string> Balancers { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What it was before; of several balancers the worst.</summary>
    public BackendServerState? From { get; init; }

    /// <summary>What it is now; of several balancers the worst. <see langword="null"/> when it was removed.</summary>
    public BackendServerState? To { get; init; }

    /// <summary>What was done, in words: <c>drained</c>, <c>weight 100 -> 50</c>, <c>already in maintenance</c>.</summary>
    public string Action { get; init; } = "";

    /// <summary>Requests or connections that it worked on at the beginning.</summary>
    public long SessionsBefore { get; init; }

    /// <summary>Those that were left at the end.</summary>
    public long SessionsLeft { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>True when a reload of the balancer keeps it: it is in the server-state file, or in the configuration.</summary>
    public bool IsPersistent { get; init; }

    /// <summary>Where the balancers differ, in words; empty when they agree.</summary>
    public IReadOnlyList<string> Differences { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}

/// <summary>What becomes of a server that has not finished its requests in time.</summary>
public enum DrainTimeoutAction
{
    /// <summary>It stays draining, and that is an error.</summary>
    Fail,

    /// <summary>It becomes what it was before, and that is an error.</summary>
    PutBack,

    /// <summary>Its requests are ended.</summary>
    Shutdown,

    /// <summary>It is taken out, and what it works on may end by itself.</summary>
    Continue,
}

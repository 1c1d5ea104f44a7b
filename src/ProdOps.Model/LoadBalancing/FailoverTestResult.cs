namespace ProdOps;

/// <summary>What clients noticed when a part was stopped on purpose, and when it came back.</summary>
public sealed record FailoverTestResult
{
    /// <summary>The environment's entry.</summary>
    public required string LoadBalancer { get; init; }

    /// <summary>What was stopped.</summary>
    public FailoverTarget Stopped { get; init; }

    /// <summary>The server that it was stopped on.</summary>
    public required string Server { get; init; }

    /// <summary>Its service, e.g. <c>haproxy</c>.</summary>
    public required string Service { get; init; }

    /// <summary>What was asked meanwhile.</summary>
    public string Target { get; init; } = "";

    /// <summary>True if all requests were answered again while it was still stopped.</summary>
    public bool Recovered { get; init; }

    /// <summary>Requests that were sent while it was stopped.</summary>
    public long Requests { get; init; }

    /// <summary>Those of them that had no good answer.</summary>
    public long Failed { get; init; }

    /// <summary>The longest time without a good answer while it was stopped.</summary>
    public TimeSpan Gap { get; init; }

    /// <summary>From when it was stopped to when the last request that failed was due: the recovery time as it was measured. Zero if none failed; <see langword="null"/> if requests went on failing.</summary>
    public TimeSpan? RecoveryTime { get; init; }

    /// <summary>True if it runs again and requests are answered.</summary>
    public bool Restored { get; init; }

    /// <summary>Requests that had no good answer while it came back.</summary>
    public long FailedOnReturn { get; init; }

    /// <summary>The longest time without a good answer while it came back.</summary>
    public TimeSpan GapOnReturn { get; init; }

    /// <summary>Failures in words with how often each was seen.</summary>
    public IReadOnlyList<LoadTestFailure> Failures { get; init => field = Indexable.Of(value); } = [];

    /// <summary>When it was stopped.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>How long the whole test took.</summary>
    public TimeSpan Duration { get; init; }
}

/// <summary>What a failover test stops.</summary>
public enum FailoverTarget
{
    /// <summary>The program that balances, on the balancer that holds the address.</summary>
    Balancer,

    /// <summary>keepalived, on the balancer that holds the address.</summary>
    Keepalived,

    /// <summary>The application on a server of the pool.</summary>
    BackendServer,
}

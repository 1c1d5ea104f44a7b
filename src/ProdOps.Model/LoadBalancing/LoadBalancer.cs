namespace ProdOps;

/// <summary>A balancer as it is now: one process of HAProxy or nginx on one server.</summary>
public sealed record LoadBalancer
{
    /// <summary>The environment's entry that it serves, or several with commas between them; the server's name where no entry names it.</summary>
    public required string Name { get; init; }

    /// <summary>The server that it runs on.</summary>
    public required string Server { get; init; }

    /// <summary>What it is.</summary>
    public LoadBalancerKind Kind { get; init; }

    /// <summary>Its version, e.g. <c>2.6.12</c>.</summary>
    public string Version { get; init; } = "";

    /// <summary>Which of a pair it is.</summary>
    public LoadBalancerRole Role { get; init; }

    /// <summary>The address that moves between the balancers of a pair.</summary>
    public string? VirtualAddress { get; init; }

    /// <summary>How long the process that serves has run, in the case of HAProxy since its last reload.</summary>
    public TimeSpan? Uptime { get; init; }

    /// <summary>Connections of clients that are open now.</summary>
    public long Sessions { get; init; }

    /// <summary>New connections a second.</summary>
    public double? SessionRate { get; init; }

    /// <summary>Requests a second.</summary>
    public double? RequestRate { get; init; }

    /// <summary>The limit that is nearest; <see langword="null"/> if none is known.</summary>
    public LoadBalancerLimit? NearestLimit { get; init; }

    /// <summary>All limits that are known, the nearest first.</summary>
    public IReadOnlyList<LoadBalancerLimit> Limits { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Its pools.</summary>
    public IReadOnlyList<BackendPool> Pools { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The certificates that the process serves by, as it has them in memory; empty without TLS, and where it does not say (nginx).</summary>
    public IReadOnlyList<ServedCertificate> Certificates { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What is wrong with it, in words, the worst first: a reload that failed, two balancers that both hold the address, a pool without a server.</summary>
    public IReadOnlyList<string> Problems { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The configuration that the process runs with, as ProdOps published it; <see langword="null"/> where it did not.</summary>
    public string? Revision { get; init; }

    /// <summary>When it was asked.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>The server's name.</summary>
    /// <returns><see cref="Server"/>.</returns>
    public override string ToString() => Server;
}

/// <summary>Which of a pair a balancer is.</summary>
public enum LoadBalancerRole
{
    /// <summary>There is no address that moves.</summary>
    Single,

    /// <summary>It holds the address.</summary>
    Active,

    /// <summary>It waits.</summary>
    Standby,

    /// <summary>It holds the address, and so does another one.</summary>
    Conflict,

    /// <summary>It does not hold the address, and nobody does.</summary>
    Orphaned,
}

/// <summary>Something that a balancer can run out of.</summary>
public sealed record LoadBalancerLimit
{
    /// <summary>What: <c>maxconn</c>, <c>open files</c>, <c>pool web: queue</c>, <c>cpu</c>.</summary>
    public required string Name { get; init; }

    /// <summary>How much of it is used now, or was at most since the process began.</summary>
    public double Used { get; init; }

    /// <summary>How much there is.</summary>
    public double Limit { get; init; }

    /// <summary>The share that is used, 0 to 1.</summary>
    public double Share => Limit > 0 ? Used / Limit : 0;
}

/// <summary>A pool of servers on a balancer.</summary>
public sealed record BackendPool
{
    /// <summary>Its name in the configuration.</summary>
    public required string Name { get; init; }

    /// <summary>The environment's entry; <see langword="null"/> for one that the environment does not know.</summary>
    public string? LoadBalancer { get; init; }

    /// <summary>How many of its servers get requests.</summary>
    public int Up { get; init; }

    /// <summary>How many servers it has.</summary>
    public int Servers { get; init; }

    /// <summary>Requests or connections that are under way.</summary>
    public long Sessions { get; init; }

    /// <summary>Requests that wait for a server.</summary>
    public long Queue { get; init; }

    /// <summary>Requests or connections so far.</summary>
    public long Total { get; init; }

    /// <summary>Answers with 5xx so far.</summary>
    public long ServerErrors { get; init; }

    /// <summary>Requests that were sent to another server after a failure, so far.</summary>
    public long Redispatches { get; init; }

    /// <summary>How long the last 1,024 requests waited in the queue, on average.</summary>
    public TimeSpan? QueueTime { get; init; }

    /// <summary>How long connecting took, on average of the last 1,024.</summary>
    public TimeSpan? ConnectTime { get; init; }

    /// <summary>How long the answer took, on average of the last 1,024.</summary>
    public TimeSpan? ResponseTime { get; init; }

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}

/// <summary>A certificate as a balancer's process has it in memory: after a change at runtime another one than before, whatever the file says.</summary>
public sealed record ServedCertificate
{
    /// <summary>The file's full path on the balancer.</summary>
    public required string Path { get; init; }

    /// <summary>The names that it is for. HAProxy tells those of hosts alone, no addresses.</summary>
    public IReadOnlyList<string> Names { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Who issued it.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>When it begins to be valid.</summary>
    public DateTimeOffset NotBefore { get; init; }

    /// <summary>When it ends to be valid.</summary>
    public DateTimeOffset NotAfter { get; init; }

    /// <summary>Its SHA-1 fingerprint in lower case, which is what HAProxy tells.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>True if a frontend uses it.</summary>
    public bool IsUsed { get; init; }

    /// <summary>The path.</summary>
    /// <returns><see cref="Path"/>.</returns>
    public override string ToString() => Path;
}

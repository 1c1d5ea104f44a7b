namespace ProdOps;

/// <summary>One thing that was looked at to tell whether servers can stand behind a balancer and take each other's place.</summary>
public sealed record LoadBalancerFinding
{
    /// <summary>The environment's entry.</summary>
    public required string LoadBalancer { get; init; }

    /// <summary>What was looked at: <c>health</c>, <c>content</c>, <c>headers</c>, <c>session</c>, <c>redirect</c>, <c>clock</c>, <c>certificate</c>, <c>data</c>, <c>redundancy</c>, <c>failover</c>.</summary>
    public required string Item { get; init; }

    /// <summary>How it is.</summary>
    public LoadBalancerFindingStatus Status { get; init; }

    /// <summary>The server that it is about; <see langword="null"/> for all together.</summary>
    public string? Server { get; init; }

    /// <summary>What was found, in words.</summary>
    public string Message { get; init; } = "";

    /// <summary>What to do about it; empty if nothing is to be done.</summary>
    public string Advice { get; init; } = "";
}

/// <summary>How something that was looked at is.</summary>
public enum LoadBalancerFindingStatus
{
    /// <summary>It is well.</summary>
    Passed,

    /// <summary>Users may notice it, or it could not be looked at.</summary>
    Warning,

    /// <summary>Users will notice it.</summary>
    Failed,
}

namespace ProdOps.LoadBalancing.Readiness;

/// <summary>What a server of a pool says when it is asked itself, twice for the same.</summary>
internal sealed record PoolServerFacts
{
    public required string Server { get; init; }

    /// <summary>Its answer to the check's path; <see langword="null"/> without one.</summary>
    public HttpAnswer? Health { get; init; }

    /// <summary>Why there is no <see cref="Health"/>.</summary>
    public string HealthProblem { get; init; } = "";

    /// <summary>Its answer to the page.</summary>
    public HttpAnswer? First { get; init; }

    /// <summary>Its answer to the page, asked once more.</summary>
    public HttpAnswer? Second { get; init; }

    /// <summary>Why there is no <see cref="First"/>.</summary>
    public string Problem { get; init; } = "";

    /// <summary>Its answer to the page with the cookies that the pool's server before it has set.</summary>
    public HttpAnswer? WithForeignCookies { get; init; }

    /// <summary>How far its clock is ahead of this machine's, or behind; <see langword="null"/> if that is not known.</summary>
    public TimeSpan? Clock { get; init; }
}

/// <summary>A certificate file of a balancer.</summary>
/// <param name="Balancer">The balancer.</param>
/// <param name="Thumbprint">The first certificate's hash; empty if there is none.</param>
/// <param name="End">When it expires.</param>
internal sealed record BalancerCertificate(string Balancer, string Thumbprint, DateTimeOffset End);

/// <summary>Shared data as it was compared.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Differences">Items in which not all servers agree.</param>
/// <param name="Servers">Those that have something else.</param>
/// <param name="Example">One of the items; empty if all agree.</param>
/// <param name="Problem">Why it could not be compared; empty if it was.</param>
internal sealed record SharedDataFacts(string Path, int Differences, IReadOnlyList<string> Servers, string Example, string Problem)
{
    /// <summary>Whether each server has a copy, which can be synchronised.</summary>
    public bool IsCopied { get; init; }

    /// <summary>How many of the differences are items that the server lacks which the others are copied from.</summary>
    public int Extra { get; init; }
}

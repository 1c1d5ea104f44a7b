namespace ProdOps;

/// <summary>What <c>Test-LoadBalancer -Readiness</c> found of one entry, as it was noted when it ended.</summary>
public sealed record LoadBalancerReadiness
{
    /// <summary>The environment's entry.</summary>
    public required string LoadBalancer { get; init; }

    /// <summary>When it was looked at.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>What was found.</summary>
    public IReadOnlyList<LoadBalancerFinding> Findings { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How many findings are well.</summary>
    /// <returns>E.g. <c>web: 7 of 9 passed</c>.</returns>
    public override string ToString() => $"{LoadBalancer}: {Findings.Count(finding => finding.Status == LoadBalancerFindingStatus.Passed)} of {Findings.Count} passed";
}

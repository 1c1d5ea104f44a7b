namespace ProdOps.Monitoring.Replay;

/// <summary>What of history is replayed through which rule.</summary>
internal sealed record ReplayRequest
{
    /// <summary>All rules of the environment, with the one that is tested.</summary>
    public required IReadOnlyList<HealthRule> Rules { get; init; }

    /// <summary>The name of the one that is tested.</summary>
    public required string Rule { get; init; }

    /// <summary>The servers, with wildcards or without.</summary>
    public IReadOnlyList<string> Servers { get; init; } = ["*"];

    /// <summary>The environment, for the roles of servers and who is told; <see langword="null"/> where there is none.</summary>
    public ProdOpsEnvironment? Environment { get; init; }

    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset To { get; init; }
}

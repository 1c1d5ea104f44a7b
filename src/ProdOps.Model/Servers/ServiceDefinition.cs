namespace ProdOps;

/// <summary>Something that users need: an application, an interface of one.</summary>
public sealed record ServiceDefinition
{
    /// <summary>The service's name.</summary>
    public required string Name { get; init; }

    /// <summary>What it needs, all of it: load balancers, servers, other services; roles and groups made out.</summary>
    public IReadOnlyList<string> DependsOn { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What is promised of it; what it does not say is the environment's.</summary>
    public EnvironmentObjectives Objectives { get; init; } = new();

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}

/// <summary>Servers that stand in for each other: whoever depends on one of them has what it needs while enough of them work.</summary>
public sealed record RedundancyDefinition
{
    /// <summary>The group's name.</summary>
    public required string Name { get; init; }

    /// <summary>The servers; the first is the preferred one.</summary>
    public IReadOnlyList<string> Servers { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How many of them must work.</summary>
    public int Need { get; init; } = 1;

    /// <summary>Whether all of them work, or one does while the others wait.</summary>
    public RedundancyMode Mode { get; init; }

    /// <summary>Who lets another take over.</summary>
    public FailoverMode Failover { get; init; }

    /// <summary>How long that takes; <see langword="null"/> where nobody said.</summary>
    public TimeSpan? FailoverTime { get; init; }

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}

/// <summary>How servers stand in for each other.</summary>
public enum RedundancyMode
{
    /// <summary>All of them work: each has a share.</summary>
    ActiveActive,

    /// <summary>One works, and the others wait to take its place: a primary and its replicas.</summary>
    ActivePassive,
}

/// <summary>Who lets another server take over.</summary>
public enum FailoverMode
{
    /// <summary>They do it by themselves.</summary>
    Automatic,

    /// <summary>Somebody must: until then what depends on it is down.</summary>
    Manual,
}

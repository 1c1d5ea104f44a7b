namespace ProdOps;

/// <summary>
/// A rule as an environment's file defines it. What is <see langword="null"/> is taken from the rule that it takes the place of: the last one of the same name before it
/// that is for all servers, which can be a default one. A rule that looks at something else takes nothing from it.
/// </summary>
public sealed record HealthRuleDefinition
{
    /// <summary>The rule's name.</summary>
    public required string Name { get; init; }

    /// <summary>The metric it looks at.</summary>
    public string? Metric { get; init; }

    /// <summary>The check whose results it takes; may have wildcards.</summary>
    public string? Check { get; init; }

    /// <summary>Which instances; may have wildcards.</summary>
    public IReadOnlyList<string>? Instances { get; init => field = value is null ? null : Indexable.Of(value); }

    /// <summary>Which instances not; may have wildcards.</summary>
    public IReadOnlyList<string>? ExceptInstances { get; init => field = value is null ? null : Indexable.Of(value); }

    /// <summary>The servers it applies to; may have wildcards. With no servers and no roles: all.</summary>
    public IReadOnlyList<string> Servers { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The roles of the servers it applies to.</summary>
    public IReadOnlyList<string> Roles { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What is made of the samples.</summary>
    public HealthFunction? Function { get; init; }

    /// <summary>How far back the function looks.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>The share of the window that must have samples, 0 to 1.</summary>
    public double? Coverage { get; init; }

    /// <summary>Which percentile, 0 to 100.</summary>
    public double? Percentile { get; init; }

    /// <summary>What a forecast forecasts the reaching of, in the metric's unit.</summary>
    public double? Limit { get; init; }

    /// <summary>From where on it is a warning.</summary>
    public HealthThreshold? Warning { get; init; }

    /// <summary>From where on it is critical.</summary>
    public HealthThreshold? Critical { get; init; }

    /// <summary>What a warning must reach to be over. Taken from no other rule where <see cref="Warning"/> is not.</summary>
    public HealthThreshold? ClearWarning { get; init; }

    /// <summary>What a critical state must reach to be over. Taken from no other rule where <see cref="Critical"/> is not.</summary>
    public HealthThreshold? ClearCritical { get; init; }

    /// <summary>How long it must be bad before it counts.</summary>
    public TimeSpan? For { get; init; }

    /// <summary>The same for critical.</summary>
    public TimeSpan? CriticalFor { get; init; }

    /// <summary>How long it must be good before it is over.</summary>
    public TimeSpan? RecoverFor { get; init; }

    /// <summary>How many results in a row must be bad.</summary>
    public int? Attempts { get; init; }

    /// <summary>How many results in a row must be good.</summary>
    public int? RecoverAttempts { get; init; }

    /// <summary>How often results are expected.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>How often while a change is not yet certain.</summary>
    public TimeSpan? RetryInterval { get; init; }

    /// <summary>Rules that this one's problems come from when they have problems on the same server.</summary>
    public IReadOnlyList<string>? DependsOn { get; init => field = value is null ? null : Indexable.Of(value); }

    /// <summary>Rules that must all be bad on the same server.</summary>
    public IReadOnlyList<string>? All { get; init => field = value is null ? null : Indexable.Of(value); }

    /// <summary>Rules one of which must be bad on the same server.</summary>
    public IReadOnlyList<string>? Any { get; init => field = value is null ? null : Indexable.Of(value); }

    /// <summary>What an admin does about it.</summary>
    public string? Advice { get; init; }

    /// <summary>False for a rule that is switched off.</summary>
    public bool? Enabled { get; init; }

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}

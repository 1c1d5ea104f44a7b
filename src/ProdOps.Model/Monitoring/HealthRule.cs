namespace ProdOps;

/// <summary>When something is a problem: what is looked at, from where on it is bad, and how long it must be before anybody is told.</summary>
public sealed record HealthRule
{
    /// <summary>The rule's name. A later rule of the same name takes the place of an earlier one, on the servers that it applies to.</summary>
    public required string Name { get; init; }

    /// <summary>The metric it looks at, e.g. <c>disk.used</c>; <see langword="null"/> for a rule about a check or about other rules.</summary>
    public string? Metric { get; init; }

    /// <summary>The check whose results it takes, e.g. <c>http</c>; may have wildcards. Thresholds can make them worse by their value, never better.</summary>
    public string? Check { get; init; }

    /// <summary>Which instances, e.g. <c>/var*</c>; may have wildcards. None: all.</summary>
    public IReadOnlyList<string> Instances { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Which instances not; may have wildcards.</summary>
    public IReadOnlyList<string> ExceptInstances { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The servers it applies to; may have wildcards. With no servers and no roles: all.</summary>
    public IReadOnlyList<string> Servers { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The roles of the servers it applies to.</summary>
    public IReadOnlyList<string> Roles { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What is made of the samples.</summary>
    public HealthFunction Function { get; init; }

    /// <summary>How far back the function looks.</summary>
    public TimeSpan Window { get; init; }

    /// <summary>The share of the window that must have samples, 0 to 1; with less the rule says nothing.</summary>
    public double Coverage { get; init; } = 0.8;

    /// <summary>Which percentile, 0 to 100.</summary>
    public double Percentile { get; init; } = 95;

    /// <summary>What a forecast forecasts the reaching of, in the metric's unit.</summary>
    public double? Limit { get; init; }

    /// <summary>From where on it is a warning.</summary>
    public HealthThreshold? Warning { get; init; }

    /// <summary>From where on it is critical.</summary>
    public HealthThreshold? Critical { get; init; }

    /// <summary>What a warning must reach to be over; <see langword="null"/>: 2 points for percentages (a fifth of small ones), 5 % of the threshold for others.</summary>
    public HealthThreshold? ClearWarning { get; init; }

    /// <summary>What a critical state must reach to be over; <see langword="null"/>: as for warnings.</summary>
    public HealthThreshold? ClearCritical { get; init; }

    /// <summary>How long it must be bad, without a good result between, before it counts.</summary>
    public TimeSpan For { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The same for critical; <see langword="null"/>: as <see cref="For"/>.</summary>
    public TimeSpan? CriticalFor { get; init; }

    /// <summary>How long it must be good before it is over; <see langword="null"/>: two intervals, a minute at least.</summary>
    public TimeSpan? RecoverFor { get; init; }

    /// <summary>How many results in a row must be bad.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>How many results in a row must be good.</summary>
    public int RecoverAttempts { get; init; } = 3;

    /// <summary>How often results are expected.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often while a change is not yet certain; <see langword="null"/>: a third of the interval, 5 seconds at least.</summary>
    public TimeSpan? RetryInterval { get; init; }

    /// <summary>Rules that this one's problems come from when they have problems on the same server.</summary>
    public IReadOnlyList<string> DependsOn { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Rules that must all be bad on the same server: this one is as bad as the best of them.</summary>
    public IReadOnlyList<string> All { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Rules one of which must be bad on the same server: this one is as bad as the worst of them.</summary>
    public IReadOnlyList<string> Any { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What an admin does about it, in a sentence or two.</summary>
    public string Advice { get; init; } = "";

    /// <summary>False for a rule that is switched off.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Who made the rule.</summary>
    public HealthRuleOrigin Origin { get; init; }

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}

/// <summary>Who made a rule.</summary>
public enum HealthRuleOrigin
{
    /// <summary>It holds without anybody having written it.</summary>
    Default,

    /// <summary>The environment's file has it, or changes it.</summary>
    Environment,

    /// <summary>A check of the environment's file says it of itself.</summary>
    Check,
}

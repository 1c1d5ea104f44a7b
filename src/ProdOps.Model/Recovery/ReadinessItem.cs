namespace ProdOps;

/// <summary>One thing that makes an environment ready for production, and what proves that it is so.</summary>
public sealed record ReadinessItem
{
    /// <summary>The environment.</summary>
    public string Environment { get; init; } = "";

    /// <summary>Which of the five systems it belongs to.</summary>
    public ReadinessArea Area { get; init; }

    /// <summary>The item's own name, which does not change from version to version: <c>backup-restore-test</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What should be so, in a sentence.</summary>
    public required string Title { get; init; }

    /// <summary>Whether it is so.</summary>
    public ReadinessStatus Status { get; init; }

    /// <summary>How far it is so, 0 to 100. What is not known counts as 0.</summary>
    public double Score { get; init; }

    /// <summary>How much it counts within its area, against the other items there.</summary>
    public int Weight { get; init; }

    /// <summary>By how many points the score over all would rise if it were met.</summary>
    public double Gain { get; init; }

    /// <summary>What was found, in words.</summary>
    public string Message { get; init; } = "";

    /// <summary>The object that proves it, or the weakest of several: a test's result, an event, a measurement; <see langword="null"/> where nothing does.</summary>
    public object? Evidence { get; init; }

    /// <summary>When that was proved.</summary>
    public DateTimeOffset? EvidenceTime { get; init; }

    /// <summary>How old the proof is.</summary>
    public TimeSpan? EvidenceAge { get; init; }

    /// <summary>From when on the proof counts for less each day; <see langword="null"/> where nothing decays.</summary>
    public DateTimeOffset? DecaysAt { get; init; }

    /// <summary>When it counts for nothing any more.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What was promised, in words; empty where nothing is.</summary>
    public string Objective { get; init; } = "";

    /// <summary>What was measured against the promise, in words; empty where nothing was.</summary>
    public string Measured { get; init; } = "";

    /// <summary>Where <see cref="Measured"/> is from.</summary>
    public ReadinessBasis Basis { get; init; }

    /// <summary>What to do next: a command line, or a line of the environment's file; empty if nothing is to be done.</summary>
    public string Advice { get; init; } = "";

    /// <summary>The item and its status.</summary>
    /// <returns>E.g. <c>backup-restore-test: Partly</c>.</returns>
    public override string ToString() => $"{Name}: {Status}";
}

/// <summary>The five systems of a production environment.</summary>
public enum ReadinessArea
{
    /// <summary>Data can be got back.</summary>
    Backups,

    /// <summary>It is known what to do when something is lost, and how long it takes.</summary>
    Recovery,

    /// <summary>A part can fail, and nobody notices.</summary>
    LoadBalancing,

    /// <summary>Somebody is told.</summary>
    Monitoring,

    /// <summary>It can be seen what happened.</summary>
    Logging,
}

/// <summary>Whether something is ready for production.</summary>
public enum ReadinessStatus
{
    /// <summary>It is so, and was proved not long ago.</summary>
    Met,

    /// <summary>A part of it is so, it is only declared, or the proof is getting old.</summary>
    Partly,

    /// <summary>It is not so.</summary>
    Missing,

    /// <summary>It could not be found out. Never taken for met.</summary>
    Unknown,
}

/// <summary>Where a figure is from, the best first after <see cref="None"/>.</summary>
public enum ReadinessBasis
{
    /// <summary>There is no figure.</summary>
    None,

    /// <summary>It was measured.</summary>
    Measured,

    /// <summary>A part was measured, and the whole reckoned from it.</summary>
    Scaled,

    /// <summary>It follows from what is declared, a schedule for one.</summary>
    Assumed,
}

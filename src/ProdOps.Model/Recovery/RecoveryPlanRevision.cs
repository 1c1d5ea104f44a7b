namespace ProdOps;

/// <summary>A text that a recovery plan has, or had.</summary>
public sealed record RecoveryPlanRevision
{
    /// <summary>The plan.</summary>
    public required string Plan { get; init; }

    /// <summary>The SHA-256 of the text and of the files that its steps take from beside it, in hexadecimal.</summary>
    public required string Revision { get; init; }

    /// <summary>When it was kept first.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>Whether it is the plan's present text.</summary>
    public bool IsCurrent { get; init; }

    /// <summary>When it was last drilled with success, on this machine; <see langword="null"/>: never.</summary>
    public DateTimeOffset? LastDrill { get; init; }

    /// <summary>When it was last carried out for real, from this machine; <see langword="null"/>: never.</summary>
    public DateTimeOffset? LastRun { get; init; }

    /// <summary>The full path of the file that has its text.</summary>
    public string Path { get; init; } = "";

    /// <summary>The revision.</summary>
    /// <returns><see cref="Revision"/>.</returns>
    public override string ToString() => Revision;
}

/// <summary>Something that differs between two recovery plans, or two revisions of one.</summary>
public sealed record RecoveryPlanDifference
{
    /// <summary>The plan.</summary>
    public required string Plan { get; init; }

    /// <summary>The step; empty for what is said of the plan as a whole.</summary>
    public string Step { get; init; } = "";

    /// <summary>What became of it.</summary>
    public RecoveryPlanChange Change { get; init; }

    /// <summary>What it was, as the file has it.</summary>
    public string Before { get; init; } = "";

    /// <summary>What it is, as the file has it.</summary>
    public string After { get; init; } = "";

    /// <summary>The revision that is compared.</summary>
    public string FromRevision { get; init; } = "";

    /// <summary>The revision that it is compared with.</summary>
    public string ToRevision { get; init; } = "";
}

/// <summary>What became of a step.</summary>
public enum RecoveryPlanChange
{
    /// <summary>It is new.</summary>
    Added,

    /// <summary>It is gone.</summary>
    Removed,

    /// <summary>It is another.</summary>
    Changed,

    /// <summary>Steps stand in another order.</summary>
    Reordered,
}

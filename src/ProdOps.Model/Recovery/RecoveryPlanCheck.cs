namespace ProdOps;

/// <summary>Whether something that a recovery plan counts on is so today.</summary>
public sealed record RecoveryPlanCheck
{
    /// <summary>The plan.</summary>
    public required string Plan { get; init; }

    /// <summary>What was looked at: <c>File</c>, <c>Target</c>, <c>Backup</c>, <c>Room</c>, <c>Secret</c>, <c>Packages</c>, <c>Coverage</c>, <c>Drill</c>.</summary>
    public required string Check { get; init; }

    /// <summary>The step that it is about; empty for the whole plan.</summary>
    public string Step { get; init; } = "";

    /// <summary>How it is.</summary>
    public EnvironmentCheckStatus Status { get; init; }

    /// <summary>What was found.</summary>
    public string Message { get; init; } = "";

    /// <summary>What to do about it; empty where it is well.</summary>
    public string Recommendation { get; init; } = "";

    /// <summary>The file that it stands in, of what is wrong with the plan's text.</summary>
    public string? Path { get; init; }

    /// <summary>The line.</summary>
    public int? Line { get; init; }

    /// <summary>The key.</summary>
    public string? Key { get; init; }
}

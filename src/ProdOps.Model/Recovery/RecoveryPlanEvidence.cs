namespace ProdOps;

/// <summary>Whether a recovery plan was still true, as it was noted when Test-RecoveryPlan looked.</summary>
public sealed record RecoveryPlanEvidence
{
    /// <summary>The plan.</summary>
    public required string Plan { get; init; }

    /// <summary>The server that it is about.</summary>
    public string Server { get; init; } = "";

    /// <summary>The plan's revision that was looked at: what was found says nothing of another.</summary>
    public string Revision { get; init; } = "";

    /// <summary>When it was looked at.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>How many things that it counts on were so.</summary>
    public int Passed { get; init; }

    /// <summary>How many leave something to be desired.</summary>
    public int Warnings { get; init; }

    /// <summary>What was not so, a sentence each.</summary>
    public IReadOnlyList<string> Problems { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Plan and outcome.</summary>
    /// <returns>E.g. <c>db1: true</c>.</returns>
    public override string ToString() => $"{Plan}: {(Problems.Count == 0 ? "true" : Problems[0])}";
}

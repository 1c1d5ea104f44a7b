namespace ProdOps;

/// <summary>How ready for production an environment is, over all.</summary>
public sealed record ReadinessSummary
{
    /// <summary>The environment.</summary>
    public string Environment { get; init; } = "";

    /// <summary>When it was judged.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>0 to 100: the mean of the areas.</summary>
    public double Score { get; init; }

    /// <summary>The score of each area.</summary>
    public IReadOnlyList<ReadinessAreaScore> Areas { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How many items are met.</summary>
    public int Met { get; init; }

    /// <summary>How many are met in part.</summary>
    public int Partly { get; init; }

    /// <summary>How many are missing.</summary>
    public int Missing { get; init; }

    /// <summary>How many could not be found out.</summary>
    public int Unknown { get; init; }

    /// <summary>How much work may be lost (RPO), in words: measured, and promised.</summary>
    public string RecoveryPoint { get; init; } = "";

    /// <summary>Where that is from.</summary>
    public ReadinessBasis RecoveryPointBasis { get; init; }

    /// <summary>How long recovery takes (RTO), in words: measured, and promised.</summary>
    public string RecoveryTime { get; init; } = "";

    /// <summary>Where that is from.</summary>
    public ReadinessBasis RecoveryTimeBasis { get; init; }

    /// <summary>The items that would raise the score most, the best first; at most five.</summary>
    public IReadOnlyList<ReadinessItem> NextSteps { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The environment and its score.</summary>
    /// <returns>E.g. <c>shop: 71.5</c>.</returns>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Environment}: {Score:0.#}");
}

/// <summary>How ready one area is.</summary>
/// <param name="Area">The area.</param>
/// <param name="Score">0 to 100: the mean of its items by their weights.</param>
/// <param name="Met">How many items are met.</param>
/// <param name="Partly">How many are met in part.</param>
/// <param name="Missing">How many are missing.</param>
/// <param name="Unknown">How many could not be found out.</param>
public sealed record ReadinessAreaScore(ReadinessArea Area, double Score, int Met, int Partly, int Missing, int Unknown)
{
    /// <summary>The area and its score.</summary>
    /// <returns>E.g. <c>Backups: 80</c>.</returns>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Area}: {Score:0.#}");
}

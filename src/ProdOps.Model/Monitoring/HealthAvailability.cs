namespace ProdOps;

/// <summary>For how much of a time a server, or the whole environment, did its work.</summary>
public sealed record HealthAvailability
{
    /// <summary>The server; empty for the environment as a whole.</summary>
    public string Server { get; init; } = "";

    /// <summary>The environment's name; empty without one.</summary>
    public string Environment { get; init; } = "";

    /// <summary>From when.</summary>
    public DateTimeOffset From { get; init; }

    /// <summary>Until when.</summary>
    public DateTimeOffset To { get; init; }

    /// <summary>How long it did its work.</summary>
    public TimeSpan Available { get; init; }

    /// <summary>How long it did not.</summary>
    public TimeSpan Down { get; init; }

    /// <summary>How long nobody knows, or work was announced: that counts for nothing.</summary>
    public TimeSpan Unknown { get; init; }

    /// <summary>How many times it stopped. What comes back unseen has not come back.</summary>
    public int Outages { get; init; }

    /// <summary>How long the longest outage was, without what nobody saw of it.</summary>
    public TimeSpan LongestOutage { get; init; }

    /// <summary>When that one began; <see langword="null"/> without outages.</summary>
    public DateTimeOffset? LongestOutageStart { get; init; }

    /// <summary>How many incidents began.</summary>
    public int Incidents { get; init; }

    /// <summary>The share that was promised, 0 to 1; <see langword="null"/> where nothing was.</summary>
    public double? Objective { get; init; }

    /// <summary>The checks whose failure is an outage, besides that a server cannot be reached.</summary>
    public IReadOnlyList<string> Checks { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The share of the time that it did its work, of the time that somebody looked: 0 to 1; <see langword="null"/> if nobody did.</summary>
    public double? Availability => Observed > TimeSpan.Zero ? Available / Observed : null;

    /// <summary>How long an outage lasted in the mean (MTTR); <see langword="null"/> without outages.</summary>
    public TimeSpan? MeanTimeToRepair => Outages > 0 ? Down / Outages : null;

    /// <summary>How long it did its work between outages in the mean (MTBF); <see langword="null"/> without outages.</summary>
    public TimeSpan? MeanTimeBetweenFailures => Outages > 0 ? Available / Outages : null;

    /// <summary>How long it may be down in so much time that somebody looked; <see langword="null"/> without an objective.</summary>
    public TimeSpan? ErrorBudget => Objective is { } objective ? Observed * (1 - objective) : null;

    /// <summary>How much longer it may be down; negative: it was down so much too long.</summary>
    public TimeSpan? BudgetLeft => ErrorBudget - Down;

    /// <summary>Whether it kept what was promised; <see langword="null"/> where nothing was, or nobody looked.</summary>
    public bool? MeetsObjective => Observed > TimeSpan.Zero && BudgetLeft is { } left ? left >= TimeSpan.Zero : null;

    private TimeSpan Observed => Available + Down;

    /// <summary>Which, and its availability.</summary>
    /// <returns>E.g. <c>web1: 99.95 %</c>.</returns>
    public override string ToString() =>
        $"{(Server.Length > 0 ? Server : Environment)}: {(Availability is { } share ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Math.Floor(share * 1e5) / 1e3} %") : "not known")}";
}

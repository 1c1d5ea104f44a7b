using System.Text.Json.Serialization;

namespace ProdOps.Monitoring.States;

/// <summary>How a check is: what its last result said (soft), and what is taken for true (hard).</summary>
internal sealed record CheckState
{
    /// <summary>The last result that was not Unknown.</summary>
    public HealthState Last { get; init; }

    /// <summary>How bad it is for certain: OK, Warning or Critical. Never changed by what is missing.</summary>
    public HealthState Level { get; init; }

    /// <summary>True while nobody knows how it is.</summary>
    public bool Missing { get; init; }

    /// <summary>True while it changes so often that its level is held.</summary>
    public bool Flapping { get; init; }

    /// <summary>The value of the result that last changed anything.</summary>
    public double? Value { get; init; }

    /// <summary>What that result said.</summary>
    public string? Message { get; init; }

    /// <summary>Since when <see cref="Shown"/> is what it is, by the clock.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>On which side of "a warning at least" its results are.</summary>
    public Side Warning { get; init; }

    /// <summary>On which side of "critical" its results are.</summary>
    public Side Critical { get; init; }

    /// <summary>On which side of "not known" its results are.</summary>
    public Side Unknown { get; init; }

    /// <summary>The last changes from one result to another, newest last.</summary>
    public IReadOnlyList<Change> Changes { get; init; } = [];

    /// <summary>The hard state. Missing data make an OK unknown, and leave a problem what it was.</summary>
    [JsonIgnore]
    public HealthState Shown => Missing && Level == HealthState.OK ? HealthState.Unknown : Level;

    /// <summary>True while results and level differ: a change is on its way, and the next result is wanted soon.</summary>
    [JsonIgnore]
    public bool IsSoft => Last != Level || Unknown.Beyond != Missing;

    /// <summary>True if it is bad for certain, or might be: the last result was bad.</summary>
    [JsonIgnore]
    public bool IsBad => Level != HealthState.OK || Last != HealthState.OK;
}

/// <summary>On which side of a line results are, since when, and how many in a row.</summary>
/// <param name="Beyond">True on the bad side.</param>
/// <param name="Count">How many results in a row; counting ends where more would change nothing.</param>
/// <param name="Since">Since when, in steady time.</param>
internal readonly record struct Side(bool Beyond, int Count, DateTimeOffset Since)
{
    public Side After(bool beyond, DateTimeOffset steady) => Count > 0 && beyond == Beyond ? this with { Count = Count + 1 } : new Side(beyond, 1, steady);
}

/// <summary>A change from one result to another.</summary>
/// <param name="Time">When, in steady time.</param>
/// <param name="To">What it became.</param>
internal readonly record struct Change(DateTimeOffset Time, HealthState To);

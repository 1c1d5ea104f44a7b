namespace ProdOps;

/// <summary>What a rule makes of the samples of its window before it looks at the thresholds.</summary>
public enum HealthFunction
{
    /// <summary>The newest sample; needs no window.</summary>
    Last,

    /// <summary>The mean.</summary>
    Average,

    /// <summary>The least.</summary>
    Minimum,

    /// <summary>The greatest.</summary>
    Maximum,

    /// <summary>The value that <see cref="HealthRule.Percentile"/> percent of the samples do not exceed.</summary>
    Percentile,

    /// <summary>How much it changed from the window's first sample to its last; may be negative.</summary>
    Delta,

    /// <summary>How much a counter went up. A counter that falls began anew at 0.</summary>
    Increase,

    /// <summary>How much a counter went up a second.</summary>
    Rate,

    /// <summary>How many samples were not zero.</summary>
    Count,

    /// <summary>
    /// In how many seconds the value reaches <see cref="HealthRule.Limit"/> if it goes on like this: a straight line through the window.
    /// Endless where it does not get there, where the samples are far from any line, or where the limit is still far.
    /// </summary>
    Forecast,

    /// <summary>How many standard deviations it is away from what it was at this hour of the week before.</summary>
    Baseline,
}

namespace ProdOps.Monitoring.States;

/// <summary>What was found out about a check at one moment.</summary>
/// <param name="Key">Which check.</param>
/// <param name="State">OK, Warning, Critical; or Unknown where it was tried and not found out.</param>
/// <param name="Value">The value that was compared with the thresholds; what is no number or endless, as the time until a disk is full that does not grow, is no value.</param>
/// <param name="Message">What a check said about itself; <see langword="null"/> where the value says it all.</param>
internal readonly record struct Reading(CheckKey Key, HealthState State, double? Value = null, string? Message = null)
{
    // Events are kept as JSON, which has no word for it.
    public double? Value { get; } = Value is { } number && double.IsFinite(number) ? number : null;
}

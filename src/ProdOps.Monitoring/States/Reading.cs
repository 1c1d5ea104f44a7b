namespace ProdOps.Monitoring.States;

/// <summary>What was found out about a check at one moment.</summary>
/// <param name="Key">Which check.</param>
/// <param name="State">OK, Warning, Critical; or Unknown where it was tried and not found out.</param>
/// <param name="Value">The value that was compared with the thresholds.</param>
/// <param name="Message">What a check said about itself; <see langword="null"/> where the value says it all.</param>
internal readonly record struct Reading(CheckKey Key, HealthState State, double? Value = null, string? Message = null);

namespace ProdOps.Monitoring.Checks;

/// <summary>From where on a value is a warning, and from where on it is critical.</summary>
/// <param name="Warning">The value itself is a warning already; <see langword="null"/> for none.</param>
/// <param name="Critical">Likewise.</param>
internal readonly record struct Limits(double? Warning, double? Critical)
{
    /// <summary>How a value is that should be small.</summary>
    public HealthState OfHigh(double value) => value >= Critical ? HealthState.Critical : value >= Warning ? HealthState.Warning : HealthState.OK;

    /// <summary>How a value is that should be large.</summary>
    public HealthState OfLow(double value) => value < Critical ? HealthState.Critical : value < Warning ? HealthState.Warning : HealthState.OK;
}

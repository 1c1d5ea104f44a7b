namespace ProdOps.Monitoring.States;

/// <summary>What was found out at one moment, about one server or many.</summary>
/// <param name="Time">When, by the clock.</param>
/// <param name="Readings">What it means.</param>
internal sealed record Round(DateTimeOffset Time, IReadOnlyList<Reading> Readings)
{
    /// <summary>Checks that had a sample which does not mean anything yet.</summary>
    public IReadOnlyList<CheckKey> Seen { get; init; } = [];

    /// <summary>
    /// Whether any of the anchors answered: places that have nothing to do with the servers, such as the gateway. <see langword="null"/>: nobody
    /// asked them; it is only worth asking when <see cref="HealthMonitor.WantsAnchors"/>.
    /// </summary>
    public bool? AnchorsAnswer { get; init; }
}

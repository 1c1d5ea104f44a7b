namespace ProdOps.Monitoring.Metrics;

/// <summary>Collects values and leaves out those that are none.</summary>
internal sealed class MeasurementList
{
    private readonly List<Measurement> _values = new(128);

    public IReadOnlyList<Measurement> Values => _values;

    public void Add(string metric, double? value) => Add(metric, null, value);

    public void Add(string metric, string? instance, double? value)
    {
        if (value is { } number && double.IsFinite(number)) _values.Add(new Measurement(metric, instance, number));
    }

    /// <summary>Part of a whole, as percent; none if the whole is 0 or smaller than its part.</summary>
    public void AddShare(string metric, string? instance, ulong? part, ulong? whole)
    {
        if (whole > 0 && part <= whole) Add(metric, instance, 100.0 * part / whole);
    }
}

/// <summary>What a counter has counted between two answers.</summary>
internal static class Counter
{
    /// <summary>None if it went back: the device was put in again, or the counter was too small.</summary>
    public static double? Since(ulong? now, ulong? before) => now >= before ? now - before : null;

    public static double? PerSecond(ulong? now, ulong? before, double seconds) => Since(now, before) / seconds;
}

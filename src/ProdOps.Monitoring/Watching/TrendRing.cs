namespace ProdOps.Monitoring.Watching;

/// <summary>Remembers the last values of a server, as many as a wide screen shows.</summary>
internal sealed class TrendRing
{
    private const int Most = 20;

    private readonly List<double> _cpu = [], _memory = [], _disk = [];

    public HealthTrend Trend => new([.. _cpu], [.. _memory], [.. _disk]);

    public void Add(double? cpu, double? memory, double? disk)
    {
        Add(_cpu, cpu);
        Add(_memory, memory);
        Add(_disk, disk);
    }

    private static void Add(List<double> values, double? value)
    {
        if (values.Count == Most) values.RemoveAt(0);
        values.Add(value ?? double.NaN);
    }
}

namespace ProdOps.Benchmarks.Metrics;

/// <summary>Series as a monitor of servers has them: many that stand still, shares that wander, rates, counters.</summary>
internal sealed class SimulatedSeries(int number, ulong seed)
{
    public static readonly string[] Kinds = ["steady bytes", "share in %", "load", "bytes a second", "counter", "any double"];

    // Of ten series, which kind; the last is no metric of ours, and shows what rounding spares.
    private static readonly int[] Mix = [0, 0, 0, 1, 1, 1, 2, 3, 3, 4];

    private readonly Random _random = new((int)seed * 1_000_003 + number);
    private double _value = number;

    public int Kind { get; init; } = Mix[number % Mix.Length];

    public string Unit => Kind switch { 0 => "B", 1 => "%", 3 => "B/s", _ => "" };

    public double Next() => _value = Kind switch
    {
        0 => _random.Next(200) == 0 ? _random.NextInt64(1L << 36) : _value,
        1 => Math.Round(Math.Clamp(_value + _random.NextDouble() * 6 - 3, 0, 100), 3),
        2 => Math.Round(Math.Max(0, _value + _random.NextDouble() - 0.5), 2),
        3 => _random.Next(2_000_000),
        4 => _value + _random.Next(500),
        _ => _random.NextDouble() * 100,
    };
}

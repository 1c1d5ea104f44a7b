namespace ProdOps.Benchmarks.Corpora.Logs;

/// <summary>How much of a day's traffic comes in each of its minutes, and in which of them servers fail; the same for all servers.</summary>
internal sealed class DayShape
{
    public const int Minutes = 1440;

    private readonly double[] _until = new double[Minutes];
    private readonly bool[] _incident = new bool[Minutes];

    public DayShape(ulong seed)
    {
        var random = new SeededRandom(seed);
        double sum = 0;
        double burst = 1;
        for (int minute = 0; minute < Minutes; minute++)
        {
            // Quietest at four in the morning, busiest in the evening; now and then a burst that dies away.
            double daily = 1 - (0.75 * Math.Cos((minute - 240) * 2 * Math.PI / Minutes));
            burst = random.Below(180) == 0 ? 2 + (4 * random.Fraction()) : 1 + ((burst - 1) * 0.8);
            _until[minute] = sum += daily * burst * (0.9 + (0.2 * random.Fraction()));
        }
        for (int minute = 0; minute < Minutes; minute++)
            _until[minute] /= sum;
        for (int incidents = 3 + random.Below(3); incidents > 0; incidents--)
            _incident.AsSpan(random.Below(Minutes - 20), 2 + random.Below(12)).Fill(true);
    }

    /// <summary>The share of the day's traffic up to the end of a minute.</summary>
    public double Until(int minute) => _until[minute];

    public bool IsIncident(int minute) => _incident[minute];
}

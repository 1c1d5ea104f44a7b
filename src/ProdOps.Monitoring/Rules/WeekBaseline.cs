namespace ProdOps.Monitoring.Rules;

/// <summary>What a value is usually like at each hour of the week: mean and variance, in which the last weeks weigh most.</summary>
internal sealed class WeekBaseline
{
    private const int Hours = 7 * 24;

    /// <summary>Weeks that must have been seen before a deviation is spoken of.</summary>
    public const int LeastWeeks = 3;

    private readonly Slot[] _slots = new Slot[Hours];

    /// <summary>Takes in the mean of one hour, e.g. of the store's hourly roll-ups, in the order of time.</summary>
    public void Learn(DateTimeOffset hour, double mean)
    {
        ref var slot = ref _slots[IndexOf(hour)];
        slot.Weeks++;
        // The first weeks count alike, later each new one for a quarter.
        double weight = Math.Max(1.0 / slot.Weeks, 0.25);
        double distance = mean - slot.Mean;
        slot.Mean += weight * distance;
        slot.Variance = (1 - weight) * (slot.Variance + (weight * distance * distance));
    }

    /// <summary>By how many standard deviations a value is off, up or down; <see langword="null"/> while too few weeks are known.</summary>
    public double? DeviationOf(DateTimeOffset time, double value)
    {
        ref readonly var slot = ref _slots[IndexOf(time)];
        if (slot.Weeks < LeastWeeks) return null;
        // What hardly ever varies would be far off at the slightest change: 5 % of the mean is always usual.
        double deviation = Math.Max(Math.Sqrt(slot.Variance), 0.05 * Math.Abs(slot.Mean));
        double distance = Math.Abs(value - slot.Mean);
        return distance == 0 ? 0 : deviation == 0 ? double.PositiveInfinity : distance / deviation;
    }

    private static int IndexOf(DateTimeOffset time) => ((int)time.UtcDateTime.DayOfWeek * 24) + time.UtcDateTime.Hour;

    private struct Slot
    {
        public double Mean, Variance;
        public int Weeks;
    }
}

namespace ProdOps.Recovery.Readiness;

/// <summary>What a proof is worth as it gets older: all of it for a time, then less each day, then nothing.</summary>
internal static class Decay
{
    /// <summary>So long it counts in full.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromDays(30);

    /// <summary>From then on it counts for nothing.</summary>
    public static readonly TimeSpan Gone = TimeSpan.FromDays(90);

    /// <summary>A proof from further in the future is a wrong clock's, and counts for nothing.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromHours(1);

    /// <summary>0 to 1.</summary>
    public static double Share(DateTimeOffset proved, DateTimeOffset now)
    {
        var age = now - proved;
        if (age < -Skew) return 0;
        return age <= Fresh ? 1 : age >= Gone ? 0 : (Gone - age) / (Gone - Fresh);
    }
}

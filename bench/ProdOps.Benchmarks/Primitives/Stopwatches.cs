using System.Diagnostics;

namespace ProdOps.Benchmarks.Primitives;

/// <summary>
/// Speed of one primitive: warmed up until the runtime has compiled it at its best, then timed in rounds; the median
/// round counts and the spread is shown, since a median alone hides a disturbed machine.
/// </summary>
internal sealed class Stopwatches(TextWriter output)
{
    private const int Rounds = 7;
    private const double SecondsPerRound = 0.25;

    public async Task ThroughputAsync(string name, long bytesPerCall, Action action)
    {
        var seconds = Time(action);
        double Rate(double second) => bytesPerCall / second / (1 << 20);
        await output.WriteLineAsync(FormattableString.Invariant(
            $"{name,-52} {Rate(seconds[Rounds / 2]),9:N0} MiB/s  ({Rate(seconds[^1]):N0}–{Rate(seconds[0]):N0})"));
    }

    public async Task DurationAsync(string name, Action action)
    {
        var seconds = Time(action);
        await output.WriteLineAsync(FormattableString.Invariant(
            $"{name,-52} {seconds[Rounds / 2] * 1e3,9:N2} ms     ({seconds[0] * 1e3:N2}–{seconds[^1] * 1e3:N2})"));
    }

    /// <summary>Seconds per call of each round, fastest first.</summary>
    private static double[] Time(Action action)
    {
        int calls = Warm(action);
        var seconds = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < calls; i++)
                action();
            seconds[round] = Stopwatch.GetElapsedTime(start).TotalSeconds / calls;
        }
        Array.Sort(seconds);
        return seconds;
    }

    /// <summary>Long enough for tiered compilation's background thread to finish; returns how many calls fill a round.</summary>
    private static int Warm(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        int calls = 0;
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < 2 * SecondsPerRound)
        {
            action();
            calls++;
        }
        return Math.Max(1, calls / 2);
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace ProdOps.Benchmarks.Logs;

/// <summary>What one search took.</summary>
internal sealed record SearchTime(double Wall, double User, double System, long Count);

/// <summary>
/// A process of its own that does one search again and again, each time it is asked for a line on its input: as a shell does that has the module loaded. What it says at the end is its largest
/// resident set, in KiB.
/// </summary>
internal static class LogWorker
{
    public static async Task ServeAsync(Func<Task<long>> search, CancellationToken cancellationToken)
    {
        while (await Console.In.ReadLineAsync(cancellationToken) is not null)
        {
            var before = Environment.CpuUsage;
            long start = Stopwatch.GetTimestamp();
            long count = await search();
            double wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var after = Environment.CpuUsage;
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(
                new SearchTime(wall, (after.UserTime - before.UserTime).TotalSeconds, (after.PrivilegedTime - before.PrivilegedTime).TotalSeconds, count)));
        }
        await Console.Out.WriteLineAsync(Peak().ToString(CultureInfo.InvariantCulture));
    }

    // proc(5): VmHWM is the peak of this program, and not of the one that forked it.
    private static long Peak() => long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))[6..^3], CultureInfo.InvariantCulture);
}

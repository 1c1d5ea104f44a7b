using System.Globalization;

namespace ProdOps.Benchmarks.Measurement;

/// <summary>User time and stolen time of the whole machine since it booted, from the first line of /proc/stat (proc(5)).</summary>
internal readonly record struct CpuClock(double User, double Stolen)
{
    // USER_HZ is 100 on every architecture .NET runs on.
    private const double TicksPerSecond = 100;

    public static CpuClock Read()
    {
        using var reader = new StreamReader("/proc/stat");
        var fields = reader.ReadLine()!.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        double Seconds(int field) => double.Parse(fields[field], CultureInfo.InvariantCulture) / TicksPerSecond;
        return new CpuClock(Seconds(1) + Seconds(2), Seconds(8));
    }
}

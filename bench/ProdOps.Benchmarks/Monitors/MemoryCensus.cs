using System.Globalization;
using SQLitePCL;

namespace ProdOps.Benchmarks.Monitors;

/// <summary>What this process's memory is made of at a moment, in MB.</summary>
/// <param name="Resident">All of it, as the kernel counts.</param>
/// <param name="Anonymous">Of that, what is no file's: the collector's heap, SQLite's, the runtime's own.</param>
/// <param name="Managed">What lives on the collector's heap, and what is not collected yet.</param>
/// <param name="Live">What lived after the last full collection.</param>
/// <param name="Holes">What lay free between it.</param>
/// <param name="Large">Large objects, with what lay free between them.</param>
/// <param name="Committed">What the collector keeps from the system.</param>
/// <param name="Sqlite">What SQLite has allocated.</param>
internal readonly record struct MemoryCensus(double Resident, double Anonymous, double Managed, double Live, double Holes, double Large, double Committed, double Sqlite)
{
    public const string Titles = "MB resident, most so far | anonymous | managed | live, holes, large | committed | SQLite";
    public const string Alignment = "---: | ---: | ---: | ---: | ---: | ---:";

    /// <summary>The most that was ever resident, in MB.</summary>
    public static double Peak => OfStatus("VmHWM:");

    public static MemoryCensus Take()
    {
        var full = GC.GetGCMemoryInfo(GCKind.FullBlocking);
        return new MemoryCensus(OfStatus("VmRSS:"), OfStatus("RssAnon:"), GC.GetTotalMemory(forceFullCollection: false) / 1e6, (full.HeapSizeBytes - full.FragmentedBytes) / 1e6, full.FragmentedBytes / 1e6,
            full.GenerationInfo[3].SizeAfterBytes / 1e6, GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes / 1e6, raw.sqlite3_memory_used() / 1e6);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Resident:F0}, {Peak:F0} | {Anonymous:F0} | {Managed:F0} | {Live:F0}, {Holes:F0}, {Large:F0} | {Committed:F0} | {Sqlite:F1}");

    /// <summary>proc_pid_status(5), which counts in KiB.</summary>
    private static double OfStatus(string name) =>
        double.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024 / 1e6;
}

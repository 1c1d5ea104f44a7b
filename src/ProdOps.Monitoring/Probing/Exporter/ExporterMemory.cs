using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing.Exporter;

/// <summary>The collectors meminfo, vmstat and pressure. Of a container they tell what its host has.</summary>
internal sealed class ExporterMemory
{
    public MemoryReport Report { get; private set; } = new();

    public PressureReport Pressure { get; private set; } = new();

    public void Take(ReadOnlySpan<char> name, double value)
    {
        ulong? whole = NodeExporterReader.Whole(value);
        Report = name switch
        {
            "memory_MemTotal_bytes" => Report with { Total = whole },
            "memory_MemFree_bytes" => Report with { Free = whole },
            "memory_MemAvailable_bytes" => Report with { Available = whole },
            "memory_Buffers_bytes" => Report with { Buffers = whole },
            "memory_Cached_bytes" => Report with { Cached = whole },
            "memory_Shmem_bytes" => Report with { Shared = whole },
            "memory_Dirty_bytes" => Report with { Dirty = whole },
            "memory_SwapTotal_bytes" => Report with { SwapTotal = whole },
            "memory_SwapFree_bytes" => Report with { SwapFree = whole },
            "memory_HardwareCorrupted_bytes" => Report with { Corrupted = whole },
            "vmstat_oom_kill" => Report with { OomKills = whole },
            "vmstat_pgmajfault" => Report with { MajorFaults = whole },
            "vmstat_pswpin" => Report with { SwappedIn = whole },
            "vmstat_pswpout" => Report with { SwappedOut = whole },
            _ => Report,
        };
        if (name.StartsWith("pressure_", StringComparison.Ordinal)) Wait(name, value);
    }

    /// <summary>Only how long tasks have waited since the start: means are made of several answers (<see cref="ExporterHistory"/>).</summary>
    private void Wait(ReadOnlySpan<char> name, double seconds)
    {
        PressureLine? line = NodeExporterReader.Whole(seconds, 1e6) is { } total ? new PressureLine(null, null, null, total) : null;
        Pressure = name switch
        {
            "pressure_cpu_waiting_seconds_total" => Pressure with { CpuSome = line },
            "pressure_memory_waiting_seconds_total" => Pressure with { MemorySome = line },
            "pressure_memory_stalled_seconds_total" => Pressure with { MemoryFull = line },
            "pressure_io_waiting_seconds_total" => Pressure with { IoSome = line },
            "pressure_io_stalled_seconds_total" => Pressure with { IoFull = line },
            _ => Pressure,
        };
    }
}

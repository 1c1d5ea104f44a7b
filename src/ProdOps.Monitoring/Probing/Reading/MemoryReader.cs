using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing.Reading;

/// <summary>Lines of /proc/meminfo and /proc/vmstat.</summary>
internal sealed class MemoryReader
{
    public MemoryReport Report { get; private set; } = new();

    /// <summary><c>MemTotal:  24684092 kB</c>.</summary>
    public void Information(Fields fields)
    {
        var name = fields.Next();
        ulong? number = fields.NextNumber();
        ulong? bytes = fields.Next() is "kB" ? Fields.Scaled(number, 1024) : null;
        Report = name switch
        {
            "MemTotal:" => Report with { Total = bytes },
            "MemFree:" => Report with { Free = bytes },
            "MemAvailable:" => Report with { Available = bytes },
            "Buffers:" => Report with { Buffers = bytes },
            "Cached:" => Report with { Cached = bytes },
            "Shmem:" => Report with { Shared = bytes },
            "Dirty:" => Report with { Dirty = bytes },
            "SwapTotal:" => Report with { SwapTotal = bytes },
            "SwapFree:" => Report with { SwapFree = bytes },
            "HardwareCorrupted:" => Report with { Corrupted = bytes },
            _ => Report,
        };
    }

    public void Event(Fields fields)
    {
        var name = fields.Next();
        Report = name switch
        {
            "oom_kill" => Report with { OomKills = fields.NextNumber() },
            "pgmajfault" => Report with { MajorFaults = fields.NextNumber() },
            "pswpin" => Report with { SwappedIn = fields.NextNumber() },
            "pswpout" => Report with { SwappedOut = fields.NextNumber() },
            _ => Report,
        };
    }
}

using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing.Reading;

/// <summary>Lines of /proc/meminfo, /proc/vmstat, and of the control group that a container is.</summary>
internal sealed class MemoryReader
{
    private readonly GroupMemory _group = new();

    public MemoryReport Report { get; private set; } = new();

    /// <summary>What there is for whoever was asked: of a container, what it may have.</summary>
    public MemoryReport Result => _group.Limit(Report);

    /// <summary>A line of a file of the control group.</summary>
    public void Group(ReadOnlySpan<char> file, Fields fields) => _group.Line(file, fields);

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

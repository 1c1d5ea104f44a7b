namespace ProdOps.Monitoring.Probing.Report;

/// <summary>Time since the start by what a CPU did, in jiffies of 1/100 s (proc_stat(5)). Guests' time is part of <see cref="User"/> and <see cref="Nice"/>.</summary>
internal readonly record struct CpuTimes(ulong User, ulong Nice, ulong System, ulong Idle, ulong IoWait, ulong Irq, ulong SoftIrq, ulong Steal);

/// <summary>One CPU by its number; those that are off are left out.</summary>
internal readonly record struct CoreTimes(int Number, CpuTimes Times);

/// <summary>What the CPUs did.</summary>
internal sealed record CpuReport
{
    /// <summary>All CPUs together; <see langword="null"/> also where they are told one by one alone.</summary>
    public CpuTimes? Total { get; init; }

    public IReadOnlyList<CoreTimes> Cores { get; init; } = [];

    public ulong? ContextSwitches { get; init; }

    /// <summary>Processes and threads begun since the start.</summary>
    public ulong? Forks { get; init; }

    public ulong? RunningTasks { get; init; }

    /// <summary>Tasks that wait for a disk and cannot be interrupted.</summary>
    public ulong? BlockedTasks { get; init; }
}

/// <summary>How long tasks waited (Documentation/accounting/psi.rst): percent of the last 10, 60 and 300 s, and microseconds since the start.</summary>
internal readonly record struct PressureLine(double? Average10, double? Average60, double? Average300, ulong? Total);

/// <summary>Pressure; all <see langword="null"/> on kernels before 4.20 and where it is off.</summary>
internal sealed record PressureReport
{
    public PressureLine? CpuSome { get; init; }

    public PressureLine? MemorySome { get; init; }

    public PressureLine? MemoryFull { get; init; }

    public PressureLine? IoSome { get; init; }

    public PressureLine? IoFull { get; init; }
}

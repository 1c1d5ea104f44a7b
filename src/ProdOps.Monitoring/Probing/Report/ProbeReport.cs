using ProdOps.Servers.Clocks;

namespace ProdOps.Monitoring.Probing.Report;

/// <summary>
/// What a server answered, as it counts itself: bytes, milliseconds, events since it started. <see langword="null"/> is what it did not
/// say, or not so that it was understood; that is never 0, and an empty list is not <see langword="null"/>.
/// </summary>
internal sealed record ProbeReport
{
    /// <summary>Seconds since the start, to the hundredth.</summary>
    public double? Uptime { get; init; }

    /// <summary>Changes with every start.</summary>
    public string? BootId { get; init; }

    /// <summary>What the server's clock showed.</summary>
    public HostTime? Time { get; init; }

    public LoadAverage? Load { get; init; }

    public CpuReport Cpu { get; init; } = new();

    public MemoryReport Memory { get; init; } = new();

    public PressureReport Pressure { get; init; } = new();

    /// <summary>Everything mounted that df tells of, in its order; <see cref="MountChoice"/> says which of it counts.</summary>
    public IReadOnlyList<MountReport>? Mounts { get; init; }

    /// <summary>Block devices with their partitions, without loop and ram; <see cref="DeviceChoice"/> says which of it counts.</summary>
    public IReadOnlyList<DiskReport>? Disks { get; init; }

    public IReadOnlyList<InterfaceReport>? Interfaces { get; init; }

    public SocketReport Sockets { get; init; } = new();

    public TableReport Tables { get; init; } = new();

    public ProcessReport Processes { get; init; } = new();

    /// <summary>The units that were asked for and are known by any name.</summary>
    public IReadOnlyList<UnitReport>? Units { get; init; }

    /// <summary>Names of units in the failed state.</summary>
    public IReadOnlyList<string>? FailedUnits { get; init; }

    public IReadOnlyList<ListeningPort>? Ports { get; init; }

    public IReadOnlyList<SensorReading>? Sensors { get; init; }

    /// <summary>Disks that say something of themselves (SMART); only root is told, by smartctl.</summary>
    public IReadOnlyList<DiskHealthReport>? DiskHealth { get; init; }

    /// <summary>The time zone and the time service.</summary>
    public ClockFacts? Clock { get; init; }

    public SystemReport System { get; init; } = new();

    public UpdateReport? Updates { get; init; }

    /// <summary>What rates are made from, and nothing else: it is kept of each server until its next answer.</summary>
    public ProbeReport Counters => new() { Uptime = Uptime, BootId = BootId, Cpu = Cpu, Memory = Memory, Disks = Disks, Interfaces = Interfaces, Sockets = Sockets, Units = Units };
}

/// <summary>The server's clock.</summary>
/// <param name="Moment">What it showed.</param>
/// <param name="Resolution">How finely it was read.</param>
internal readonly record struct HostTime(DateTimeOffset Moment, TimeSpan Resolution);

/// <summary>Tasks that ran, waited to run or for a disk: means of 1, 5 and 15 minutes.</summary>
internal readonly record struct LoadAverage(double One, double Five, double Fifteen);

/// <summary>A reading of a temperature sensor.</summary>
internal readonly record struct SensorReading(string Name, double Celsius);

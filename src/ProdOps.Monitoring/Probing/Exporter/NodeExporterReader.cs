using ProdOps.Monitoring.Probing.Report;
using ProdOps.Servers.Clocks;

namespace ProdOps.Monitoring.Probing.Exporter;

/// <summary>
/// Makes of what node_exporter tells (github.com/prometheus/node_exporter, 0.16 and later, of Linux) the report that the probe makes, in the same units, so that all that is made of it is the same.
/// What a collector does not tell, since it is off or the system is another, is not known: never 0.
/// </summary>
internal sealed class NodeExporterReader
{
    private const string Prefix = "node_";

    private readonly ExporterCpus _cpus = new();
    private readonly ExporterMemory _memory = new();
    private readonly ExporterDisks _disks = new();
    private readonly ExporterMounts _mounts = new();
    private readonly ExporterNetwork _network = new();
    private readonly ExporterSystem _system = new();
    private readonly ExporterSensors _sensors = new();
    private readonly ExporterUnits _units = new();
    private double? _load1, _load5, _load15, _time, _boot;
    private TableReport _tables = new();

    /// <summary>Whether anything of it was node_exporter's.</summary>
    public bool IsNodeExporter { get; private set; }

    public void Take(TextSample sample)
    {
        if (!sample.Name.StartsWith(Prefix, StringComparison.Ordinal)) return;
        IsNodeExporter = true;
        var name = sample.Name[Prefix.Length..];
        int end = name.IndexOf('_');
        // By the collector first.
        switch (end < 0 ? name : name[..end])
        {
            case "cpu" or "context" or "forks" or "procs": _cpus.Take(name, sample); break;
            case "memory" or "vmstat" or "pressure": _memory.Take(name, sample.Value); break;
            case "disk": _disks.Take(name, sample); break;
            case "filesystem": _mounts.Take(name, sample); break;
            case "network" or "netstat" or "sockstat": _network.Take(name, sample); break;
            case "systemd": _units.Take(name, sample); break;
            case "hwmon" or "thermal": _sensors.Take(name, sample); break;
            case "uname" or "os" or "processes" or "timex": _system.Take(name, sample); break;
            default: Other(name, sample.Value); break;
        }
    }

    /// <summary>What was told.</summary>
    /// <param name="units">The units that were asked for.</param>
    public ProbeReport Read(IReadOnlyList<string> units) => new()
    {
        // The moment of the start is counted in whole seconds, and moves when the clock is set: then, too, nothing is to be made of two answers together.
        Uptime = _time - _boot is > 0 and var uptime ? uptime : null,
        BootId = _boot?.ToString("F0", System.Globalization.CultureInfo.InvariantCulture),
        Time = _time is { } now ? new HostTime(DateTimeOffset.UnixEpoch.AddTicks((long)(now * TimeSpan.TicksPerSecond)), TimeSpan.FromMicroseconds(1)) : null,
        Load = _load1 is { } one && _load5 is { } five && _load15 is { } fifteen ? new LoadAverage(one, five, fifteen) : null,
        Cpu = _cpus.Report,
        Memory = _memory.Report,
        Pressure = _memory.Pressure,
        Mounts = _mounts.Report,
        Disks = _disks.Report,
        Interfaces = _network.Interfaces,
        Sockets = _network.Sockets,
        Tables = _tables,
        Processes = _system.Processes,
        Units = _units.Of(units),
        FailedUnits = _units.Failed,
        Sensors = _sensors.Report,
        Clock = _system.IsSynchronized is { } synchronized ? new ClockFacts { IsSynchronized = synchronized } : null,
        System = _system.Report,
    };

    /// <summary>A counter or a size, which all are floating-point numbers there; <see langword="null"/> for what cannot be one.</summary>
    /// <param name="value">What was told.</param>
    /// <param name="scale">How many of ours are one of theirs.</param>
    public static ulong? Whole(double value, double scale = 1) => value * scale is >= 0 and < 9.2e18 and var whole ? (ulong)Math.Round(whole) : null;

    private void Other(ReadOnlySpan<char> name, double value)
    {
        switch (name)
        {
            case "load1": _load1 ??= Known(value); break;
            case "load5": _load5 ??= Known(value); break;
            case "load15": _load15 ??= Known(value); break;
            case "time_seconds": _time ??= Moment(value); break;
            case "boot_time_seconds": _boot ??= Moment(value); break;
            case "filefd_allocated": _tables = _tables with { OpenFiles = Whole(value) }; break;
            case "filefd_maximum": _tables = _tables with { MaximumFiles = Whole(value) }; break;
            case "nf_conntrack_entries": _tables = _tables with { Connections = Whole(value) }; break;
            case "nf_conntrack_entries_limit": _tables = _tables with { MaximumConnections = Whole(value) }; break;
        }
    }

    private static double? Known(double value) => value is >= 0 and < 1e9 ? value : null;

    /// <summary>Seconds since 1970, up to the year 8300.</summary>
    private static double? Moment(double seconds) => seconds is > 0 and < 2e11 ? seconds : null;
}

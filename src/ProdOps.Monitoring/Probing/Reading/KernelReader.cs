using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing.Reading;

/// <summary>Reads what grep printed of /proc: the file's name, a colon, the line.</summary>
internal sealed class KernelReader
{
    /// <summary>Three hundred years, in seconds: what is more than a duration can hold is none.</summary>
    private const double LongestUptime = 1e10;

    private readonly CpuReader _cpu = new();
    private readonly MemoryReader _memory = new();
    private readonly NetworkReader _network = new();
    private readonly Dictionary<string, DiskReport> _disks = new(StringComparer.Ordinal);
    private readonly List<string> _diskNames = [];
    private readonly Dictionary<string, MountEntry> _mounts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _writable = new(StringComparer.Ordinal);
    private PressureReport _pressure = new();
    private TableReport _tables = new();
    private LoadAverage? _load;
    private double? _uptime;
    private string? _boot;
    private bool _hasDisks;

    /// <summary>What is mounted where, by target; the last one on a target is the one to be seen.</summary>
    public IReadOnlyDictionary<string, MountEntry> Mounts => _mounts;

    /// <summary>Targets that fstab(5) does not want to be read-only.</summary>
    public IReadOnlySet<string> Writable => _writable;

    public ProbeReport Read(Sections sections)
    {
        foreach (var line in sections.LinesOf("kernel"))
        {
            int colon = line.IndexOf(':');
            if (colon > 0) Line(line[..colon], line[(colon + 1)..]);
        }

        return new ProbeReport
        {
            Uptime = _uptime,
            BootId = _boot,
            Load = _load,
            Cpu = _cpu.Report,
            Memory = _memory.Result,
            Pressure = _pressure,
            Disks = _hasDisks ? [.. _diskNames.Select(name => _disks[name])] : null,
            Interfaces = _network.Interfaces,
            Sockets = _network.Sockets,
            Tables = _tables,
        };
    }

    private void Line(ReadOnlySpan<char> file, ReadOnlySpan<char> line)
    {
        var fields = new Fields(line);
        switch (file)
        {
            case "stat": _cpu.Line(fields); break;
            case "meminfo": _memory.Information(fields); break;
            case "vmstat": _memory.Event(fields); break;
            case "diskstats": Disk(fields); break;
            case "mounts": Mount(fields); break;
            case "/etc/fstab": Wanted(line); break;
            case "net/dev": _network.Device(line); break;
            case "net/snmp" or "net/netstat": _network.Table(line); break;
            case "net/sockstat": _network.SocketLine(fields); break;
            case "pressure/cpu": Pressure(fields, cpu: true, memory: false); break;
            case "pressure/memory": Pressure(fields, cpu: false, memory: true); break;
            case "pressure/io": Pressure(fields, cpu: false, memory: false); break;
            case "uptime": _uptime = fields.NextDecimal() is < LongestUptime and var uptime ? uptime : null; break;
            case "loadavg": _load = fields.NextDecimal() is { } one && fields.NextDecimal() is { } five && fields.NextDecimal() is { } fifteen ? new LoadAverage(one, five, fifteen) : null; break;
            case ['/', 's', 'y', 's', '/', 'f', 's', '/', 'c', 'g', 'r', 'o', 'u', 'p', '/', ..]: _memory.Group(file["/sys/fs/cgroup/".Length..], fields); break;
            case "sys/fs/file-nr": Files(fields); break;
            case "sys/kernel/random/boot_id": _boot = line.Length <= 64 ? Sections.Name(fields.Next()) : null; break;
            case "sys/net/netfilter/nf_conntrack_count": _tables = _tables with { Connections = fields.NextNumber() }; break;
            case "sys/net/netfilter/nf_conntrack_max": _tables = _tables with { MaximumConnections = fields.NextNumber() }; break;
        }
    }

    /// <summary>Allocated, free (0 since Linux 2.6), maximum.</summary>
    private void Files(Fields fields)
    {
        ulong? open = fields.NextNumber();
        fields.Next();
        _tables = _tables with { OpenFiles = open, MaximumFiles = fields.NextNumber() };
    }

    private void Pressure(Fields fields, bool cpu, bool memory)
    {
        bool full = fields.Next() is "full";
        if (Value(fields.Next(), "avg10=") is not { } ten || Value(fields.Next(), "avg60=") is not { } sixty || Value(fields.Next(), "avg300=") is not { } last) return;
        var total = fields.Next();
        var line = new PressureLine(ten, sixty, last, total.StartsWith("total=", StringComparison.Ordinal) ? Fields.Number(total[6..]) : null);
        // Of a whole system 'full' means nothing for CPUs: one that waits for a CPU waits for another task.
        if (cpu) _pressure = full ? _pressure : _pressure with { CpuSome = line };
        else if (memory) _pressure = full ? _pressure with { MemoryFull = line } : _pressure with { MemorySome = line };
        else _pressure = full ? _pressure with { IoFull = line } : _pressure with { IoSome = line };
    }

    private static double? Value(ReadOnlySpan<char> word, string name) =>
        word.StartsWith(name, StringComparison.Ordinal) && Fields.Decimal(word[name.Length..]) is { } value and <= 100 ? value : null;

    /// <summary>Sectors are 512 bytes, whatever the disk's own are.</summary>
    private void Disk(Fields fields)
    {
        _hasDisks = true;
        fields.Skip(2);
        string? name = Sections.Name(fields.Next());
        Span<ulong> n = stackalloc ulong[10];
        if (name is null || name.StartsWith("loop", StringComparison.Ordinal) || name.StartsWith("ram", StringComparison.Ordinal) || !fields.TryNumbers(n)) return;
        if (Fields.Scaled(n[2], 512) is not { } read || Fields.Scaled(n[6], 512) is not { } written) return;
        if (!_disks.ContainsKey(name))
        {
            if (_diskNames.Count == Sections.MaximumCount) return;
            _diskNames.Add(name);
        }

        _disks[name] = new DiskReport { Name = name, Reads = n[0], ReadBytes = read, ReadTime = n[3], Writes = n[4], WrittenBytes = written, WriteTime = n[7], InFlight = n[8], BusyTime = n[9] };
    }

    private void Mount(Fields fields)
    {
        string? source = MountEntry.Decode(fields.Next()), target = MountEntry.Decode(fields.Next()), type = Sections.Name(fields.Next());
        if (source is null || target is null || type is null || (_mounts.Count == Sections.MaximumCount && !_mounts.ContainsKey(target))) return;
        _mounts[target] = MountEntry.Of(source, type, fields.Next());
    }

    /// <summary>A line of fstab(5); the last one of a target counts.</summary>
    private void Wanted(ReadOnlySpan<char> line)
    {
        if (line.TrimStart().StartsWith("#", StringComparison.Ordinal)) return;
        var fields = new Fields(line);
        fields.Next();
        if (MountEntry.Decode(fields.Next()) is not ['/', ..] target) return;
        fields.Next();
        if (fields.Next() is not [_, ..] options || MountEntry.Has(options, "ro")) _writable.Remove(target);
        else if (_writable.Count < Sections.MaximumCount) _writable.Add(target);
    }
}

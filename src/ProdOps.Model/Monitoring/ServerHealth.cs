namespace ProdOps;

/// <summary>How a server is, or what was checked in its place.</summary>
public sealed record ServerHealth
{
    /// <summary>The server; of a URL the host.</summary>
    public string Server { get; init; } = "";

    /// <summary>The worst of its checks.</summary>
    public HealthState State { get; init; }

    /// <summary>What the server is for.</summary>
    public IReadOnlyList<string> Roles { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Checks that are not OK, the worst first.</summary>
    public IReadOnlyList<HealthCheckResult> Problems { get; init => field = Indexable.Of(value); } = [];

    /// <summary>All checks, the worst first.</summary>
    public IReadOnlyList<HealthCheckResult> Checks { get; init => field = Indexable.Of(value); } = [];

    /// <summary>All that was measured, whether or not a check looks at it.</summary>
    public IReadOnlyList<MetricSample> Metrics { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How busy its processors are, in per cent; <see langword="null"/> if that is not known.</summary>
    public double? CpuBusy => ValueOf("cpu.busy");

    /// <summary>How much of its memory is in use and cannot be given to others, in per cent.</summary>
    public double? MemoryUsed => ValueOf("memory.available") is { } available ? 100 - available : null;

    /// <summary>How full its fullest file system is, in per cent.</summary>
    public double? DiskUsed => Metrics.Where(sample => sample.Name == "disk.used").Select(sample => (double?)sample.Value).Max();

    /// <summary>The system it runs, e.g. <c>Debian GNU/Linux 12 (bookworm)</c>; <see langword="null"/> if that was not asked for.</summary>
    public string? System { get; init; }

    /// <summary>How long it has been running.</summary>
    public TimeSpan? Uptime { get; init; }

    /// <summary>When it was looked at, by this machine's clock.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>How long that took, connecting included.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Server and state.</summary>
    /// <returns>E.g. <c>web1: Warning</c>.</returns>
    public override string ToString() => $"{Server}: {State}";

    private double? ValueOf(string metric) => Metrics.FirstOrDefault(sample => sample.Name == metric)?.Value;
}

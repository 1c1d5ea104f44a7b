namespace ProdOps.Monitoring.Probing.Report;

/// <summary>A unit as systemd shows it, or a service of <c>/etc/init.d</c>, of which only <see cref="ActiveState"/> is known.</summary>
internal sealed record UnitReport
{
    /// <summary>E.g. <c>ssh.service</c>.</summary>
    public required string Name { get; init; }

    /// <summary>All its names: <c>sshd.service</c> is one of ssh.service's.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary><c>loaded</c>, <c>not-found</c>, <c>masked</c> …</summary>
    public string? LoadState { get; init; }

    /// <summary><c>active</c>, <c>inactive</c>, <c>failed</c>, <c>activating</c> …; <see langword="null"/> if it cannot be told.</summary>
    public string? ActiveState { get; init; }

    /// <summary><c>running</c>, <c>exited</c>, <c>dead</c>, <c>auto-restart</c> …</summary>
    public string? SubState { get; init; }

    /// <summary>How it ended last: <c>success</c>, <c>exit-code</c>, <c>oom-kill</c> …</summary>
    public string? Result { get; init; }

    /// <summary>How often systemd has started it again by itself.</summary>
    public ulong? Restarts { get; init; }

    /// <summary>Bytes.</summary>
    public ulong? Memory { get; init; }

    /// <summary>Nanoseconds since it was started.</summary>
    public ulong? CpuTime { get; init; }

    /// <summary>Seconds of uptime at which it became active last.</summary>
    public double? ActiveSince { get; init; }
}

/// <summary>A process.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">The first 15 bytes of its program's name.</param>
/// <param name="State">R, S, D, Z, T, I …</param>
/// <param name="Memory">Resident bytes; <see langword="null"/> where the size of a page is not known.</param>
internal readonly record struct ProcessEntry(int Id, string Name, char State, ulong? Memory);

/// <summary>Processes.</summary>
internal sealed record ProcessReport
{
    /// <summary>How many there are; <see langword="null"/> where the login user may not see them all.</summary>
    public ulong? Count { get; init; }

    /// <summary>How many there are in each state, by its letter.</summary>
    public IReadOnlyDictionary<char, int>? ByState { get; init; }

    /// <summary>Those that hold the most memory, the largest first.</summary>
    public IReadOnlyList<ProcessEntry>? Largest { get; init; }

    /// <summary>Processes that wait to be collected by their parent, at most as many as <see cref="Largest"/> has room for.</summary>
    public IReadOnlyList<ProcessEntry>? Zombies { get; init; }

    /// <summary>Processes that still run libraries which have been replaced on disk; only root is told.</summary>
    public IReadOnlyList<ProcessEntry>? Outdated { get; init; }
}

/// <summary>What runs there.</summary>
internal sealed record SystemReport
{
    /// <summary>E.g. <c>debian</c>.</summary>
    public string? Id { get; init; }

    public string? Version { get; init; }

    /// <summary>E.g. <c>Debian GNU/Linux 12 (bookworm)</c>.</summary>
    public string? Name { get; init; }

    /// <summary>The last day of its maker's support, where os-release says so.</summary>
    public DateOnly? SupportEnd { get; init; }

    /// <summary>The kernel that runs, e.g. <c>6.1.0-18-amd64</c>.</summary>
    public string? Kernel { get; init; }

    /// <summary>The newest one installed; <see langword="null"/> where the running one did not come from <c>/boot</c>.</summary>
    public string? NewestKernel { get; init; }

    /// <summary>Whether the system asks for a restart or a newer kernel waits for one.</summary>
    public bool? RebootRequired { get; init; }

    /// <summary>The packages that ask for it.</summary>
    public IReadOnlyList<string> RebootPackages { get; init; } = [];

    /// <summary>E.g. <c>kvm</c>, <c>systemd-nspawn</c>, <c>none</c>.</summary>
    public string? Virtualization { get; init; }

    /// <summary>E.g. <c>docker</c>; <see langword="null"/> where nothing says that it is one.</summary>
    public string? Container { get; init; }
}

/// <summary>Updates that wait.</summary>
internal sealed record UpdateReport
{
    /// <summary>All packages; <see langword="null"/> where only those for security are told.</summary>
    public int? Pending { get; init; }

    public int? Security { get; init; }

    /// <summary>The packages with security updates.</summary>
    public IReadOnlyList<string> SecurityPackages { get; init; } = [];

    /// <summary>When the lists of packages were fetched, by the server's clock.</summary>
    public DateTimeOffset? Fetched { get; init; }
}

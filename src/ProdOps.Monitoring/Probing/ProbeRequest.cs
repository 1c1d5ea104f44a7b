namespace ProdOps.Monitoring.Probing;

/// <summary>What a round asks of a server besides the kernel's counters and file systems, which it always reads.</summary>
[Flags]
internal enum ProbeParts
{
    /// <summary>Counters and file systems alone: two processes on the server.</summary>
    Fast = 0,

    /// <summary>Units, failed units, listening ports, links, the number of processes, the clock: every 30..60 s.</summary>
    Services = 1,

    /// <summary>Processes, temperatures, time service, whether a restart is due: every 5..15 minutes.</summary>
    Slow = 2,

    /// <summary>The system, what it runs in, pending updates (seconds of CPU), what disks say of themselves: once a day.</summary>
    Daily = 4,

    All = Services | Slow | Daily,
}

/// <summary>One round's question.</summary>
internal sealed record ProbeRequest
{
    /// <summary>Stands in the marks around the answer, so that nothing else is taken for it. Letters and digits.</summary>
    public string Nonce { get; init; } = NewNonce();

    public ProbeParts Parts { get; init; }

    /// <summary>Units to ask for with <see cref="ProbeParts.Services"/>; as systemctl takes them, patterns too.</summary>
    public IReadOnlyList<string> Units { get; init; } = [];

    // As random as RandomNumberGenerator on every system, but OpenSSL need not be loaded for it, which takes a look at this machine 15 ms.
    public static string NewNonce() => Guid.NewGuid().ToString("N");
}

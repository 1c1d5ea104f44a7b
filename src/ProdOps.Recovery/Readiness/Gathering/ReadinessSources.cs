using ProdOps.Logging.Store;
using ProdOps.Monitoring.Running;
using ProdOps.Servers.Evidence;

namespace ProdOps.Recovery.Readiness.Gathering;

/// <summary>Where facts are: all of it on this machine. What is <see langword="null"/> is not there, and <see cref="Missing"/> says why.</summary>
internal sealed record ReadinessSources
{
    public required ProdOpsEnvironment Environment { get; init; }

    public EvidenceFolder? Evidence { get; init; }

    public string? RollingUpdates { get; init; }

    /// <summary>The folder of the journals of recovery plans that were carried out.</summary>
    public string? RecoveryRuns { get; init; }

    public MonitoringFolder? Monitoring { get; init; }

    /// <summary>Opens the log store.</summary>
    public Func<IActivity, LogStore>? Logs { get; init; }

    public string Missing { get; init; } = "the user has no home folder";

    public required TimeProvider Time { get; init; }

    /// <summary>Asks the repositories; <see langword="null"/> if they are not to be asked.</summary>
    public Func<CancellationToken, Task<IReadOnlyList<BackupState>>>? Backups { get; init; }

    /// <summary>Measures the servers' clocks; <see langword="null"/> if they are not to be asked.</summary>
    public Func<CancellationToken, Task<IReadOnlyList<ServerClock>>>? Clocks { get; init; }

    /// <summary>Whether anchors are asked.</summary>
    public bool AskAnchors { get; init; }
}

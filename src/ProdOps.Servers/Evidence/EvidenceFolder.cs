using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Evidence;

/// <summary>What commands have proved, a log for each kind: what is ready for production is told by it.</summary>
/// <param name="path">The folder.</param>
/// <param name="time">The clock.</param>
internal sealed class EvidenceFolder(string path, TimeProvider time)
{
    /// <summary>Names another folder, for several users of one machine or several machines.</summary>
    public const string Variable = "PRODOPS_EVIDENCE_STORE";

    /// <summary>That of the variable, else the user's; <see langword="null"/> for one without a home.</summary>
    public static EvidenceFolder? OfUser(TimeProvider time) =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? new EvidenceFolder(System.IO.Path.GetFullPath(named), time)
        : UserFolders.Data is { } data ? new EvidenceFolder(System.IO.Path.Combine(data, "evidence"), time) : null;

    public string Path => path;

    public EvidenceLog<BackupRunEvidence> BackupRuns => new(path, "backup-runs", time);

    public EvidenceLog<BackupTestEvidence> BackupTests => new(path, "backup-tests", time);

    public EvidenceLog<RestoreEvidence> Restores => new(path, "restores", time);

    public EvidenceLog<LoadTestResult> LoadTests => new(path, "load-tests", time);

    public EvidenceLog<LoadBalancerReadiness> LoadBalancers => new(path, "load-balancer-readiness", time);

    public EvidenceLog<FailoverTestResult> Failovers => new(path, "failover-tests", time);

    public EvidenceLog<LoadBalancerPublication> Publications => new(path, "publications", time);

    public EvidenceLog<LoadBalancerSwitch> Switches => new(path, "switches", time);

    public EvidenceLog<NotificationEvidence> Notifications => new(path, "notification-tests", time);

    public EvidenceLog<RecoveryPlanEvidence> RecoveryPlans => new(path, "recovery-plan-tests", time);
}

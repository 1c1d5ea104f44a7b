namespace ProdOps.Recovery.Readiness;

/// <summary>What makes an environment ready for production: the considerations of its five systems, each with a name that stays.</summary>
internal static class ReadinessCatalogue
{
    public static IReadOnlyList<ReadinessKind> All { get; } =
    [
        new(ReadinessArea.Backups, "backup-coverage", "Every server has a backup", 3),
        new(ReadinessArea.Backups, "backup-schedule", "A schedule runs the backup sets", 2),
        new(ReadinessArea.Backups, "backup-recent", "The newest backup of each set came when it was due", 3),
        new(ReadinessArea.Backups, "backup-recovery-point", "No more work can be lost than was promised", 3),
        new(ReadinessArea.Backups, "backup-databases", "Databases are backed up by dumps", 3),
        new(ReadinessArea.Backups, "backup-structure-test", "Repositories passed a test of their structure", 2),
        new(ReadinessArea.Backups, "backup-restore-test", "Each set was restored in a test", 4),
        new(ReadinessArea.Backups, "backup-offsite", "Backups are copied to another place", 3),
        new(ReadinessArea.Backups, "backup-two-repositories", "Backups are in two repositories", 2),
        new(ReadinessArea.Backups, "backup-retention", "Rules say what is kept, and are carried out", 1),
        new(ReadinessArea.Backups, "backup-usual", "The newest backups are like those before them", 2),

        new(ReadinessArea.Recovery, "recovery-plans", "There is a plan for every server", 3),
        new(ReadinessArea.Recovery, "recovery-scenarios", "There are plans for what else can be lost", 1),
        new(ReadinessArea.Recovery, "recovery-drill", "Plans were drilled", 4),
        new(ReadinessArea.Recovery, "recovery-time", "Recovery takes no longer than was promised", 4),
        new(ReadinessArea.Recovery, "recovery-unchanged", "Plans are as they were drilled", 2),
        new(ReadinessArea.Recovery, "recovery-true", "Plans are still true", 2),
        new(ReadinessArea.Recovery, "recovery-single-points", "Nothing takes the application down alone", 3),
        new(ReadinessArea.Recovery, "recovery-secrets", "Secrets are known in more than one place", 2),
        new(ReadinessArea.Recovery, "recovery-environment-file", "The environment's file is kept elsewhere", 1),

        new(ReadinessArea.LoadBalancing, "balancer-redundant", "A second balancer takes the address over", 3),
        new(ReadinessArea.LoadBalancing, "balancer-pool", "Pools are larger than they need to be", 3),
        new(ReadinessArea.LoadBalancing, "balancer-health-check", "The application is checked, and not a port", 2),
        new(ReadinessArea.LoadBalancing, "balancer-failover", "The failover of a balancer was tested", 3),
        new(ReadinessArea.LoadBalancing, "balancer-server-failover", "The loss of a server was tested", 3),
        new(ReadinessArea.LoadBalancing, "balancer-load", "Under load all answers are good, and in time", 2),
        new(ReadinessArea.LoadBalancing, "balancer-interchangeable", "Servers can take each other's place", 2),
        new(ReadinessArea.LoadBalancing, "balancer-certificates", "Certificates are valid for a while", 2),
        new(ReadinessArea.LoadBalancing, "balancer-revisions", "Configurations are published from revisions", 1),
        new(ReadinessArea.LoadBalancing, "balancer-rolling-update", "The last rolling update lost nothing", 1),

        new(ReadinessArea.Monitoring, "monitor-runs", "The monitor runs", 4),
        new(ReadinessArea.Monitoring, "monitor-servers", "Every server is watched", 3),
        new(ReadinessArea.Monitoring, "monitor-front-door", "The front door is checked as its clients see it", 3),
        new(ReadinessArea.Monitoring, "monitor-two-ways", "Each route has two ways to tell somebody", 2),
        new(ReadinessArea.Monitoring, "monitor-channels", "Each channel has delivered a message", 3),
        new(ReadinessArea.Monitoring, "monitor-told-in-time", "The last incident was told in time", 2),
        new(ReadinessArea.Monitoring, "monitor-availability", "The application was available as promised", 3),
        new(ReadinessArea.Monitoring, "monitor-response-time", "Answers came in the promised time", 2),
        new(ReadinessArea.Monitoring, "monitor-nothing-critical", "Nothing critical is open", 3),
        new(ReadinessArea.Monitoring, "monitor-anchors", "The monitor can tell when it is cut off itself", 1),
        new(ReadinessArea.Monitoring, "monitor-disks", "No disk is full within two weeks", 2),

        new(ReadinessArea.Logging, "log-servers", "The logs of every server are collected", 3),
        new(ReadinessArea.Logging, "log-recent", "The newest lines are recent", 3),
        new(ReadinessArea.Logging, "log-retention", "Retention is set, and kept", 2),
        new(ReadinessArea.Logging, "log-clocks", "Clocks are synchronised", 2),
        new(ReadinessArea.Logging, "log-alert", "Somebody is alerted by logs", 2),
        new(ReadinessArea.Logging, "log-readable", "The store can be read", 3),
    ];

    private static readonly Dictionary<string, ReadinessKind> ByName = All.ToDictionary(static kind => kind.Item, StringComparer.Ordinal);

    public static ReadinessKind Find(string item) => ByName[item];
}

/// <summary>One consideration.</summary>
/// <param name="Area">Which system it belongs to.</param>
/// <param name="Item">Its name.</param>
/// <param name="Title">What should be so.</param>
/// <param name="Weight">How much it counts within its area.</param>
internal sealed record ReadinessKind(ReadinessArea Area, string Item, string Title, int Weight);

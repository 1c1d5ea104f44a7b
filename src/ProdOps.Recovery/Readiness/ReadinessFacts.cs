using ProdOps.Servers.Schedules;

namespace ProdOps.Recovery.Readiness;

/// <summary>All that readiness is judged by. Each part was gathered by itself: what could not be makes its items unknown, and no others.</summary>
internal sealed record ReadinessFacts
{
    public required ProdOpsEnvironment Environment { get; init; }

    /// <summary>The zone that schedules are in.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    public Fact<IReadOnlyList<BackupRunEvidence>> BackupRuns { get; init; } = Fact<IReadOnlyList<BackupRunEvidence>>.Of([]);

    public Fact<IReadOnlyList<BackupTestEvidence>> BackupTests { get; init; } = Fact<IReadOnlyList<BackupTestEvidence>>.Of([]);

    public Fact<IReadOnlyList<RestoreEvidence>> Restores { get; init; } = Fact<IReadOnlyList<RestoreEvidence>>.Of([]);

    public Fact<IReadOnlyList<LoadTestResult>> LoadTests { get; init; } = Fact<IReadOnlyList<LoadTestResult>>.Of([]);

    public Fact<IReadOnlyList<LoadBalancerReadiness>> LoadBalancers { get; init; } = Fact<IReadOnlyList<LoadBalancerReadiness>>.Of([]);

    public Fact<IReadOnlyList<FailoverTestResult>> Failovers { get; init; } = Fact<IReadOnlyList<FailoverTestResult>>.Of([]);

    public Fact<IReadOnlyList<LoadBalancerPublication>> Publications { get; init; } = Fact<IReadOnlyList<LoadBalancerPublication>>.Of([]);

    public Fact<IReadOnlyList<NotificationEvidence>> Notifications { get; init; } = Fact<IReadOnlyList<NotificationEvidence>>.Of([]);

    public Fact<IReadOnlyList<RollingUpdateFact>> RollingUpdates { get; init; } = Fact<IReadOnlyList<RollingUpdateFact>>.Of([]);

    /// <summary>What this machine has registered.</summary>
    public Fact<IReadOnlyList<ScheduleDefinition>> Schedules { get; init; } = Fact<IReadOnlyList<ScheduleDefinition>>.Of([]);

    /// <summary>What the repositories hold; <see langword="null"/> if they were not asked.</summary>
    public Fact<IReadOnlyList<BackupState>>? Backups { get; init; }

    /// <summary>The servers' clocks as they were measured just now; <see langword="null"/> if they were not asked.</summary>
    public Fact<IReadOnlyList<ServerClock>>? Clocks { get; init; }

    /// <summary>Which anchors answered just now; <see langword="null"/> if they were not asked.</summary>
    public Fact<IReadOnlyList<AnchorFact>>? Anchors { get; init; }

    public Fact<MonitorFacts> Monitor { get; init; } = Fact<MonitorFacts>.Unknown("monitoring was not looked at");

    public Fact<LogFacts> Logs { get; init; } = Fact<LogFacts>.Unknown("the log store was not looked at");

    /// <summary>Where the environment's file is kept besides.</summary>
    public Fact<FileKeepingFact> EnvironmentFile { get; init; } = Fact<FileKeepingFact>.Unknown("it was not looked at");

    public Fact<IReadOnlyList<RecoveryPlanFact>> Plans { get; init; } = Fact<IReadOnlyList<RecoveryPlanFact>>.Unknown("recovery plans were not looked at");

    public Fact<IReadOnlyList<SinglePointFact>> SinglePoints { get; init; } = Fact<IReadOnlyList<SinglePointFact>>.Unknown("single points of failure were not looked for");
}

/// <summary>A rolling update, by its journal.</summary>
/// <param name="Update">Its name.</param>
/// <param name="LoadBalancer">The environment's entry.</param>
/// <param name="Time">When it began.</param>
/// <param name="IsOver">Whether it came to its end.</param>
/// <param name="Members">The servers that it is about: entries of several environments may have one name.</param>
/// <param name="Servers">How many of them were updated and put back.</param>
/// <param name="Failure">What failed, in words; empty if nothing did.</param>
internal sealed record RollingUpdateFact(string Update, string LoadBalancer, DateTimeOffset Time, bool IsOver, IReadOnlyList<string> Members, int Servers, string Failure);

/// <summary>A place that has nothing to do with the servers.</summary>
internal sealed record AnchorFact(string Address, bool Answers);

/// <summary>Where a file is kept besides where it lies.</summary>
/// <param name="Revision">The newest revision that has it as it is: the beginning of its id; empty if none has.</param>
/// <param name="RevisionTime">When that was made.</param>
/// <param name="Problem">Why revision control does not have it as it is, in words; empty if it has.</param>
/// <param name="HasRemote">Whether there is another place that revisions are pushed to.</param>
internal sealed record FileKeepingFact(string Revision, DateTimeOffset? RevisionTime, string Problem, bool HasRemote);

/// <summary>A recovery plan, and what is known of its runs.</summary>
internal sealed record RecoveryPlanFact
{
    public required string Name { get; init; }

    public required string Server { get; init; }

    /// <summary>What it is for, in a word: <c>ServerLost</c>.</summary>
    public string Scenario { get; init; } = "";

    /// <summary>The hash of what it is now.</summary>
    public string Revision { get; init; } = "";

    /// <summary>The plan's own, else the environment's.</summary>
    public TimeSpan? RecoveryTime { get; init; }

    /// <summary>Drills and real runs.</summary>
    public IReadOnlyList<RecoveryRunFact> Runs { get; init; } = [];

    /// <summary>What was found when it was last checked; <see langword="null"/> if it never was.</summary>
    public RecoveryCheckFact? LastCheck { get; init; }

    /// <summary>The plan itself.</summary>
    public object? Evidence { get; init; }
}

/// <summary>A drill or a real run of a plan.</summary>
/// <param name="Time">When it began.</param>
/// <param name="Duration">How long it took: the measured recovery time.</param>
/// <param name="Revision">The hash of the plan as it was.</param>
/// <param name="Succeeded">Whether all of it was done and verified.</param>
/// <param name="IsDrill">Whether it was a drill.</param>
/// <param name="Evidence">The run itself.</param>
internal sealed record RecoveryRunFact(DateTimeOffset Time, TimeSpan Duration, string Revision, bool Succeeded, bool IsDrill, object? Evidence);

/// <summary>Whether a plan was still true.</summary>
/// <param name="Time">When it was looked at.</param>
/// <param name="Problems">What was not.</param>
/// <param name="Evidence">The result itself.</param>
internal sealed record RecoveryCheckFact(DateTimeOffset Time, IReadOnlyList<string> Problems, object? Evidence);

/// <summary>Something that takes the application or its data down alone.</summary>
/// <param name="Component">What fails.</param>
/// <param name="IsSecret">Whether it is a secret that one place alone knows.</param>
/// <param name="Severity">What it costs: 1 for a service or data, less for what only slows.</param>
/// <param name="Message">What happens.</param>
/// <param name="Advice">What would help.</param>
/// <param name="Evidence">The finding itself.</param>
internal sealed record SinglePointFact(string Component, bool IsSecret, double Severity, string Message, string Advice, object? Evidence);

using ProdOps.Backup.Sets;

namespace ProdOps.Recovery.Readiness.Items;

/// <summary>Whether data can be got back.</summary>
internal sealed partial class BackupItems
{
    /// <summary>A run may take its time, and a schedule be put off at random.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    private readonly ReadinessFacts _facts;
    private readonly DateTimeOffset _now;
    private readonly IReadOnlyList<SetOnServer> _sets;
    private readonly ILookup<string, SetOnServer> _setsOfServers;
    private readonly ILookup<string, BackupRunEvidence> _runs;
    private readonly ILookup<string, BackupState> _states;

    public BackupItems(ReadinessFacts facts, DateTimeOffset now)
    {
        (_facts, _now) = (facts, now);
        _sets = [.. facts.Environment.Backups.SelectMany(set => SetSelection.Servers(facts.Environment, set).Select(server => new SetOnServer(set, server.Name)))];
        _setsOfServers = _sets.ToLookup(static one => one.Server, StringComparer.OrdinalIgnoreCase);
        // There may be thousands, of hundreds of servers.
        _runs = (facts.BackupRuns.Value ?? []).Where(run => run.SnapshotId is not null && run.Status is BackupSetStatus.Complete or BackupSetStatus.Incomplete && !IsFromFuture(run.Time)).ToLookup(static run => KeyOf(run.Set, run.Server), StringComparer.OrdinalIgnoreCase);
        _states = (facts.Backups?.Value ?? []).Where(static state => !state.IsCopy).ToLookup(static state => KeyOf(state.Name, state.Server), StringComparer.OrdinalIgnoreCase);
    }

    private sealed record SetOnServer(BackupSet Set, string Server)
    {
        public override string ToString() => $"{Set.Name} of {Server}";
    }

    /// <summary>A snapshot that is known of.</summary>
    private sealed record Snapshot(DateTimeOffset Time, TimeSpan Duration, object Evidence);

    public IEnumerable<(string Item, Func<Verdict?> Judge)> All =>
    [
        ("backup-coverage", Coverage), ("backup-schedule", Schedule), ("backup-recent", Recent), ("backup-recovery-point", RecoveryPoint), ("backup-databases", Databases),
        ("backup-structure-test", StructureTest), ("backup-restore-test", RestoreTest), ("backup-offsite", Offsite), ("backup-two-repositories", TwoRepositories),
        ("backup-retention", Retention), ("backup-usual", Usual),
    ];

    private Verdict? Coverage() => Verdict.Of([.. _facts.Environment.Servers.Select(server => Of(server) with { Subject = server.Name })], "every server is in a backup set that has run");

    private Verdict Of(Server server)
    {
        var its = _setsOfServers[server.Name].ToList();
        if (its.Count == 0)
        {
            return Verdict.Missing("is in no backup set",
                $"In environment.psd1: Backups = @{{ {Words.Argument(server.Name)} = @{{ Server = {Quoted(server.Name)}; Path = '/etc', '/home', '/srv'; Repository = {Quoted(_facts.Environment.Repositories.FirstOrDefault()?.Name ?? "local")}; Schedule = '15 2 * * *' }} }}");
        }

        if (its.Select(Newest).Where(static found => found is not null).OrderByDescending(static found => found!.Time).FirstOrDefault() is { } newest)
            return Verdict.Proved(1, $"has a backup, made", newest.Evidence, newest.Time, _now, RunNow(its[0].Set));
        return RunsUnknown ?? new Verdict { Score = 0.5, Message = $"is in the set {its[0].Set.Name}, of which no backup is known here", Evidence = its[0].Set, Advice = RunNow(its[0].Set) };
    }

    private Verdict? Schedule() => EachSet(set =>
    {
        if (set.Schedule.Count == 0) return Verdict.Missing("has no Schedule: it runs only when somebody names it", $"In environment.psd1, in the set {Words.Argument(set.Name)}: Schedule = '15 2 * * *'");
        string advice = $"Register-ProdOpsSchedule -Backup {Words.Argument(set.Name)}";
        var its = _sets.Where(one => one.Set == set).ToList();
        bool isOnTime = its.Count > 0 && its.TrueForAll(one => Newest(one) is { } newest && !IsLate(set, newest.Time));
        bool isRepeated = its.Exists(IsRhythmic);
        var evidence = its.Select(Newest).Where(static found => found is not null).MinBy(static found => found!.Time);
        if (isOnTime && isRepeated) return Verdict.Seen(1, "runs when it is due", evidence!.Evidence, evidence.Time, advice);
        if (_facts.Schedules.Value is not { } schedules) return Verdict.Unknown($"the schedules of this machine could not be read: {_facts.Schedules.Problem}", "Get-ProdOpsSchedule");
        var registered = schedules.FirstOrDefault(schedule => schedule.Name == SetSchedules.NameOf(set.Name));
        if (registered is null) return Verdict.Missing("has no schedule on this machine, and did not run when it was due", advice) with { Evidence = evidence?.Evidence, Time = evidence?.Time };
        return isOnTime ? Verdict.Seen(1, "is registered on this machine, and ran when it was due", evidence!.Evidence, evidence.Time, advice)
            : new Verdict { Score = 0.5, Message = evidence is null ? "is registered on this machine, and has not run yet" : "is registered on this machine, and did not run when it was due", Evidence = registered, Time = evidence?.Time, Advice = $"Get-ProdOpsSchedule {Words.Argument(registered.Name)}" };
    }, "schedules run the sets");

    private Verdict? Recent() => Each(one =>
    {
        string advice = RunNow(one.Set);
        if (Newest(one) is not { } newest) return RunsUnknown ?? Verdict.Missing("has no backup that is known here", advice);
        if (one.Set.Schedule.Count == 0)
        {
            if (Promised(one.Set) is not { } promised) return Verdict.Missing("has neither a Schedule nor a RecoveryPoint: nobody can say whether it is late", $"In environment.psd1, in the set {Words.Argument(one.Set.Name)}: Schedule = '15 2 * * *'") with { Evidence = newest.Evidence, Time = newest.Time };
            bool isYoung = newest.Time >= _now - promised && !IsFromFuture(newest.Time);
            return Verdict.Seen(isYoung ? 1 : 0, $"came {Ago(newest.Time)}, and {Words.Of(promised)} were promised", newest.Evidence, newest.Time, advice);
        }

        return Verdict.Seen(IsLate(one.Set, newest.Time) ? 0 : 1, IsLate(one.Set, newest.Time) ? $"came {Ago(newest.Time)}, and another one has been due since" : $"came {Ago(newest.Time)}", newest.Evidence, newest.Time, advice);
    }, "all came when they were due");

    private Verdict? Databases()
    {
        string[] programs = ["postgresql", "mariadb", "mysql", "redis"];
        var servers = _facts.Environment.Servers.Where(server =>
            server.Roles.Contains("Database", StringComparer.OrdinalIgnoreCase) || server.Services.Any(service => programs.Any(program => service.StartsWith(program, StringComparison.OrdinalIgnoreCase)))).Select(server => server.Name).ToList();
        var dumping = _sets.Where(static one => HasDatabases(one.Set)).ToList();
        servers.AddRange(dumping.Select(static one => one.Server).Where(name => !servers.Contains(name, StringComparer.OrdinalIgnoreCase)).Distinct(StringComparer.OrdinalIgnoreCase).ToList());
        return Verdict.Of([.. servers.Select(name =>
        {
            var its = dumping.Where(one => one.Server.Equals(name, StringComparison.OrdinalIgnoreCase)).ToList();
            if (its.Count == 0)
            {
                return Verdict.Missing("has a database, and no set that dumps it: files that were copied under a running database need not be whole",
                    $"In environment.psd1: Backups = @{{ db = @{{ Server = {Quoted(name)}; PostgreSql = '*'; Repository = {Quoted(_facts.Environment.Repositories.FirstOrDefault()?.Name ?? "local")}; Schedule = '15 * * * *' }} }}") with { Subject = name };
            }

            var newest = its.Select(Newest).Where(static found => found is not null).OrderByDescending(static found => found!.Time).FirstOrDefault();
            return (newest is not null ? Verdict.Proved(1, "is dumped as a whole, made", newest.Evidence, newest.Time, _now, RunNow(its[0].Set))
                : RunsUnknown ?? new Verdict { Score = 0.5, Message = $"has the set {its[0].Set.Name}, of which no dump is known here", Evidence = its[0].Set, Advice = RunNow(its[0].Set) }) with { Subject = name };
        })], "every database is dumped");
    }

    private Verdict? Retention() => EachSet(set =>
    {
        if (set.Keep is null) return Verdict.Missing("keeps everything until the place is full", $"In environment.psd1, in the set {Words.Argument(set.Name)}: Keep = @{{ Daily = 14; Weekly = 8; Monthly = 12 }}");
        return NewestRun(set) is { } run ? Verdict.Proved(1, "was thinned out by its rules", run, run.Time, _now, RunNow(set))
            : _facts.BackupRuns.Value is null ? Verdict.Unknown(_facts.BackupRuns.Problem) : new Verdict { Score = 0.5, Message = "has rules, which were never carried out from here", Evidence = set, Advice = RunNow(set) };
    }, "rules are carried out");

    private Verdict? EachSet(Func<BackupSet, Verdict> judge, string good)
    {
        var sets = _facts.Environment.Backups;
        return sets.Count == 0 ? NoSets : Verdict.Of([.. sets.Select(set => judge(set) with { Subject = set.Name })], good);
    }

    private Verdict? Each(Func<SetOnServer, Verdict> judge, string good) => _sets.Count == 0 ? NoSets : Verdict.Of([.. _sets.Select(one => judge(one) with { Subject = $"{one}" })], good);

    private static Verdict NoSets => Verdict.Missing("there is no backup set", "In environment.psd1: Backups = @{ all = @{ Server = '*'; Path = '/etc', '/home', '/srv'; Repository = 'local'; Schedule = '15 2 * * *' } }");

    /// <summary>Nothing is known of runs, and the repositories were not asked.</summary>
    private Verdict? RunsUnknown => _facts.BackupRuns.Value is null && _facts.Backups?.Value is null ? Verdict.Unknown(_facts.BackupRuns.Problem, "Get-ProductionReadiness -Refresh") : null;

    private Snapshot? Newest(SetOnServer one) => Snapshots(one).FirstOrDefault();

    /// <summary>The snapshots of a set on a server, the newest first: what was noted here, and what the repository has.</summary>
    private IEnumerable<Snapshot> Snapshots(SetOnServer one)
    {
        var runs = Runs(one).Select(static run => new Snapshot(run.Time, run.Duration, run));
        if (StateOf(one) is { Time: { } time } state && !IsFromFuture(time)) runs = runs.Append(new Snapshot(time, TimeSpan.Zero, state));
        return runs.OrderByDescending(static snapshot => snapshot.Time);
    }

    private IEnumerable<BackupRunEvidence> Runs(SetOnServer one) => _runs[KeyOf(one.Set.Name, one.Server)];

    private BackupRunEvidence? NewestRun(BackupSet set) => _sets.Where(one => one.Set == set).SelectMany(Runs).MaxBy(static run => run.Time);

    private BackupState? StateOf(SetOnServer one) => _states[KeyOf(one.Set.Name, one.Server)].FirstOrDefault();

    /// <summary>What is known of a set on a server is found by this, whatever the case.</summary>
    public static string KeyOf(string set, string server) => $"{set}\n{server}";

    private TimeSpan? Promised(BackupSet set) => set.Objectives.RecoveryPoint ?? _facts.Environment.Objectives.RecoveryPoint;

    private bool IsLate(BackupSet set, DateTimeOffset newest) => SetSeries.NextAfter(set, newest, _facts.Zone) is { } due && _now > due + Grace;

    /// <summary>Whether one of the last backups came when the one before it made it due: what somebody runs by hand comes at any time.</summary>
    private bool IsRhythmic(SetOnServer one)
    {
        Snapshot[] last = [.. Snapshots(one).Take(10)];
        return Enumerable.Range(0, Math.Max(0, last.Length - 1)).Any(i =>
            SetSeries.NextAfter(one.Set, last[i + 1].Time, _facts.Zone) is { } due && last[i].Time > due - TimeSpan.FromMinutes(1) && last[i].Time <= due + Grace);
    }

    private bool IsFromFuture(DateTimeOffset time) => time > _now + Decay.Skew;

    private string Ago(DateTimeOffset time) => $"{Words.Of(_now > time ? _now - time : TimeSpan.Zero)} ago";

    private static bool HasDatabases(BackupSet set) => set.Redis || set.PostgreSql.Count + set.MariaDb.Count + set.Sqlite.Count > 0;

    private static bool Is(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static string RunNow(BackupSet set) => $"Invoke-Backup -Name {Words.Argument(set.Name)}";

    private static string Quoted(string text) => Words.Argument(text) is ['\'', ..] quoted ? quoted : $"'{text}'";
}

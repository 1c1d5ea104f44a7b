using Microsoft.Extensions.Time.Testing;
using ProdOps.Recovery.Readiness;

namespace ProdOps.Recovery.Tests.Readiness;

public sealed class ReadinessJudgeTests
{
    private static readonly DateTimeOffset Now = ReadyShop.Now;

    [Fact]
    public void What_is_proved_in_all_is_met_in_all_and_has_its_evidence()
    {
        var items = Judge(ReadyShop.Facts);
        Assert.Empty(items.Where(static item => item.Status != ReadinessStatus.Met).Select(static item => $"{item}: {item.Message}"));
        Assert.Equal(ReadinessCatalogue.All.Select(static kind => kind.Item), items.Select(static item => item.Name));
        Assert.All(items, item =>
        {
            Assert.NotNull(item.Evidence);
            Assert.Equal((100.0, 0.0, ""), (item.Score, item.Gain, item.Advice));
            Assert.NotEqual("", item.Message);
        });
        var summary = Sum(items);
        Assert.Equal((100.0, items.Count, 0), (summary.Score, summary.Met, summary.NextSteps.Count));
        Assert.Equal((ReadinessBasis.Measured, ReadinessBasis.Measured), (summary.RecoveryPointBasis, summary.RecoveryTimeBasis));
        Assert.Equal("9 min; 15 min were promised", summary.RecoveryTime);
    }

    [Fact]
    public void What_is_only_declared_is_never_met()
    {
        var items = Judge(new ReadinessFacts { Environment = ReadyShop.Environment });
        Assert.DoesNotContain(items, static item => item.Status == ReadinessStatus.Met);
        Assert.All(items, static item => Assert.InRange(item.Score, 0, 50));
        Assert.All(items, static item => Assert.NotEqual("", item.Advice + item.Message));
        Assert.Equal(ReadinessStatus.Unknown, Of(items, "recovery-drill").Status);
    }

    [Fact]
    public void What_could_not_be_gathered_is_unknown_with_the_reason_and_nothing_else_is()
    {
        var items = Judge(ReadyShop.Facts with { Monitor = Fact<MonitorFacts>.Unknown("the store is of a later version"), Notifications = Lost<NotificationEvidence>(), Clocks = null });
        string[] unknown = ["monitor-runs", "monitor-servers", "monitor-channels", "monitor-told-in-time", "monitor-availability", "monitor-response-time", "monitor-nothing-critical", "monitor-disks", "log-clocks"];
        Assert.Equal(unknown, items.Where(static item => item.Status == ReadinessStatus.Unknown).Select(static item => item.Name));
        Assert.Equal(("the store is of a later version", 0.0), (Of(items, "monitor-runs").Message, Of(items, "monitor-runs").Score));
        Assert.Equal(["monitor-front-door", "monitor-two-ways", "log-alert"], items.Where(static item => item.Status == ReadinessStatus.Partly).Select(static item => item.Name));

        items = Judge(new ReadinessFacts
        {
            Environment = ReadyShop.Environment, BackupRuns = Lost<BackupRunEvidence>(), BackupTests = Lost<BackupTestEvidence>(), Restores = Lost<RestoreEvidence>(), LoadTests = Lost<LoadTestResult>(), LoadBalancers = Lost<LoadBalancerReadiness>(),
            Failovers = Lost<FailoverTestResult>(), Publications = Lost<LoadBalancerPublication>(), Notifications = Lost<NotificationEvidence>(), RollingUpdates = Lost<RollingUpdateFact>(), Schedules = Lost<ProdOps.Servers.Schedules.ScheduleDefinition>(),
        });
        Assert.DoesNotContain(items, static item => item.Status == ReadinessStatus.Met);
        Assert.Equal("the disk is gone", Of(items, "backup-restore-test").Message);
    }

    [Theory]
    [InlineData(30, 0, 100, ReadinessStatus.Met)]
    [InlineData(30, 3600, 99.9, ReadinessStatus.Partly)]
    [InlineData(60, 0, 50, ReadinessStatus.Partly)]
    [InlineData(89, 0, 1.6, ReadinessStatus.Partly)]
    [InlineData(90, 0, 0, ReadinessStatus.Missing)]
    [InlineData(4000, 0, 0, ReadinessStatus.Missing)]
    [InlineData(0, -3600, 100, ReadinessStatus.Met)]
    [InlineData(0, -3601, 0, ReadinessStatus.Missing)]
    public void A_proof_counts_for_less_from_30_days_on_and_for_nothing_from_90(int days, int seconds, double score, ReadinessStatus status)
    {
        var proved = Now.AddDays(-days).AddSeconds(-seconds);
        var item = Of(Judge(ReadyShop.Facts with { BackupTests = ReadyShop.Of<BackupTestEvidence>([ReadyShop.Test("local") with { Time = proved }, ReadyShop.Test("offsite") with { Time = proved }]) }), "backup-structure-test");
        Assert.Equal((score, status), (item.Score, item.Status));
        Assert.Equal((proved, proved.AddDays(30), proved.AddDays(90)), (item.EvidenceTime, item.DecaysAt, item.ExpiresAt));
        if (status == ReadinessStatus.Partly) Assert.Contains("ago: counts", item.Message, StringComparison.Ordinal);
        Assert.Equal(status == ReadinessStatus.Met ? "" : "Test-Backup -Repository local", item.Advice);
    }

    [Fact]
    public void A_later_failure_is_not_made_up_for_by_an_older_success()
    {
        var facts = ReadyShop.Facts;
        var failed = facts.BackupTests.Value!.Select(static test => test with { Passed = false, Problem = "a pack is damaged", Time = test.Time.AddMinutes(1) });
        var items = Judge(facts with
        {
            BackupTests = ReadyShop.Of<BackupTestEvidence>([.. facts.BackupTests.Value!, .. failed]),
            Failovers = ReadyShop.Of<FailoverTestResult>([.. facts.Failovers.Value!, .. facts.Failovers.Value!.Select(static test => test with { Recovered = false, Time = test.Time.AddMinutes(1) })]),
            Notifications = ReadyShop.Of<NotificationEvidence>([.. facts.Notifications.Value!, new NotificationEvidence { Channel = "chat", Error = "refused", Time = Now }]),
        });
        Assert.Equal((ReadinessStatus.Missing, ReadinessStatus.Missing, ReadinessStatus.Missing), (Of(items, "backup-structure-test").Status, Of(items, "backup-restore-test").Status, Of(items, "balancer-failover").Status));
        Assert.Equal("1 of 2: chat did not take a message (refused), 0 ms ago", Of(items, "monitor-channels").Message);
        Assert.Equal("Test-Notification chat", Of(items, "monitor-channels").Advice);
    }

    [Fact]
    public void A_balancer_that_took_a_publication_does_not_speak_for_one_that_put_it_back()
    {
        var published = ReadyShop.Facts.Publications.Value![0];
        var failed = published with { Server = "lb2", Status = LoadBalancerPublicationStatus.PutBack, Revision = "8-0123abcd" };
        var item = Of(Judged([failed, published with { Time = published.Time.AddMinutes(1) }]), "balancer-revisions");
        Assert.Equal(ReadinessStatus.Missing, item.Status);
        Assert.Contains("web could not be published on lb2", item.Message, StringComparison.Ordinal);
        Assert.Equal("Publish-LoadBalancer web", item.Advice);
        // What is found to serve there since makes up for it; what a server has that is no balancer of it any more counts for nothing.
        Assert.Equal(ReadinessStatus.Met, Of(Judged([failed, published, failed with { Status = LoadBalancerPublicationStatus.Unchanged, Revision = "7-5ffc827e", Time = published.Time.AddMinutes(2) }]), "balancer-revisions").Status);
        Assert.Equal(ReadinessStatus.Met, Of(Judged([published, failed with { Server = "former-lb" }]), "balancer-revisions").Status);

        static IReadOnlyList<ReadinessItem> Judged(IReadOnlyList<LoadBalancerPublication> publications) => Judge(ReadyShop.Facts with { Publications = ReadyShop.Of(publications) });
    }

    [Fact]
    public void The_recovery_point_is_measured_between_backups_and_assumed_where_there_is_one()
    {
        var facts = ReadyShop.Facts;
        var item = Of(Judge(facts), "backup-recovery-point");
        Assert.Equal(("2 h", "61 min", ReadinessBasis.Measured), (item.Objective, item.Measured, item.Basis));
        item = Of(Judge(facts with { BackupRuns = Runs(static run => run.Time > Now.AddHours(-1)) }), "backup-recovery-point");
        Assert.Equal((50.0, ReadinessBasis.Assumed), (item.Score, item.Basis));
        item = Of(Judge(facts with { BackupRuns = Runs(static run => run.Set != "db" || run.Time > Now.AddHours(-2) || run.Time < Now.AddHours(-12)) }), "backup-recovery-point");
        Assert.Equal((ReadinessStatus.Partly, "5 of 6: db of db1 up to 11 h were between two backups; 2 h were promised"), (item.Status, item.Message[..item.Message.IndexOf("promised", StringComparison.Ordinal)] + "promised"));
        // What the repositories say counts, too: a gap that nobody here has noted.
        var states = ReadyShop.Environment.Servers.Select(static server => new BackupState { Name = "files", Server = server.Name, Repository = "local", Snapshot = new BackupSnapshot { Time = Now.AddMinutes(-30) }, LargestGap = TimeSpan.FromHours(30), RecentCount = 40 });
        item = Of(Judge(facts with { Backups = ReadyShop.Of<BackupState>([.. states]) }), "backup-recovery-point");
        Assert.Equal("30 h", item.Measured);
        static Fact<IReadOnlyList<BackupRunEvidence>> Runs(Func<BackupRunEvidence, bool> kept) => ReadyShop.Of<BackupRunEvidence>([.. ReadyShop.Facts.BackupRuns.Value!.Where(kept)]);
    }

    [Fact]
    public void The_recovery_time_is_measured_by_drills_and_scaled_where_there_were_none()
    {
        var facts = ReadyShop.Facts with { Plans = ReadyShop.Of<RecoveryPlanFact>([.. ReadyShop.Facts.Plans.Value!.Select(static plan => plan with { Runs = [] })]) };
        var item = Of(Judge(facts), "recovery-time");
        Assert.Equal((50.0, ReadinessBasis.Scaled, "15 min"), (item.Score, item.Basis, item.Objective));
        // Twice the data takes twice the time: two sets of db1, 2 and 3 minutes when they were tested.
        var grown = facts with { BackupRuns = ReadyShop.Of<BackupRunEvidence>([.. facts.BackupRuns.Value!.Select(static run => run with { BytesProcessed = 4_000_000_000 })]) };
        item = Of(Judge(grown), "recovery-time");
        Assert.Equal(("20 min", ReadinessBasis.Scaled), (item.Measured, item.Basis));
        Assert.StartsWith("0 of 5: db1 has data that is restored in about 20 min", item.Message, StringComparison.Ordinal);
        item = Of(Judge(facts with { BackupTests = ReadyShop.Of<BackupTestEvidence>([]) }), "recovery-time");
        Assert.Equal((ReadinessStatus.Missing, ReadinessBasis.None), (item.Status, item.Basis));
        var slow = ReadyShop.Facts with { Plans = ReadyShop.Of<RecoveryPlanFact>([.. ReadyShop.Facts.Plans.Value!.Select(static plan => plan with { Runs = [plan.Runs[0] with { Duration = TimeSpan.FromMinutes(16) }] })]) };
        Assert.Equal((ReadinessStatus.Missing, "16 min"), (Of(Judge(slow), "recovery-time").Status, Of(Judge(slow), "recovery-time").Measured));
    }

    [Fact]
    public void A_plan_that_was_changed_since_its_drill_is_not_the_one_that_was_drilled()
    {
        var facts = ReadyShop.Facts with { Plans = ReadyShop.Of<RecoveryPlanFact>([.. ReadyShop.Facts.Plans.Value!.Select(static plan => plan.Name == "db1" ? plan with { Revision = "0000" } : plan)]) };
        var item = Of(Judge(facts), "recovery-unchanged");
        Assert.Equal((ReadinessStatus.Partly, "9 of 10: db1 was changed since it was drilled 1 h ago", "Test-RecoveryPlan db1 -Drill -Target SPARE-HOST"), (item.Status, item.Message, item.Advice));
    }

    [Fact]
    public void A_plan_of_a_server_that_a_scenario_cannot_hit_is_none_for_it()
    {
        var facts = ReadyShop.Facts with { Plans = ReadyShop.Of<RecoveryPlanFact>([.. ReadyShop.Facts.Plans.Value!.Select(static plan => plan.Name == "BadDeployment" ? plan with { Server = "db1" } : plan)]) };
        var item = Of(Judge(facts), "recovery-scenarios");
        Assert.Equal((ReadinessStatus.Partly, "5 of 6: a deployment that went wrong has the plan BadDeployment of db1, which it cannot hit", "New-RecoveryPlan web1 -Scenario BadDeployment"), (item.Status, item.Message, item.Advice));
        Assert.Equal(ReadinessStatus.Met, Of(Judge(ReadyShop.Facts), "recovery-scenarios").Status);
    }

    [Fact]
    public void Without_load_balancers_their_items_are_two_and_without_sets_all_are_missing()
    {
        var items = Judge(ReadyShop.Facts with { Environment = ReadyShop.Environment with { LoadBalancers = [], Backups = [] } });
        Assert.Equal(["balancer-redundant", "balancer-pool"], items.Where(static item => item.Area == ReadinessArea.LoadBalancing).Select(static item => item.Name));
        Assert.All(items.Where(static item => item.Area == ReadinessArea.Backups), static item => Assert.Equal(ReadinessStatus.Missing, item.Status));
    }

    [Fact]
    public void An_environment_that_names_what_is_not_there_makes_items_unknown_and_no_others()
    {
        var items = Judge(ReadyShop.Facts with { Environment = ReadyShop.Environment with { Backups = [ReadyShop.Environment.Backups[0] with { Server = ["role:Nobody"] }] } });
        Assert.All(items.Where(static item => item.Area == ReadinessArea.Backups), static item => Assert.Equal(ReadinessStatus.Unknown, item.Status));
        Assert.All(items.Where(static item => item.Area == ReadinessArea.Logging), static item => Assert.Equal(ReadinessStatus.Met, item.Status));
    }

    [Fact]
    public void Any_figures_and_names_are_judged_and_advice_quotes_them()
    {
        const string Hostile = "x'; Remove-Item / #\u2019\n\u001b[2J";
        var environment = ReadyShop.Environment with
        {
            Servers = [new Server { Name = Hostile, Roles = ["Database"] }], Backups = [ReadyShop.Environment.Backups[0] with { Name = Hostile, Server = [], Repository = Hostile, CopyTo = [] }],
            LoadBalancers = [ReadyShop.Environment.LoadBalancers[0] with { Name = Hostile, Pool = [Hostile, "web1"] }],
        };
        var odd = new LoadTestResult { Target = "", LoadBalancer = Hostile, Requests = long.MaxValue, Failed = long.MinValue, Rate = double.NaN, Percentile95 = TimeSpan.MinValue, Start = DateTimeOffset.MaxValue, Servers = [null!] };
        foreach (var time in new[] { DateTimeOffset.MinValue, DateTimeOffset.MaxValue, Now })
        {
            var items = Judge(ReadyShop.Facts with
            {
                Environment = environment,
                LoadTests = ReadyShop.Of<LoadTestResult>([odd, odd with { Start = time }]),
                BackupRuns = ReadyShop.Of<BackupRunEvidence>([new BackupRunEvidence { Set = Hostile, Server = "localhost", SnapshotId = "", Time = time, Duration = TimeSpan.MaxValue, BytesProcessed = long.MinValue }]),
                BackupTests = ReadyShop.Of<BackupTestEvidence>([new BackupTestEvidence { Repository = Hostile, Passed = true, IsWhole = true, Time = time, Kind = BackupTestKind.Restore, Sets = [Hostile], Duration = TimeSpan.MinValue, BytesRead = 1 }]),
                Failovers = ReadyShop.Of<FailoverTestResult>([new FailoverTestResult { LoadBalancer = Hostile, Server = Hostile, Service = "", Gap = TimeSpan.MinValue, Time = time }]),
                LoadBalancers = ReadyShop.Of<LoadBalancerReadiness>([new LoadBalancerReadiness { LoadBalancer = Hostile, Time = time, Findings = [null!] }]),
            });
            Assert.NotEmpty(items);
            Assert.All(items, static item => Assert.InRange(item.Score, 0, 100));
            Assert.All(items.Where(static item => item.Advice.Contains("Remove-Item", StringComparison.Ordinal)), static item =>
            {
                Assert.Contains("'x''; Remove-Item / #\u2019\u2019[2J'", item.Advice, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', item.Advice);
            });
        }
    }

    [Fact]
    public void Lines_count_for_a_server_under_its_name_and_under_its_address()
    {
        var others = ReadyShop.Facts.Logs.Value!.Sources.Where(static source => source.Server != "web1").ToList();
        var source = ReadyShop.Facts.Logs.Value!.Sources[0] with { Received = Now.AddMinutes(-30) };
        LogStoreSource[] its = [source with { Server = "HOST-WEB1", Source = "nginx" }, source with { Server = "web1", Source = "app" }, source with { Server = "host-web1", Source = "syslog" }, source with { Server = "web1", Source = "empty", Entries = 0 }];
        var items = Judge(ReadyShop.Facts with { Logs = Fact<LogFacts>.Of(new LogFacts([.. its, .. others], [])) });
        Assert.Equal((ReadinessStatus.Met, ReadinessStatus.Met), (Of(items, "log-servers").Status, Of(items, "log-recent").Status));
        Assert.Contains("web1 has lines of nginx, app, syslog,", Of(items, "log-servers").Message, StringComparison.Ordinal);
        Assert.Equal("nginx", Assert.IsType<LogStoreSource>(Of(items, "log-recent").Evidence).Source);
        items = Judge(ReadyShop.Facts with { Logs = Fact<LogFacts>.Of(new LogFacts(others, [])) });
        Assert.Contains("web1 has no lines in the store", Of(items, "log-servers").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_next_step_is_the_one_that_raises_the_score_most()
    {
        var facts = ReadyShop.Facts with { Failovers = ReadyShop.Of<FailoverTestResult>([]), Schedules = ReadyShop.Of<ProdOps.Servers.Schedules.ScheduleDefinition>([]) };
        var before = Judge(facts);
        var summary = Sum(before);
        Assert.Equal("balancer-failover", summary.NextSteps[0].Name);
        var mended = Judge(facts with { Failovers = ReadyShop.Of<FailoverTestResult>([ReadyShop.Facts.Failovers.Value![0]]) });
        double gained = Of(before, "balancer-failover").Gain + Of(before, "balancer-redundant").Gain;
        Assert.Equal(50, Of(mended, "recovery-single-points").Score);
        Assert.Equal(gained, Sum(mended).Score - summary.Score, 0.25);
        Assert.Equal(summary.Score, 100 - before.Sum(static item => item.Gain), 0.5);
    }

    private static IReadOnlyList<ReadinessItem> Judge(ReadinessFacts facts) => new ReadinessJudge(new FakeTimeProvider(Now)).Judge(facts);

    private static ReadinessSummary Sum(IReadOnlyList<ReadinessItem> items) => new ReadinessJudge(new FakeTimeProvider(Now)).Sum(ReadyShop.Environment, items);

    private static ReadinessItem Of(IReadOnlyList<ReadinessItem> items, string name) => items.Single(item => item.Name == name);

    private static Fact<IReadOnlyList<T>> Lost<T>() => Fact<IReadOnlyList<T>>.Unknown("the disk is gone");
}

using Microsoft.Extensions.Time.Testing;
using ProdOps.Backup.Tests.Storage;
using ProdOps.LoadBalancing.Publishing;
using ProdOps.LoadBalancing.Rolling;
using ProdOps.Recovery.Timelines;
using ProdOps.Servers.Evidence;

namespace ProdOps.Recovery.Tests.Timelines;

/// <summary>What commands of this machine have noted, as the timeline tells it.</summary>
public sealed class KeptTimelineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly DateTimeOffset _now;
    private readonly TimelineWindow _window;
    private readonly EvidenceFolder _evidence;

    public KeptTimelineTests()
    {
        _now = _time.GetUtcNow();
        _window = new TimelineWindow(_now.AddHours(-1), _now.AddMinutes(1));
        _evidence = new EvidenceFolder(_folder["evidence"], _time);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_recovery_is_told_with_its_steps_and_how_it_ended_and_a_drill_is_a_test()
    {
        var run = new RecoveryRun
        {
            Run = "db1-1", Plan = "db1", Server = "db1", Target = "spare1", By = "anna@admin", Started = At(-30), Ended = At(-20), Status = RecoveryRunStatus.Failed,
            Steps =
            [
                Step("packages", RecoveryStepState.Succeeded, -29), Step("users", RecoveryStepState.AlreadyOk, -28), Step("database", RecoveryStepState.Failed, -25) with { Error = "no space\u001b[2J left" },
                Step("before", RecoveryStepState.Succeeded, -90), new RecoveryRunStep { Step = "never", State = RecoveryStepState.Skipped },
            ],
        };
        var told = Timeline().Recoveries([run]).ToList();
        Assert.Equal(
            ["Info spare1 recovery db1-1 of db1 on spare1 by anna@admin began", "Info spare1 recovery db1-1 of db1: packages succeeded", "Critical spare1 recovery db1-1 of db1: database failed, no space [2J left", "Critical spare1 recovery db1-1 of db1 failed"],
            told.Select(one => $"{one.Severity} {one.Server} {one.Text}"));
        Assert.Equal([At(-30), At(-29), At(-25), At(-20)], told.Select(one => one.Time));
        Assert.All(told, one => Assert.Equal((TimelineKind.Restore, run), (one.Kind, one.Source)));

        // One that is at work has not ended, and what it did before is of its time.
        var drill = run with { IsDrill = true, Ended = null, Started = At(-100), Status = RecoveryRunStatus.Running, Steps = [Step("users", RecoveryStepState.Undone, -1)] };
        var only = Assert.Single(Timeline().Recoveries([drill]));
        Assert.Equal((TimelineKind.Test, TimelineSeverity.Info, "drill db1-1 of db1: users undone"), (only.Kind, only.Severity, only.Text));

        Assert.Empty(Timeline().Recoveries([run with { Environment = "other" }]));
        Assert.Equal(4, Timeline().Recoveries([run with { Environment = "Shop" }]).Count());

        RecoveryRunStep Step(string name, RecoveryStepState state, int minutes) => new() { Step = name, Server = "spare1", State = state, Started = At(minutes) };
    }

    [Fact]
    public async Task A_publication_is_told_once_by_the_balancer_s_revision_or_by_what_was_noted_here()
    {
        KnownRevision[] known = [new("lb1", "web", "r2", At(-10), "anna@admin", "web2 joins", "shop"), new("lb1", "web", "r7", At(-10), "anna@admin", "of another", "other"), new("lb1", "web", "r1", At(-100), "anna@admin", "the first")];
        var timeline = Timeline();
        var told = Assert.Single(timeline.Publications(known));
        Assert.Equal((TimelineKind.Publication, "lb1", "revision r2 of web by anna@admin: web2 joins", At(-10)), (told.Kind, told.Server, told.Text, told.Time));

        await AddAsync(_evidence.Publications, Publication("lb1", "r2", LoadBalancerPublicationStatus.Published), Publication("LB2", "r2", LoadBalancerPublicationStatus.Published), Publication("lb2", "r3", LoadBalancerPublicationStatus.PutBack), Publication("lb2", "r3", LoadBalancerPublicationStatus.Unchanged));
        Assert.Equal(["Info LB2 revision r2 of web: published", "Warning lb2 revision r3 of web: putback"], timeline.Evidence(_evidence, known).Select(one => $"{one.Severity} {one.Server} {one.Text}"));

        LoadBalancerPublication Publication(string server, string revision, LoadBalancerPublicationStatus status) => new() { LoadBalancer = "web", Server = server, Revision = revision, Status = status, Time = At(-9) };
    }

    [Fact]
    public async Task What_was_proved_is_told_where_it_was_of_this_environment_and_of_this_time()
    {
        await AddAsync(_evidence.Switches, new LoadBalancerSwitch { LoadBalancer = "web", Address = "10.0.0.100", From = "lb1", To = "lb2", Time = At(-8) });
        await AddAsync(_evidence.BackupRuns, new BackupRunEvidence { Set = "db", Server = "db1", Status = BackupSetStatus.Complete, Time = At(-7) }, new BackupRunEvidence { Set = "db", Server = "db1", Status = BackupSetStatus.Failed, Problem = "disk full", Time = At(-6) }, new BackupRunEvidence { Set = "db", Server = "db1", Time = At(-61) });
        await AddAsync(_evidence.Restores, new RestoreEvidence { Server = "db1", Repository = "local", SnapshotId = "abc", Database = "PostgreSql shop", Time = At(-5) });
        await AddAsync(_evidence.BackupTests, new BackupTestEvidence { Kind = BackupTestKind.Restore, Repository = "local", Time = At(-4) });
        await AddAsync(_evidence.Failovers, new FailoverTestResult { LoadBalancer = "web", Server = "lb1", Service = "haproxy", Time = At(-3) });
        await AddAsync(_evidence.LoadTests, new LoadTestResult { Target = "http://x/", LoadBalancer = "web", Rate = 1234.4, Failed = 2, Start = At(-2) });
        // Of another environment, and of one that nobody knows.
        await _evidence.Switches.AddAsync(At(-1), "other", new LoadBalancerSwitch { LoadBalancer = "x", Address = "10.0.0.1", From = "a", To = "b", Time = At(-1) }, default);
        await _evidence.Switches.AddAsync(At(-1), "", new LoadBalancerSwitch { LoadBalancer = "y", Address = "10.0.0.2", From = "a", To = "b", Time = At(-1) }, default);

        var told = Timeline().Evidence(_evidence, []).OrderBy(one => one.Time).ToList();
        Assert.Equal(
            [
                "Action Info lb2 10.0.0.100 of web was moved from lb1 to lb2", "Backup Info db1 backup db: Complete", "Backup Warning db1 backup db: Failed, disk full", "Restore Info db1 restored PostgreSql shop from local",
                "Test Warning", "Test Critical lb1 failover test of web: haproxy stopped", "Test Warning  load test of web: 1234 requests/s, 2 failed", "Action Info b 10.0.0.2 of y was moved from a to b",
            ],
            told.Select(one => one.Text.StartsWith("test of backups, ", StringComparison.Ordinal) ? $"{one.Kind} {one.Severity}" : $"{one.Kind} {one.Severity} {one.Server} {one.Text}"));
        Assert.All(told, one => Assert.NotNull(one.Source));
        Assert.Contains("b 10.0.0.1 of x", string.Join('\n', new KeptTimeline(_window, environment: null).Evidence(_evidence, []).Select(one => $"{one.Server} {one.Text}")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rolling_update_is_told_by_its_phases_also_while_its_journal_is_open_or_damaged()
    {
        using var journal = RollingJournal.Create(_folder["journals"], new RollingHeader { Update = "", LoadBalancer = "web", Entry = "web", Batches = [["web1"]], Options = new RollingOptions(), By = "anna@admin", Time = _now }, _time);
        journal.Add(new RollingRecord { Server = "web1", Phase = RollingUpdatePhase.Drain, Mark = RollingMark.Begun });
        journal.Add(new RollingRecord { Server = "web1", Phase = RollingUpdatePhase.Drain, Mark = RollingMark.Failed, Error = "the pool has no other\nserver" });
        File.WriteAllText(Path.Combine(_folder["journals"], "torn-20260101-000000.jsonl"), "{\"version\":");
        var told = Timeline().Updates(_folder["journals"]).ToList();
        Assert.Equal([$"Info web1 {journal.Header.Update} by anna@admin: Drain of web1 begun", $"Critical web1 {journal.Header.Update} by anna@admin: Drain of web1 failed, the pool has no other server"], told.Select(one => $"{one.Severity} {one.Server} {one.Text}"));
        Assert.All(told, one => Assert.Equal((TimelineKind.Deployment, _now), (one.Kind, one.Time)));
        Assert.Empty(new KeptTimeline(new TimelineWindow(_now.AddHours(-3), _now.AddHours(-2)), "shop").Updates(_folder["journals"]));
        Assert.Empty(Timeline().Updates(_folder["nowhere"]));
        using var other = RollingJournal.Create(_folder["others"], new RollingHeader { Update = "", LoadBalancer = "web", Entry = "web", Environment = "other", Batches = [["web1"]], Options = new RollingOptions(), Time = _now }, _time);
        other.Add(new RollingRecord { Server = "web1", Phase = RollingUpdatePhase.Drain, Mark = RollingMark.Begun });
        Assert.Empty(Timeline().Updates(_folder["others"]));
    }

    private DateTimeOffset At(int minutes) => _now.AddMinutes(minutes);

    private KeptTimeline Timeline() => new(_window, "shop");

    private static async Task AddAsync<T>(EvidenceLog<T> log, params T[] proofs)
        where T : class
    {
        foreach (var proof in proofs) await log.AddAsync(DateTimeOffset.UnixEpoch, "SHOP", proof, default);
    }
}

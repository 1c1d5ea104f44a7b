using Microsoft.Extensions.Time.Testing;
using ProdOps.Backup.Tests.Storage;
using ProdOps.LoadBalancing.Rolling;
using ProdOps.Monitoring.Running;
using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Readiness;
using ProdOps.Recovery.Readiness.Gathering;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Evidence;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Recovery.Tests.Readiness;

/// <summary>Facts are read where commands have put them, and what cannot be read is told by each part for itself.</summary>
public sealed class GatheringTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(ReadyShop.Now);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Evidence_of_other_environments_does_not_count()
    {
        var evidence = new EvidenceFolder(_folder["evidence"], _time);
        await evidence.BackupTests.AddAsync(ReadyShop.Now, "shop", ReadyShop.Test("one"), default);
        await evidence.BackupTests.AddAsync(ReadyShop.Now, "SHOP", ReadyShop.Test("two"), default);
        await evidence.BackupTests.AddAsync(ReadyShop.Now, "", ReadyShop.Test("three"), default);
        await evidence.BackupTests.AddAsync(ReadyShop.Now, "other", ReadyShop.Test("four"), default);
        var facts = await new ReadinessGatherer(Sources() with { Evidence = evidence }).GatherAsync(default);
        Assert.Equal(["one", "two", "three"], facts.BackupTests.Value!.Select(static test => test.Repository));
    }

    [Fact]
    public async Task What_cannot_be_gathered_is_told_and_no_other_part_suffers()
    {
        var evidence = new EvidenceFolder(_folder["evidence"], _time);
        await evidence.Failovers.AddAsync(ReadyShop.Now, "shop", ReadyShop.Facts.Failovers.Value![0], default);
        Directory.CreateDirectory(_folder["monitoring"]);
        File.WriteAllText(Path.Combine(_folder["monitoring"], "metrics.db"), "this is no database");
        var facts = await new ReadinessGatherer(Sources() with
        {
            Evidence = evidence,
            Monitoring = new MonitoringFolder(_folder["monitoring"]),
            Logs = static _ => throw new InvalidDataException("the index is damaged"),
            Backups = static _ => throw new TimeoutException("nothing was answered within 60 s"),
            Clocks = static token => Task.FromCanceled<IReadOnlyList<ServerClock>>(new CancellationToken(canceled: true)),
        }).GatherAsync(default);
        Assert.Single(facts.Failovers.Value!);
        Assert.Equal(("the index is damaged", "nothing was answered within 60 s"), (facts.Logs.Problem, facts.Backups!.Problem));
        Assert.Null(facts.Monitor.Value);
        Assert.Contains("metrics.db", facts.Monitor.Problem, StringComparison.Ordinal);
        Assert.Null(facts.Clocks!.Value);
        var items = new ReadinessJudge(_time).Judge(facts);
        Assert.Equal("the index is damaged", items.Single(static item => item.Name == "log-readable").Message);
        Assert.NotEqual(ReadinessStatus.Unknown, items.Single(static item => item.Name == "balancer-failover").Status);
    }

    [Fact]
    public async Task Single_points_of_failure_are_found_by_what_is_written_down()
    {
        var facts = await new ReadinessGatherer(Sources()).GatherAsync(default);
        Assert.Contains(facts.SinglePoints.Value!, static point => point is { Component: "db1", IsSecret: false, Severity: 1 });
        var item = new ReadinessJudge(_time).Judge(facts).Single(static item => item.Name == "recovery-single-points");
        Assert.IsType<SinglePointOfFailure>(item.Evidence);
        Assert.StartsWith("Get-SinglePointOfFailure ", item.Advice, StringComparison.Ordinal);
        Assert.InRange(item.Score, 1, 49);
    }

    [Theory]
    [InlineData(6, 72, 72)]
    [InlineData(96, 96, 1152)]
    [InlineData(240, 168, 2016)]
    public async Task Disks_are_forecast_by_hours_of_days_and_by_five_minutes_where_one_may_soon_be_full(int hours, int valuesOfSlow, int valuesOfFast)
    {
        var now = _time.GetUtcNow();
        using (var store = new MonitoringFolder(_folder["monitoring"]).Open(_time, SilentActivity.Instance))
        {
            foreach (var (disk, perHour) in new[] { ("/", 0.01), ("/data", 0.1) })
                store.Append([.. Enumerable.Range(0, hours * 12).Select(i => new MetricSample { Server = "db1", Name = "disk.used", Instance = disk, Unit = "%", Value = 40 + (i / 12.0 * perHour), Time = now.AddHours(-hours).AddMinutes(5 * i) })]);
        }

        var facts = await new ReadinessGatherer(Sources() with { Monitoring = new MonitoringFolder(_folder["monitoring"]) }).GatherAsync(default);
        var (slow, fast) = (facts.Monitor.Value!.Disks[0], facts.Monitor.Value!.Disks[1]);
        Assert.Equal(("/", "/data"), (slow.Instance, fast.Instance));
        Assert.Equal((valuesOfSlow, valuesOfFast), (slow.Samples, fast.Samples));
        Assert.Equal((0.24, 2.4), (Math.Round(slow.PerDay, 2), Math.Round(fast.PerDay, 1)));
        Assert.InRange(fast.Reached!.Value, now + TimeSpan.FromHours((600 - (hours * 1.01)) * 0.99), now + TimeSpan.FromHours((600 - (hours * 0.99)) * 1.01));
    }

    [Fact]
    public async Task Plans_are_read_with_the_runs_that_carried_all_of_them_out()
    {
        Directory.CreateDirectory(_folder["plans"]);
        File.WriteAllText(_folder["plans/db1.recovery.psd1"], "@{ Server = 'db1'; Scenario = 'ServerLost'; Objectives = @{ RecoveryTime = '20m' }; Steps = @( @{ Name = 'look'; Command = 'true' }, @{ Name = 'look again'; Command = 'true' } ) }");
        File.WriteAllText(_folder["plans/web1.recovery.psd1"], "@{ Server = 'nobody'; Steps = @( @{ Name = 'look'; Command = 'true' } ) }");
        var sources = Sources() with { RecoveryRuns = _folder["runs"] };
        var plan = (await new ReadinessGatherer(sources).GatherAsync(default)).Plans.Value!.Single(static plan => plan.Name == "db1");
        Assert.Equal(("db1", "ServerLost", TimeSpan.FromMinutes(20), 0), (plan.Server, plan.Scenario, plan.RecoveryTime, plan.Runs.Count));
        Run("db1", plan.Revision, RecoveryStepState.Succeeded, "look", "look again");
        // Chosen steps alone bring nothing back.
        Run("db1", plan.Revision, RecoveryStepState.Succeeded, "look", "-look again");
        Run("db1", "before", RecoveryStepState.Failed, "look");
        Run("db1", plan.Revision, null, "look", "look again");
        var facts = await new ReadinessGatherer(sources).GatherAsync(default);
        plan = facts.Plans.Value!.Single(static plan => plan.Name == "db1");
        Assert.Equal([(false, "before"), (true, plan.Revision)], plan.Runs.Select(static run => (run.Succeeded, run.Revision)).Order());
        Assert.Equal(TimeSpan.FromMinutes(9), plan.Runs.Single(static run => run.Succeeded).Duration);
        Assert.NotEmpty(facts.Plans.Value!.Single(static plan => plan.Name == "web1").LastCheck!.Problems);
        Assert.Equal(ReadinessStatus.Partly, new ReadinessJudge(_time).Judge(facts).Single(static item => item.Name == "recovery-plans").Status);

        void Run(string name, string revision, RecoveryStepState? end, params string[] steps)
        {
            using var journal = RunJournal.Create(_folder["runs"], new RunHeader { Plan = name, Server = name, Revision = revision, Steps = [.. steps.Select(step => new RunHeaderStep(step.TrimStart('-'), RecoveryStepKind.Command, name))] }, _time);
            foreach (string skipped in steps.Where(static step => step[0] == '-')) journal.Add(new RunRecord { Step = skipped[1..], State = RecoveryStepState.Skipped });
            _time.Advance(TimeSpan.FromMinutes(9));
            if (end is { } state) journal.Add(new RunRecord { State = state });
        }
    }

    [Fact]
    public async Task What_a_look_at_a_plan_has_found_counts_for_the_plan_as_it_was()
    {
        Directory.CreateDirectory(_folder["plans"]);
        File.WriteAllText(_folder["plans/db1.recovery.psd1"], "@{ Server = 'db1'; Steps = @( @{ Name = 'look'; Command = 'true' } ) }");
        var evidence = new EvidenceFolder(_folder["evidence"], _time);
        var sources = Sources() with { Evidence = evidence };
        var plan = await PlanAsync();
        Assert.Null(plan.LastCheck);
        await evidence.RecoveryPlans.AddAsync(ReadyShop.Now, "shop", new RecoveryPlanEvidence { Plan = "db1", Server = "db1", Revision = "before", Time = ReadyShop.Now }, default);
        await evidence.RecoveryPlans.AddAsync(ReadyShop.Now, "other", new RecoveryPlanEvidence { Plan = "db1", Server = "db1", Revision = plan.Revision, Time = ReadyShop.Now }, default);
        Assert.Null((await PlanAsync()).LastCheck);
        await evidence.RecoveryPlans.AddAsync(ReadyShop.Now, "shop", new RecoveryPlanEvidence { Plan = "db1", Server = "db1", Revision = plan.Revision, Time = ReadyShop.Now.AddHours(-1), Problems = ["no backup"] }, default);
        Assert.Equal(["no backup"], (await PlanAsync()).LastCheck!.Problems);
        await evidence.RecoveryPlans.AddAsync(ReadyShop.Now, "shop", new RecoveryPlanEvidence { Plan = "DB1", Server = "db1", Revision = plan.Revision, Time = ReadyShop.Now }, default);
        Assert.Empty((await PlanAsync()).LastCheck!.Problems);

        async Task<RecoveryPlanFact> PlanAsync() => (await new ReadinessGatherer(sources).GatherAsync(default)).Plans.Value!.Single();
    }

    [Fact]
    public async Task Gathering_that_is_stopped_ends()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ReadinessGatherer(Sources() with { Evidence = new EvidenceFolder(_folder["evidence"], _time) }).GatherAsync(stop.Token));
    }

    [Fact]
    public void Rolling_updates_are_read_from_their_journals_but_for_one_that_is_under_way()
    {
        Write("one", over: true, (RollingUpdatePhase.Drain, RollingMark.Done), (RollingUpdatePhase.Update, RollingMark.Failed), (RollingUpdatePhase.Update, RollingMark.Done), (RollingUpdatePhase.Enable, RollingMark.Done)).Dispose();
        _time.Advance(TimeSpan.FromMinutes(1));
        Write("two", over: false, (RollingUpdatePhase.Drain, RollingMark.Done), (RollingUpdatePhase.Check, RollingMark.Failed)).Dispose();
        _time.Advance(TimeSpan.FromMinutes(1));
        using var open = Write("three", over: false, (RollingUpdatePhase.Drain, RollingMark.Done));
        File.WriteAllText(_folder["journals/x.jsonl"], "{\"update\":null}\n[]\n");
        var found = RollingUpdateReader.Read(_folder["journals"]);
        Assert.Equal([("one", true, 1, ""), ("two", false, 0, "Check of web1 failed (no answer)")],
            found.OrderBy(static update => update.LoadBalancer, StringComparer.Ordinal).Select(static update => (update.LoadBalancer, update.IsOver, update.Servers, update.Failure)));
        Assert.Empty(RollingUpdateReader.Read(_folder["nothing"]));
        Assert.Empty(RollingUpdateReader.Read(null));
    }

    [UnixFact("git")]
    public async Task Git_tells_whether_it_has_the_file_as_it_is_and_runs_nothing_of_the_repository()
    {
        string path = _folder["it's here/environment.psd1"];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "@{ Name = 'shop' }");
        Assert.Equal("it is in no revision control", (await FileKeeping.LookAsync(path, default)).Problem);
        await GitAsync("git init -q; git config user.email a@b; git config user.name a; git config core.fsmonitor 'touch ran; false'");
        Assert.Equal("it lies in a repository of git, and is not part of it", (await FileKeeping.LookAsync(path, default)).Problem);
        await GitAsync("git -c core.fsmonitor=false add environment.psd1; git -c core.fsmonitor=false commit -q -m first; rm -f ran");
        var kept = await FileKeeping.LookAsync(path, default);
        Assert.Equal(("", false), (kept.Problem, kept.HasRemote));
        Assert.Matches("^[0-9a-f]{7,}$", kept.Revision);
        await GitAsync("git remote add origin git@host:environment.git");
        Assert.True((await FileKeeping.LookAsync(path, default)).HasRemote);
        File.AppendAllText(path, "\n");
        Assert.Equal("it was changed and not committed", (await FileKeeping.LookAsync(path, default)).Problem);
        Assert.False(File.Exists(_folder["it's here/ran"]));

        async Task GitAsync(string commands) => (await new LocalShell("localhost").RunAsync($"cd {ShellQuote.Word(Path.GetDirectoryName(path)!)} && {{ {commands}; }}", default)).EnsureSuccess();
    }

    [RootFact("git")]
    public async Task A_repository_that_git_does_not_look_into_is_not_told_as_none()
    {
        string path = _folder["theirs/environment.psd1"];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "@{ Name = 'shop' }");
        string folder = ShellQuote.Word(Path.GetDirectoryName(path)!);
        (await new LocalShell("localhost").RunAsync($"cd {folder} && git init -q && chown -R 54321 .", default)).EnsureSuccess();
        Assert.Contains("belongs to another user", (await FileKeeping.LookAsync(path, default)).Problem, StringComparison.Ordinal);
        (await new LocalShell("localhost").RunAsync($"cd {folder} && chown -R 0 . && git config core.repositoryformatversion 99", default)).EnsureSuccess();
        Assert.StartsWith("git does not say whether it has it: fatal: ", (await FileKeeping.LookAsync(path, default)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_git_says_is_read_or_passed_over() =>
        ParserFuzz.Run("git's answer", static text => FileKeeping.Parse(text), ["revision a8bbf27 1795751976\nchanged\nremote\n", "untracked\n", "revision a8bbf27 99999999999999999999\n", "revision \u001b[2J -1\n", "refused fatal: bad config line 1\n", "refused \n", ""]);

    private RollingJournal Write(string name, bool over, params (RollingUpdatePhase Phase, RollingMark Mark)[] marks)
    {
        var journal = RollingJournal.Create(_folder["journals"], new RollingHeader { Update = "", LoadBalancer = name, Entry = name, Batches = [["web1"]], Options = new RollingOptions(), Time = _time.GetUtcNow() }, _time);
        foreach (var (phase, mark) in marks) journal.Add(new RollingRecord { Server = "web1", Phase = phase, Mark = mark, Error = mark == RollingMark.Failed ? "no answer" : null });
        if (over) journal.Add(new RollingRecord { Mark = RollingMark.Over });
        return journal;
    }

    private ReadinessSources Sources() => new() { Environment = ReadyShop.Environment with { Path = _folder["environment.psd1"] }, Time = _time };
}

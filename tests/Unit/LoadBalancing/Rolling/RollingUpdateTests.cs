using Microsoft.Extensions.Time.Testing;
using ProdOps.Backup.Tests.Storage;
using ProdOps.LoadBalancing.Rolling;

namespace ProdOps.LoadBalancing.Tests.Rolling;

public sealed partial class RollingUpdateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly List<RollingUpdateStep> _steps = [];
    private readonly List<string> _warnings = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_server_goes_through_all_phases_before_the_next_one_is_taken_out()
    {
        var pool = new FakePool("web1", "web2", "web3");
        await UpdateAsync(pool, new RollingOptions());
        Assert.Equal(
            ["announce web1", "drain web1", "script web1", "check web1", "enable web1", "end web1", "announce web2", "drain web2", "script web2", "check web2", "enable web2", "end web2"], pool.Log.Take(12));
        Assert.Equal(2, pool.FewestUp);
        Assert.Equal(15, _steps.Count);
        Assert.All(_steps, step => Assert.Equal(RollingUpdateStatus.Done, step.Status));
        Assert.Equal([RollingUpdatePhase.Drain, RollingUpdatePhase.Update, RollingUpdatePhase.Check, RollingUpdatePhase.Enable, RollingUpdatePhase.Settle], _steps.Where(step => step.Server == "web2").Select(step => step.Phase));
        Assert.Equal(["hello from web2"], _steps.Single(step => step is { Server: "web2", Phase: RollingUpdatePhase.Update }).Output);
        var settled = _steps.Last();
        Assert.InRange(settled.Duration, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(11));
        Assert.EndsWith("requests, 0 failed", settled.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_somebody_else_is_at_work_nothing_is_done_and_nothing_noted()
    {
        var pool = new FakePool("web1", "web2") { IsHeld = true };
        Assert.Equal("BackendPoolLocked", (await Assert.ThrowsAsync<ProdOpsException>(() => UpdateAsync(pool, new RollingOptions()))).ErrorId);
        Assert.Empty(pool.Log);
    }

    [Theory]
    [InlineData(1000L, "50 requests to all servers together; failures are not counted by server")]
    [InlineData(null, "requests are not counted by server")]
    public async Task Where_balancers_do_not_count_by_server_that_is_said(long? counted, string message)
    {
        var pool = new FakePool("web1", "web2") { CountsByServer = false, Counted = counted };
        await UpdateAsync(pool, new RollingOptions());
        Assert.Equal(message, _steps.Last().Message);
    }

    [Fact]
    public async Task A_canary_comes_first_and_then_batches()
    {
        var pool = new FakePool("web1", "web2", "web3", "web4", "web5");
        await UpdateAsync(pool, new RollingOptions { Canary = 1, BatchSize = 2, MinimumHealthy = 3 });
        Assert.Equal([("web1", 1), ("web2", 2), ("web3", 2), ("web4", 3), ("web5", 3)], _steps.Where(step => step.Phase == RollingUpdatePhase.Update).Select(step => (step.Server, step.Batch)));
        Assert.Equal(3, pool.FewestUp);
    }

    [Fact]
    public void A_plan_that_leaves_too_few_is_refused()
    {
        string[] servers = ["web1", "web2", "web3"];
        Assert.Equal("RollingUpdateTooFewLeft", Assert.Throws<ProdOpsException>(() => RollingPlan.Make("web", servers, servers, new RollingOptions { BatchSize = 3 })).ErrorId);
        Assert.Equal("RollingUpdateTooFewLeft", Assert.Throws<ProdOpsException>(() => RollingPlan.Make("web", servers, ["web1", "web2"], new RollingOptions { MinimumHealthy = 2 })).ErrorId);
        Assert.Equal("RollingUpdateNothingToDo", Assert.Throws<ProdOpsException>(() => RollingPlan.Make("web", [], servers, new RollingOptions())).ErrorId);
        Assert.Single(RollingPlan.Make("web", servers, servers, new RollingOptions { BatchSize = 3, MinimumHealthy = 0 }).Batches);
    }

    [Fact]
    public void What_would_be_done_is_shown_step_by_step()
    {
        var pool = new FakePool("web1", "web2");
        var states = new Dictionary<string, BackendServerState> { ["web1"] = BackendServerState.Up, ["web2"] = BackendServerState.Maintenance };
        var steps = RollingPlan.Make("web", ["web1", "web2"], ["web1", "web3"], new RollingOptions()).Show("(new)", "web", states, new Dictionary<string, RollingLeftOut>(), new RollingOptions(), pool, _time.GetUtcNow()).ToList();
        Assert.Equal(10, steps.Count);
        Assert.All(steps, step => Assert.Equal(RollingUpdateStatus.Planned, step.Status));
        Assert.Equal(["may take 60 s to finish its requests", "make it new", "GET /health", "back into service, seen up by every balancer", "its answers are watched for 10 s"], steps.Take(5).Select(step => step.Message));
        Assert.Equal(["is in maintenance already", "make it new", "GET /health", "stays in maintenance, as it was", "nothing to watch"], steps.Skip(5).Select(step => step.Message));
    }

    [Fact]
    public async Task A_script_that_fails_stops_the_update_and_leaves_that_server_out_and_the_others_in()
    {
        var pool = new FakePool("web1", "web2", "web3") { ScriptError = server => server == "web2" ? "exit code 100" : null };
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => UpdateAsync(pool, new RollingOptions()));
        Assert.Equal("RollingUpdateStopped", error.ErrorId);
        Assert.Contains("web2 failed in Update: exit code 100.", error.Message, StringComparison.Ordinal);
        string update = Assert.Single(RollingJournal.List(_folder["j"]));
        Assert.Contains($"Invoke-RollingUpdate -Resume {update} ", error.Recommendation, StringComparison.Ordinal);
        Assert.Contains($"Invoke-RollingUpdate -Undo {update} ", error.Recommendation, StringComparison.Ordinal);
        Assert.Equal([BackendServerState.Up, BackendServerState.Maintenance, BackendServerState.Up], await StatesAsync(pool));
        Assert.Equal("exit code 100", _steps.Last().Error);
        Assert.Equal(["hello from web2"], _steps.Last().Output);
        Assert.DoesNotContain("script web3", pool.Log);

        // Mended: it goes on with that server, from the beginning, and does the first one not again.
        pool.ScriptError = _ => null;
        pool.Log.Clear();
        await ResumeAsync(pool, update);
        Assert.Equal(["announce web2", "drain web2", "script web2", "check web2", "enable web2", "end web2", "announce web3", "drain web3", "script web3"], pool.Log.Take(9));
        Assert.All(await StatesAsync(pool), state => Assert.Equal(BackendServerState.Up, state));
        Assert.Equal("RollingUpdateOver", (await Assert.ThrowsAsync<ProdOpsException>(() => ResumeAsync(pool, update))).ErrorId);
    }

    [Fact]
    public async Task Failures_that_are_tolerated_let_the_others_go_on()
    {
        var pool = new FakePool("web1", "web2", "web3") { CheckError = server => server == "web1" ? "HTTP 503" : null };
        await UpdateAsync(pool, new RollingOptions { MaxFailures = 1, CheckTimeout = TimeSpan.FromSeconds(3) });
        Assert.Equal([BackendServerState.Maintenance, BackendServerState.Up, BackendServerState.Up], await StatesAsync(pool));
        var failed = _steps.Single(step => step.Status == RollingUpdateStatus.Failed);
        Assert.Equal((RollingUpdatePhase.Check, "HTTP 503"), (failed.Phase, failed.Error));
        Assert.Contains(_warnings, warning => warning.StartsWith("web1 failed. Invoke-RollingUpdate -Resume web-", StringComparison.Ordinal));
        // Asked every second, as long as it may take.
        Assert.InRange(pool.Log.Count(entry => entry == "check web1"), 2, 4);
    }

    [Fact]
    public async Task A_server_that_takes_a_while_until_it_is_well_is_waited_for()
    {
        int asked = 0;
        var pool = new FakePool("web1", "web2") { CheckError = _ => ++asked % 5 == 0 ? null : "connection refused" };
        await UpdateAsync(pool, new RollingOptions());
        Assert.All(await StatesAsync(pool), state => Assert.Equal(BackendServerState.Up, state));
    }

    [Fact]
    public async Task A_server_that_does_not_come_up_is_taken_out_again()
    {
        var pool = new FakePool("web1", "web2") { EnableError = server => server == "web1" ? "web1 is not up after 60 s." : null };
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => UpdateAsync(pool, new RollingOptions()));
        Assert.Contains("web1 failed in Enable: web1 is not up after 60 s.", error.Message, StringComparison.Ordinal);
        Assert.Equal([BackendServerState.Maintenance, BackendServerState.Up], await StatesAsync(pool));
    }

    [Fact]
    public async Task A_server_whose_answers_are_worse_than_before_is_taken_out_again()
    {
        var pool = new FakePool("web1", "web2") { Errors = server => server == "web1" ? 1 : 0 };
        // What failed before the update is no reason.
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => UpdateAsync(pool, new RollingOptions()));
        Assert.Matches(@"web1 failed in Settle: [1-9]\d* of \d+00 requests failed, where [\d.]+% did before\.", error.Message);
        Assert.Equal([BackendServerState.Maintenance, BackendServerState.Up], await StatesAsync(pool));
    }

    [Fact]
    public void Failures_count_by_what_was_usual_before_and_a_balancers_reload_does_not()
    {
        static BackendServer View(string balancer, long total, long errors, BackendServerState state = BackendServerState.Up) => new() { Name = "web1", Pool = "web", Balancer = balancer, Total = total, ServerErrors = errors, State = state };
        var usual = new SettleJudge(0.01);
        Assert.Null(usual.Look([View("lb1", 5000, 500), View("lb2", 0, 0)]));
        Assert.Null(usual.Look([View("lb1", 5500, 505), View("lb2", 500, 10)]));
        Assert.Equal((1000, 15), (usual.Requests, usual.Failures));
        // 10 are to be expected of 1,000; more than 10 + 3 * sqrt(10) are not by chance.
        Assert.NotNull(usual.Look([View("lb1", 5500, 505), View("lb2", 500, 25)]));
        var reloaded = new SettleJudge(0);
        Assert.Null(reloaded.Look([View("lb1", 5000, 500)]));
        Assert.Null(reloaded.Look([View("lb1", 20, 0)]));
        Assert.Equal(20, reloaded.Requests);
        Assert.NotNull(reloaded.Look([View("lb1", 21, 1)]));
        Assert.Equal("lb1 sees it down", new SettleJudge(1).Look([View("lb1", 1, 0, BackendServerState.Down)]));
        Assert.Equal(0, SettleJudge.ShareOf([]));
        Assert.Equal(0.05, SettleJudge.ShareOf([View("lb1", 50, 5), View("lb2", 50, 0)]));
    }

    [Fact]
    public async Task It_stops_before_a_batch_that_would_leave_too_few()
    {
        var pool = new FakePool("web1", "web2", "web3");
        pool.OnScript = (server, _) =>
        {
            if (server == "web1") pool["web3"] = BackendServerState.Down;
            return Task.CompletedTask;
        };
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => UpdateAsync(pool, new RollingOptions { MinimumHealthy = 2 }));
        Assert.Equal("RollingUpdateTooFewHealthy", error.ErrorId);
        Assert.Equal(BackendServerState.Up, pool["web2"]);
        pool["web3"] = BackendServerState.Up;
        await ResumeAsync(pool, RollingJournal.List(_folder["j"])[0]);
        Assert.All(await StatesAsync(pool), state => Assert.Equal(BackendServerState.Up, state));
        Assert.Equal([1, 1, 1], pool.Runs.Values);
    }

    private static async Task<BackendServerState[]> StatesAsync(FakePool pool) => [.. (await pool.ReadAsync(default)).Where(server => server.Balancer == "lb1").Select(server => server.State)];

    private static RollingHeader Header(IReadOnlyList<IReadOnlyList<string>> batches, RollingOptions options) => new() { Update = "", LoadBalancer = "web", Batches = batches, Options = options };

    private async Task UpdateAsync(FakePool pool, RollingOptions options, string? folder = null, CancellationToken cancellationToken = default)
    {
        var views = await pool.ReadAsync(cancellationToken);
        var (states, share) = RollingUpdate.Survey(views);
        var left = RollingLeftOut.Find(folder ?? _folder["j"], _ => true, views);
        var plan = RollingPlan.Make("web", [.. states.Keys], [.. states.Where(state => state.Value == BackendServerState.Up).Select(state => state.Key)], options);
        using var journal = RollingJournal.Create(folder ?? _folder["j"], Header(plan.Batches, options) with { FormerShare = share }, _time);
        await FinishAsync(new RollingUpdate(journal, pool, pool, Emit, _time, new Listener(_warnings)) { LeftOut = left }.RunAsync(cancellationToken));
    }

    private async Task ResumeAsync(FakePool pool, string update, string? folder = null)
    {
        using var journal = RollingJournal.Open(folder ?? _folder["j"], update, _time);
        await FinishAsync(new RollingUpdate(journal, pool, pool, Emit, _time, new Listener(_warnings)).RunAsync(default));
    }

    private async Task UndoAsync(FakePool pool, string update)
    {
        using var journal = RollingJournal.Open(_folder["j"], update, _time);
        await FinishAsync(new RollingUpdate(journal, pool, pool, Emit, _time, new Listener(_warnings)).UndoAsync(default));
    }

    private Task Emit(RollingUpdateStep step)
    {
        lock (_steps) _steps.Add(step);
        return Task.CompletedTask;
    }

    /// <summary>Lets the clock go on until it is over.</summary>
    private async Task FinishAsync(Task work)
    {
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(1));
            _time.Advance(TimeSpan.FromMilliseconds(500));
        }

        await work;
    }

    private sealed class Listener(List<string> warnings) : IActivity
    {
        public void Verbose(string message)
        {
        }

        public void Warning(string message)
        {
            lock (warnings) warnings.Add(message);
        }

        public void Error(ProdOpsException error) => Assert.Fail(error.Message);

        public void Progress(ActivityProgress progress)
        {
        }
    }
}

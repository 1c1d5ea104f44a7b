using ProdOps.LoadBalancing.Rolling;

namespace ProdOps.LoadBalancing.Tests.Rolling;

/// <content>Updates that are called off, killed, or undone.</content>
public sealed partial class RollingUpdateTests
{
    [Fact]
    public async Task Undoing_runs_the_other_script_where_the_first_had_begun_the_latest_first()
    {
        var pool = new FakePool("web1", "web2", "web3", "web4") { ScriptError = server => server == "web3" ? "no" : null };
        await Assert.ThrowsAsync<ProdOpsException>(() => UpdateAsync(pool, new RollingOptions()));
        pool.ScriptError = _ => null;
        pool.Log.Clear();
        _steps.Clear();
        string update = RollingJournal.List(_folder["j"])[0];
        await UndoAsync(pool, update);
        Assert.Equal(["script web3", "script web2", "script web1"], pool.Log.Where(entry => entry.StartsWith("script", StringComparison.Ordinal)));
        Assert.All(await StatesAsync(pool), state => Assert.Equal(BackendServerState.Up, state));
        Assert.Equal(3, _steps.Count(step => step.Phase == RollingUpdatePhase.Undo));
        Assert.DoesNotContain(_steps, step => step.Phase == RollingUpdatePhase.Update);
        Assert.Empty(_warnings);
        Assert.Equal("RollingUpdateOver", (await Assert.ThrowsAsync<ProdOpsException>(() => ResumeAsync(pool, update))).ErrorId);
    }

    [Fact]
    public async Task Called_off_while_it_finishes_its_requests_a_server_goes_back_into_service()
    {
        using var stop = new CancellationTokenSource();
        var pool = new FakePool("web1", "web2") { OnDrain = async (server, token) => await (server == "web1" ? stop.CancelAsync() : Task.CompletedTask).ContinueWith(_ => token.ThrowIfCancellationRequested(), TaskScheduler.Default) };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => UpdateAsync(pool, new RollingOptions(), cancellationToken: stop.Token));
        Assert.All(await StatesAsync(pool), state => Assert.Equal(BackendServerState.Up, state));
        Assert.Contains("end web1", pool.Log);
        pool.OnDrain = (_, _) => Task.CompletedTask;
        await ResumeAsync(pool, RollingJournal.List(_folder["j"])[0]);
        Assert.Equal([1, 1], pool.Runs.Values);
    }

    [Fact]
    public async Task Called_off_while_the_script_runs_that_server_stays_out_and_those_that_wait_go_back()
    {
        using var stop = new CancellationTokenSource();
        var pool = new FakePool("web1", "web2", "web3");
        pool.OnScript = async (_, token) =>
        {
            await stop.CancelAsync();
            token.ThrowIfCancellationRequested();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => UpdateAsync(pool, new RollingOptions { BatchSize = 2 }, cancellationToken: stop.Token));
        Assert.Equal([BackendServerState.Maintenance, BackendServerState.Up, BackendServerState.Up], await StatesAsync(pool));
        Assert.Contains(_warnings, warning => warning.StartsWith("web1 stays out of service: the update was called off while the script ran. Invoke-RollingUpdate -Resume web-", StringComparison.Ordinal));
        pool.OnScript = (_, _) => Task.CompletedTask;
        await ResumeAsync(pool, RollingJournal.List(_folder["j"])[0]);
        Assert.All(await StatesAsync(pool), state => Assert.Equal(BackendServerState.Up, state));
        Assert.Contains(_warnings, warning => warning.StartsWith("On web1 the script had begun", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    public async Task Killed_at_any_moment_it_can_be_taken_up_again(int batchSize, int canary)
    {
        var options = new RollingOptions { BatchSize = batchSize, Canary = canary, SettleTime = TimeSpan.FromSeconds(2) };
        for (int moment = 0; ; moment++)
        {
            foreach (bool before in new[] { true, false })
            {
                var pool = new FakePool("web1", "web2", "web3", "web4") { DiesAfter = moment, DiesBeforeEffect = before };
                string folder = _folder[$"k{moment}{before}"];
                bool killed = false;
                try
                {
                    await UpdateAsync(pool, options, folder: folder);
                }
                catch (KilledException)
                {
                    killed = true;
                }

                if (!killed)
                {
                    Assert.False(pool.IsDead);
                    Assert.True(moment > 30, "It came to its end too early to have tried much.");
                    return;
                }

                var next = Next(pool);
                if (RollingJournal.List(folder) is [var update]) await ResumeAsync(next, update, folder);
                else await UpdateAsync(next, options, folder: folder);
                Assert.All(await StatesAsync(next), state => Assert.Equal(BackendServerState.Up, state));
                // Each script ran to its end once; again only the one that nobody saw ending.
                string[] all = ["web1", "web2", "web3", "web4"];
                var runs = all.Select(server => pool.Runs.GetValueOrDefault(server) + next.Runs.GetValueOrDefault(server)).ToList();
                Assert.All(runs, count => Assert.InRange(count, 1, 2));
                Assert.True(runs.Sum() <= 4 + (before ? 0 : 1), $"moment {moment}: {string.Join(' ', runs)}");
                Assert.True(Math.Min(pool.FewestUp, next.FewestUp) >= 4 - batchSize);
            }
        }
    }

    private static FakePool Next(FakePool dead)
    {
        string[] servers = ["web1", "web2", "web3", "web4"];
        var next = new FakePool(servers);
        next.TakeFrom(dead);
        return next;
    }
}

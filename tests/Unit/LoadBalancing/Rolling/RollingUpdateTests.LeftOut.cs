using ProdOps.LoadBalancing.Rolling;

namespace ProdOps.LoadBalancing.Tests.Rolling;

/// <content>Servers that somebody has taken out, and those that an update of before has left out.</content>
public sealed partial class RollingUpdateTests
{
    [Fact]
    public async Task A_server_that_somebody_took_out_is_updated_and_stays_out()
    {
        var pool = new FakePool("web1", "web2", "web3") { ["web2"] = BackendServerState.Maintenance };
        await UpdateAsync(pool, new RollingOptions());
        Assert.Equal([BackendServerState.Up, BackendServerState.Maintenance, BackendServerState.Up], await StatesAsync(pool));
        Assert.Equal(1, pool.Runs["web2"]);
        Assert.Equal(3, _steps.Count(step => step is { Server: "web2", Status: RollingUpdateStatus.Skipped }));
    }

    [Fact]
    public async Task What_a_failed_update_left_out_goes_back_with_the_next_one()
    {
        var pool = new FakePool("web1", "web2", "web3") { Time = _time, Errors = server => server == "web1" ? 50 : 0 };
        Assert.Contains("web1 failed in Settle", (await Assert.ThrowsAsync<ProdOpsException>(() => UpdateAsync(pool, new RollingOptions()))).Message, StringComparison.Ordinal);
        string failed = Assert.Single(RollingJournal.List(_folder["j"]));
        Assert.Equal(BackendServerState.Maintenance, pool["web1"]);
        pool.Errors = _ => 0;
        _time.Advance(TimeSpan.FromHours(1));
        _steps.Clear();
        await UpdateAsync(pool, new RollingOptions());
        Assert.All(await StatesAsync(pool), state => Assert.Equal(BackendServerState.Up, state));
        Assert.Equal($"was left out by {failed}", _steps.First(step => step.Server == "web1").Message);
        Assert.All(_steps, step => Assert.Equal(RollingUpdateStatus.Done, step.Status));
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task What_somebody_took_out_after_a_failed_update_stays_out_and_how_to_put_it_back_is_said()
    {
        var pool = new FakePool("web1", "web2", "web3") { Time = _time, ScriptError = server => server == "web1" ? "no" : null };
        await Assert.ThrowsAsync<ProdOpsException>(() => UpdateAsync(pool, new RollingOptions()));
        string failed = Assert.Single(RollingJournal.List(_folder["j"]));
        pool.ScriptError = _ => null;
        _time.Advance(TimeSpan.FromSeconds(10));
        (pool["web1"], pool["web1"]) = (BackendServerState.Up, BackendServerState.Maintenance);
        await UpdateAsync(pool, new RollingOptions());
        Assert.Equal([BackendServerState.Maintenance, BackendServerState.Up, BackendServerState.Up], await StatesAsync(pool));
        string warning = Assert.Single(_warnings);
        Assert.Contains(failed, warning, StringComparison.Ordinal);
        Assert.EndsWith("Enable-BackendServer web1 puts it back.", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Killed_at_any_moment_the_next_update_leaves_no_server_out()
    {
        var options = new RollingOptions { SettleTime = TimeSpan.FromSeconds(2) };
        for (int moment = 0, killed = 1; killed > 0; moment++)
        {
            killed = 0;
            foreach (bool before in new[] { true, false })
            {
                var pool = new FakePool("web1", "web2", "web3", "web4") { Time = _time, DiesAfter = moment, DiesBeforeEffect = before };
                string folder = _folder[$"n{moment}{before}"];
                try
                {
                    await UpdateAsync(pool, options, folder: folder);
                    continue;
                }
                catch (KilledException)
                {
                    killed++;
                }

                _time.Advance(TimeSpan.FromMinutes(10));
                var next = Next(pool);
                await UpdateAsync(next, options, folder: folder);
                Assert.All(await StatesAsync(next), state => Assert.Equal(BackendServerState.Up, state));
                Assert.Equal(4, next.Runs.Count);
            }
        }
    }
}

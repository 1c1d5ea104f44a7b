using Microsoft.Extensions.Time.Testing;
using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Monitoring.Running;

namespace ProdOps.Monitoring.Tests.Running;

public sealed class ServerWatchTests
{
    [Fact]
    public async Task A_limit_that_is_reached_in_the_moment_of_the_answer_harms_nobody()
    {
        var time = new LateTimers();
        var answer = new ProbeAnswer(new ProbeReport { Uptime = 1 }, new ProbeTiming(time.GetUtcNow(), TimeSpan.Zero));
        using var turn = new SemaphoreSlim(1);
        var watch = new ServerWatch(new Server { Name = "web1" }, (_, _) => Task.FromResult(answer), new MonitorPace(TimeSpan.FromSeconds(1)), turn, time);
        Assert.Equal(HealthState.OK, (await watch.LookAsync(default)).Reachability);
        // The timer's thread was on its way already: what it does there nobody catches.
        Assert.NotEmpty(time.Fired);
        foreach (var fire in time.Fired) fire();
        Assert.Equal(HealthState.OK, (await watch.LookAsync(default)).Reachability);
    }

    [Fact]
    public async Task While_a_server_looks_for_updates_it_is_known_how_it_is_and_that_it_is_gone()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        using var turn = new SemaphoreSlim(1);
        var daily = new List<TaskCompletionSource<ProbeAnswer>>();
        bool gone = false;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var watch = new ServerWatch(new Server { Name = "web1" }, AskAsync, new MonitorPace(TimeSpan.FromSeconds(5)), turn, time);
        async Task<Observation> LookAsync()
        {
            limit.Token.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromSeconds(5));
            return await watch.LookAsync(default).WaitAsync(limit.Token);
        }

        for (int i = 0; i < 10; i++) Assert.Equal(HealthState.OK, (await LookAsync()).Reachability);
        Assert.Single(daily);
        gone = true;
        Assert.Equal(HealthState.Critical, (await LookAsync()).Reachability);
        gone = false;
        daily[0].SetException(new ProdOpsException("ConnectionLost", ErrorKind.ResourceUnavailable, "The connection was lost."));
        while (turn.CurrentCount == 0) await Task.Delay(1, limit.Token);
        // What did not come is asked for again, and not each time.
        for (int i = 0; i < 10; i++) Assert.Equal(HealthState.OK, (await LookAsync()).Reachability);
        Assert.Single(daily);
        time.Advance(TimeSpan.FromMinutes(15));
        while (daily.Count < 2) await LookAsync();
        Assert.DoesNotContain((await LookAsync()).Measurements, one => one.Metric == "updates.pending");
        daily[1].SetResult(Answer(new ProbeReport { Uptime = 1, Updates = new UpdateReport { Pending = 7 } }));
        var found = await LookAsync();
        while (!found.Parts.HasFlag(ProbeParts.Daily)) found = await LookAsync();
        Assert.Equal((HealthState.OK, 7.0), (found.Reachability, Assert.Single(found.Measurements, one => one.Metric == "updates.pending").Value));
        Assert.Single(found.Measurements, one => one.Metric == "uptime");
        time.Advance(TimeSpan.FromHours(23));
        for (int i = 0; i < 10; i++) Assert.DoesNotContain((await LookAsync()).Measurements, one => one.Metric == "updates.pending");
        Assert.Equal(2, daily.Count);
        time.Advance(TimeSpan.FromHours(1));
        await LookAsync();
        Assert.Equal(3, daily.Count);
        // Whoever ends waits until nothing is asked any more.
        var end = watch.EndAsync();
        Assert.False(end.IsCompleted);
        time.Advance(TimeSpan.FromMinutes(3));
        await end.WaitAsync(limit.Token);
        Assert.Equal(1, turn.CurrentCount);

        ProbeAnswer Answer(ProbeReport report) => new(report, new ProbeTiming(time.GetUtcNow(), TimeSpan.Zero));
        Task<ProbeAnswer> AskAsync(ProbeRequest request, CancellationToken token)
        {
            if (gone) return Task.FromException<ProbeAnswer>(new ProdOpsException("ConnectFailed", ErrorKind.ResourceUnavailable, "Nobody is at home."));
            if (!request.Parts.HasFlag(ProbeParts.Daily)) return Task.FromResult(Answer(new ProbeReport { Uptime = time.GetUtcNow().ToUnixTimeSeconds() }));
            daily.Add(new TaskCompletionSource<ProbeAnswer>());
            return daily[^1].Task.WaitAsync(token);
        }
    }

    [Fact]
    public async Task A_server_that_is_asked_once_an_hour_is_asked_for_updates_too()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        using var turn = new SemaphoreSlim(1);
        var asked = new List<ProbeParts>();
        var watch = new ServerWatch(new Server { Name = "web1" }, (request, _) =>
        {
            asked.Add(request.Parts);
            return Task.FromResult(new ProbeAnswer(new ProbeReport { Uptime = time.GetUtcNow().ToUnixTimeSeconds() }, new ProbeTiming(time.GetUtcNow(), TimeSpan.Zero)));
        }, new MonitorPace(TimeSpan.FromHours(1)), turn, time);
        for (int i = 0; i < 48; i++)
        {
            await watch.LookAsync(default);
            time.Advance(TimeSpan.FromHours(1));
        }

        Assert.InRange(asked.Count(static parts => parts.HasFlag(ProbeParts.Daily)), 2, 3);
    }

    /// <summary>Timers that go off when they are over.</summary>
    private sealed class LateTimers : TimeProvider
    {
        public List<Action> Fired { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Fired.Add(() => callback(state));
            return new Never();
        }

        private sealed class Never : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => default;
        }
    }
}

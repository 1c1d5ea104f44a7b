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
        var watch = new ServerWatch(new Server { Name = "web1" }, (_, _) => Task.FromResult(answer), new MonitorPace(TimeSpan.FromSeconds(1)), time);
        Assert.Equal(HealthState.OK, (await watch.LookAsync(default)).Reachability);
        // The timer's thread was on its way already: what it does there nobody catches.
        Assert.NotEmpty(time.Fired);
        foreach (var fire in time.Fired) fire();
        Assert.Equal(HealthState.OK, (await watch.LookAsync(default)).Reachability);
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

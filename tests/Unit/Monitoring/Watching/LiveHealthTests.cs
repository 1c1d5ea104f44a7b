using System.Collections.Concurrent;
using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.Watching;
using ProdOps.Servers.Commands;

namespace ProdOps.Monitoring.Tests.Watching;

/// <summary>What is made of rounds of the servers themselves.</summary>
public sealed class LiveHealthTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly LiveServer _server = new(new Server { Name = "web1", Roles = ["App"] }, new RuleSet(DefaultRules.All).For("web1", ["App"]));

    [Fact]
    public void A_round_is_judged_by_the_rules_of_the_moment()
    {
        Assert.False(_server.Look().IsKnown);
        _server.Take(Round(0, ProbeParts.Services, ("disk.used", "/", 97), ("memory.available", null, 60)));
        var look = _server.Look();
        Assert.Equal((HealthState.Critical, Start), (look.Health.State, look.Health.Time));
        Assert.Equal(("disk.used", "/"), (look.Health.Problems[0].Check, look.Health.Problems[0].Instance));
        // That there is no rate yet is no news; in the next answer it would be.
        Assert.DoesNotContain(look.Health.Checks, check => check.Check == "cpu.busy");
        _server.Take(Round(1, ProbeParts.Fast, ("disk.used", "/", 50), ("memory.available", null, 60)));
        Assert.Equal(["cpu.busy"], _server.Look().Health.Problems.Select(problem => problem.Check));
        _server.Take(Round(2, ProbeParts.Fast, ("disk.used", "/", 50), ("memory.available", null, 60), ("cpu.busy", null, 10)));
        Assert.Equal((HealthState.OK, 10, 40, 50), (_server.Look().Health.State, _server.Look().Health.CpuBusy, _server.Look().Health.MemoryUsed, _server.Look().Health.DiskUsed));
        Assert.Equal([double.NaN, double.NaN, 10], _server.Look().Trend.Cpu);
    }

    [Fact]
    public void What_is_asked_seldom_stays_and_what_is_gone_goes()
    {
        _server.Take(Round(0, ProbeParts.Fast, ("disk.used", "/", 50), ("disk.used", "/mnt", 97)));
        _server.Take(Round(1, ProbeParts.Services | ProbeParts.Slow, ("disk.used", "/", 50), ("disk.used", "/mnt", 97), ("process.zombie", null, 3)));
        _server.Take(Round(2, ProbeParts.Fast, ("disk.used", "/", 50)));
        Assert.Contains(_server.Look().Health.Metrics, sample => sample.Name == "process.zombie");
        Assert.DoesNotContain(_server.Look().Health.Metrics, sample => sample.Instance == "/mnt");
        _server.Take(Round(3, ProbeParts.Services | ProbeParts.Slow, ("disk.used", "/", 50)));
        Assert.DoesNotContain(_server.Look().Health.Metrics, sample => sample.Name == "process.zombie");
    }

    [Fact]
    public void A_server_that_falls_silent_has_no_values_and_its_checks_go_on()
    {
        _server.Take(Round(0, ProbeParts.Fast, ("disk.used", "/", 97)));
        _server.Take(new Observation("web1", Start) { Check = "site", Results = [new HealthCheckResult { Server = "web1", Check = "site", State = HealthState.OK, Time = Start }] });
        _server.Take(new Observation("web1", Start.AddSeconds(5)) { Reachability = HealthState.Critical, Message = "no answer within 10 s" });
        var health = _server.Look().Health;
        Assert.Equal(["reachability", "site"], health.Checks.Select(check => check.Check));
        Assert.Equal((HealthState.Critical, "no answer within 10 s"), (health.State, health.Problems[0].Message));
        Assert.Null(health.DiskUsed);
    }

    [Fact]
    public async Task Servers_and_checks_are_asked_round_after_round()
    {
        var asked = new ConcurrentQueue<ProbeParts>();
        var setup = new MonitorSetup
        {
            Environment = "shop",
            Servers = [new Server { Name = "web1" }, new Server { Name = "db1" }],
            Checks = [new WatchedCheck(new HealthCheckDefinition { Name = "site", Interval = TimeSpan.FromMilliseconds(50) }, "example", new Good())],
            Pace = new MonitorPace(TimeSpan.FromMilliseconds(50)) { AsksDaily = false },
        };
        using var live = new LiveHealth(setup, new LoopServices
        {
            Ask = (server, request, _) =>
            {
                if (server.Name == "db1") throw new ProdOpsException("ConnectFailed", ErrorKind.ResourceUnavailable, "Nobody is at home.");
                asked.Enqueue(request.Parts);
                return Task.FromResult(new ProbeAnswer(new ProbeReport { Uptime = Environment.TickCount64 / 1000.0 }, new ProbeTiming(TimeProvider.System.GetUtcNow(), TimeSpan.Zero)));
            },
            Actions = new ActionRunner((_, _) => Task.FromResult<IServerShell>(new LocalShell("here")), TimeProvider.System),
        });
        Assert.Null(live.Look().Age);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var running = live.RunAsync(stop.Token);
        while (asked.Count < 5 || live.Look().Servers.Any(server => !server.IsKnown)) await Task.Delay(10, stop.Token);
        var picture = live.Look();
        Assert.Equal(["web1", "db1", "example"], picture.Servers.Select(server => server.Health.Server));
        Assert.Equal((HealthState.Critical, "Nobody is at home."), (picture.Servers[1].Health.State, picture.Servers[1].Health.Problems[0].Message));
        Assert.Equal(HealthState.OK, picture.Servers[2].Health.State);
        Assert.Equal("shop", picture.Environment);
        Assert.DoesNotContain(asked, parts => parts.HasFlag(ProbeParts.Daily));
        Assert.False(running.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static Observation Round(int number, ProbeParts parts, params (string Metric, string? Instance, double Value)[] measured) => new("web1", Start.AddSeconds(number * 5))
    {
        Reachability = HealthState.OK,
        Report = new ProbeReport { Uptime = number },
        Parts = parts,
        Measurements = [.. measured.Select(one => new Measurement(one.Metric, one.Instance, one.Value))],
    };

    private sealed class Good : IHealthCheck
    {
        public Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<HealthCheckResult>>([new HealthCheckResult { Server = "example", Check = "site", State = HealthState.OK, Time = TimeProvider.System.GetUtcNow() }]);
    }
}

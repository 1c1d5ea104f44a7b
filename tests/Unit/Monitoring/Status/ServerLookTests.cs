using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.Status;
using ProdOps.Servers.Commands;

namespace ProdOps.Monitoring.Tests.Status;

public sealed class ServerLookTests
{
    private static readonly Server Here = new() { Name = "here", IsLocal = true, Roles = ["App"], Services = ["no-such-thing"] };
    private static readonly ServerLook Look = new(new RuleSet(DefaultRules.All), TimeProvider.System);

    [LinuxFact]
    public async Task This_machine_is_read_with_rates_at_once()
    {
        var health = await LookAsync(_ => Task.FromResult<IServerShell>(new LocalShell("here")));
        Assert.Equal(("here", "App"), (health.Server, Assert.Single(health.Roles)));
        Assert.Equal(HealthState.OK, health.Checks.Single(check => check.Check == "reachability").State);
        foreach (string metric in (string[])["cpu.busy", "memory.available", "disk.used", "load.1", "uptime"]) Assert.Contains(health.Metrics, sample => sample.Name == metric);
        Assert.InRange(health.CpuBusy!.Value, 0, 100);
        Assert.InRange(health.MemoryUsed!.Value, 0, 100);
        Assert.InRange(health.DiskUsed!.Value, 0, 100);
        Assert.True(health.Uptime > TimeSpan.Zero);
        var service = health.Checks.Single(check => check.Check == "service");
        Assert.Equal("no-such-thing", service.Instance);
        Assert.NotEqual(HealthState.OK, service.State);
        Assert.Equal(health.Checks.Where(check => check.State != HealthState.OK), health.Problems);
        Assert.Equal(health.Checks.Max(check => check.State), health.State);
        Assert.Equal(health.Checks.OrderByDescending(check => check.State).Select(check => check.State), health.Checks.Select(check => check.State));
    }

    [LinuxFact]
    public async Task What_takes_the_server_longer_is_asked_when_the_rates_are_known()
    {
        var shell = new RecordingShell();
        var health = await LookAsync(_ => Task.FromResult<IServerShell>(shell));
        Assert.Equal([false, true], shell.Asked.Select(asked => asked.Text.Contains("slow()", StringComparison.Ordinal)));
        Assert.True(TimeProvider.System.GetElapsedTime(shell.Asked[0].At, shell.Asked[1].At).TotalSeconds >= ProbeMeasurements.MinimumInterval);
        foreach (string metric in (string[])["cpu.busy", "process.forks", "process.zombie"]) Assert.Contains(health.Metrics, sample => sample.Name == metric);
        Assert.Equal(health.Metrics.Count, health.Metrics.DistinctBy(sample => (sample.Name, sample.Instance)).Count());
    }

    [Fact]
    public async Task What_cannot_be_reached_is_critical_with_the_reason()
    {
        var health = await LookAsync(_ => throw new ProdOpsException("HostKeyChanged", ErrorKind.Authentication, "The key of 'here' has changed.", "Find out why."));
        Assert.Equal((HealthState.Critical, "reachability", "The key of 'here' has changed."), (health.State, Assert.Single(health.Problems).Check, health.Problems[0].Message));
        Assert.Null(health.CpuBusy);
        Assert.Null(health.MemoryUsed);
    }

    [LinuxFact]
    public async Task One_that_takes_too_long_is_critical()
    {
        var health = await Look.LookAsync(Here, _ => Task.FromResult<IServerShell>(new HangingShell()), ProbeParts.Fast, TimeSpan.FromMilliseconds(100), CancellationToken.None);
        Assert.Equal((HealthState.Critical, "connected, but no answer within 100 ms"), (health.State, Assert.Single(health.Checks).Message));
    }

    [LinuxFact]
    public async Task Calling_off_is_no_result()
    {
        using var cancel = new CancellationTokenSource();
        var looking = Look.LookAsync(Here, _ => Task.FromResult<IServerShell>(new HangingShell()), ProbeParts.Fast, TimeSpan.FromMinutes(10), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => looking);
    }

    [LinuxFact]
    public async Task Of_a_server_whose_answer_is_none_nothing_is_known_and_no_value_is_made_up()
    {
        var health = await LookAsync(_ => Task.FromResult<IServerShell>(new OtherShell("echo 'Welcome!'; exit 0")));
        Assert.Equal(HealthState.Unknown, health.State);
        Assert.Empty(health.Metrics);
    }

    [Fact]
    public void Rules_say_what_a_moment_is_like_and_what_every_server_should_tell_is_missed()
    {
        var judge = new InstantJudge("web1", new RuleSet(DefaultRules.All).For("web1", []), new ProbeReport { FailedUnits = ["a.service", "b.service"] }, DateTimeOffset.UnixEpoch);
        var full = judge.Judge(new Measurement("disk.used", "/var", 97)).ToList();
        // That it will be full soon is for those who know its history.
        Assert.Equal((HealthState.Critical, "/var", "> 85 %", "> 95 %", "97 % used"), (Assert.Single(full).State, full[0].Instance, full[0].Warning, full[0].Critical, full[0].Message));
        Assert.Equal(HealthState.Warning, judge.Judge(new Measurement("memory.available", null, 9)).Single().State);
        Assert.Equal("a.service, b.service", judge.Judge(new Measurement("unit.failed", null, 2)).Single().Message);
        Assert.Empty(judge.Judge(new Measurement("oom.kills", null, 5)));
        Assert.Equal(["cpu.busy", "memory.available"], judge.Missing([new Measurement("disk.used", "/", 1)]).Select(check => check.Check).Order());
        Assert.All(judge.Missing([]), check => Assert.Equal(HealthState.Unknown, check.State));
    }

    [Theory]
    [InlineData("loaded", "active", "running", "success", HealthState.OK, "running")]
    [InlineData("loaded", "failed", "failed", "exit-code", HealthState.Critical, "failed (exit-code)")]
    [InlineData("loaded", "inactive", "dead", "success", HealthState.Critical, "inactive")]
    [InlineData("loaded", "activating", "auto-restart", "signal", HealthState.Critical, "it ended (signal) and is started again")]
    [InlineData("loaded", "activating", "start-pre", "success", HealthState.Warning, "it is being started")]
    [InlineData("not-found", "inactive", "dead", "success", HealthState.Critical, "there is no such service")]
    [InlineData("loaded", null, null, null, HealthState.Unknown, "the server does not tell")]
    public void A_service_must_run(string load, string? active, string? sub, string? result, HealthState state, string message)
    {
        var server = new Server { Name = "web1", Services = ["sshd"] };
        var report = new ProbeReport { Units = [new UnitReport { Name = "ssh.service", Names = ["ssh.service", "sshd.service"], LoadState = load, ActiveState = active, SubState = sub, Result = result }] };
        var check = Assert.Single(ServiceChecks.Judge(server, report, DateTimeOffset.UnixEpoch));
        Assert.Equal(("service", "sshd", state, message), (check.Check, check.Instance, check.State, check.Message));
        Assert.Equal("there is no such service", ServiceChecks.Judge(server, new ProbeReport { Units = [] }, default).Single().Message);
        Assert.Equal(HealthState.Unknown, ServiceChecks.Judge(server, new ProbeReport(), default).Single().State);
    }

    [Theory]
    [InlineData("ftp://host/file")]
    [InlineData("tcp://host")]
    [InlineData("https://")]
    [InlineData("ldap://admin:swordfish@host")]
    public async Task An_address_that_cannot_be_checked_is_an_error_without_what_is_secret(string address)
    {
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => TargetLook.LookAsync(address, TimeSpan.FromSeconds(1), TimeProvider.System, CancellationToken.None));
        Assert.Equal("HealthTargetInvalid", error.ErrorId);
        Assert.DoesNotContain("swordfish", error.Message, StringComparison.Ordinal);
    }

    private static Task<ServerHealth> LookAsync(Func<CancellationToken, Task<IServerShell>> open) => Look.LookAsync(Here, open, ProbeParts.Services | ProbeParts.Slow, TimeSpan.FromMinutes(1), CancellationToken.None);

    /// <summary>Runs something else than what it is asked to.</summary>
    private sealed class OtherShell(string command) : IServerShell
    {
        private readonly LocalShell _shell = new("here");

        public string Name => "here";

        public Task<IServerProcess> StartAsync(ServerCommand asked, CancellationToken cancellationToken) => _shell.StartAsync(new ServerCommand(command), cancellationToken);
    }

    /// <summary>Knows what it was asked, and when.</summary>
    private sealed class RecordingShell : IServerShell
    {
        private readonly LocalShell _shell = new("here");

        public List<(string Text, long At)> Asked { get; } = [];

        public string Name => "here";

        public Task<IServerProcess> StartAsync(ServerCommand asked, CancellationToken cancellationToken)
        {
            Asked.Add((asked.Text, TimeProvider.System.GetTimestamp()));
            return _shell.StartAsync(asked, cancellationToken);
        }
    }

    private sealed class HangingShell : IServerShell
    {
        public string Name => "here";

        public async Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            throw new InvalidOperationException();
        }
    }
}

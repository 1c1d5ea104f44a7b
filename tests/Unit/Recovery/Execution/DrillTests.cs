using ProdOps.Recovery.Execution;

namespace ProdOps.Recovery.Tests.Execution;

public sealed class DrillTests
{
    [Fact]
    public void A_drill_leaves_out_what_others_would_notice_and_does_what_stands_in_its_place()
    {
        using var fixture = new ExecutionFixture("""
            @{ Name = 'a'; Command = 'real'; Drill = @{ Command = 'rehearsed' } }
            @{ Name = 'b'; Command = 'mail everybody'; Drill = 'Skip' }
            @{ Name = 'c'; LoadBalancer = 'web' }
            @{ Name = 'd'; Address = 'web' }
            @{ Name = 'e'; Command = 'last' }
            """);
        fixture.Environment = fixture.Environment with { LoadBalancers = [new() { Name = "web" }] };
        var drilled = fixture.Steps(isDrill: true);
        Assert.Equal(["a rehearsed False", "b mail everybody True", "c  True", "d  True", "e last False"], drilled.Select(step => $"{step.Step.Name} {step.Step.Text} {step.IsSkipped}"));
        Assert.Equal(["real", "mail everybody", "", "", "last"], fixture.Steps().Select(step => step.Step.Text));
        Assert.DoesNotContain(fixture.Steps(), step => step.IsSkipped);
    }

    [Fact]
    public void A_drill_is_done_on_a_spare_host_and_nowhere_else()
    {
        var environment = new ProdOpsEnvironment
        {
            Name = "shop", Path = "/srv/ops/environment.psd1",
            Servers = [new() { Name = "db1", Address = "10.0.0.1" }, new() { Name = "web1", Address = "10.0.0.2", Services = ["nginx"] }, new() { Name = "spare", Address = "10.0.0.9" }],
        };
        var plan = new RecoveryPlan { Name = "db1", Server = "db1" };
        string? Refused(Server target) => DrillFence.Refusal(environment, plan, target)?.ErrorId;
        Assert.Equal("RecoveryDrillTarget", Refused(environment.Servers[0]));
        Assert.Equal("RecoveryDrillTarget", Refused(environment.Servers[1]));
        Assert.Equal("RecoveryDrillTarget", Refused(new Server { Name = "10.0.0.1" }));
        Assert.Equal("RecoveryDrillTarget", Refused(new Server { Name = "localhost", IsLocal = true }));
        Assert.Null(Refused(environment.Servers[2]));
        Assert.Null(Refused(new Server { Name = "10.0.0.77" }));

        var spare = environment.Servers[2];
        PlannedStep Step(RecoveryStepKind kind, Server server, bool skipped) => new(plan, new RecoveryStep { Name = "x", Kind = kind }, server, skipped);
        DrillFence.Check(plan, spare, [Step(RecoveryStepKind.Command, spare, false), Step(RecoveryStepKind.Command, environment.Servers[1], true), Step(RecoveryStepKind.Verify, environment.Servers[1], false)]);
        Assert.Equal("RecoveryDrillFence", Assert.Throws<ProdOpsException>(() => DrillFence.Check(plan, spare, [Step(RecoveryStepKind.Command, environment.Servers[1], false)])).ErrorId);
    }
}

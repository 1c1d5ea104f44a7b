using ProdOps.Recovery.Plans;
using ProdOps.Recovery.Tests.Execution;

namespace ProdOps.Recovery.Tests.Plans;

public sealed class PlanHistoryTests
{
    [Fact]
    public void Every_text_that_a_plan_had_is_kept_and_compared_step_by_step()
    {
        using var fixture = new ExecutionFixture("@{ Name = 'a'; Command = 'one' }; @{ Name = 'b'; Command = 'two' }; @{ Name = 'c'; Command = 'three' }");
        var first = fixture.Plan;
        PlanHistory.Keep(first, SilentActivity.Instance);
        PlanHistory.Keep(first, SilentActivity.Instance);
        fixture.Write("@{ Name = 'c'; Command = 'three' }; @{ Name = 'a'; Command = 'ONE'; DependsOn = @() }; @{ Name = 'd'; Command = 'four' }");
        var second = fixture.Plan;
        PlanHistory.Keep(second, SilentActivity.Instance);
        var revisions = PlanHistory.List(second, [new RecoveryRun { Run = "x", Plan = "web1", Revision = first.Revision, IsDrill = true, Status = RecoveryRunStatus.Succeeded, Started = DateTimeOffset.UnixEpoch }]);
        Assert.Equal([first.Revision, second.Revision], revisions.OrderBy(one => one.IsCurrent).Select(one => one.Revision));
        Assert.Equal(DateTimeOffset.UnixEpoch, revisions.First(one => !one.IsCurrent).LastDrill);

        var before = PlanHistory.Read(second, first.Revision[..8]);
        Assert.Equal(first.Steps.Select(step => step.Text), before.Steps.Select(step => step.Text));
        Assert.Equal("RecoveryRevisionNotFound", Assert.Throws<ProdOpsException>(() => PlanHistory.Read(second, "zz")).ErrorId);
        var differences = PlanComparison.Compare(before, second).ToArray();
        Assert.Equal(["c Changed", "a Changed", "d Added", "b Removed", " Reordered"], differences.Select(one => $"{one.Step} {one.Change}"));
        Assert.Contains("one", differences[1].Before, StringComparison.Ordinal);
        Assert.Contains("ONE", differences[1].After, StringComparison.Ordinal);
        Assert.Empty(PlanComparison.Compare(second, fixture.Plan));
    }
}

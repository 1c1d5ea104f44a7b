using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.States;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Monitoring.Tests.Rules;

public sealed class CheckGradingTests
{
    [Theory]
    // The main result, in the threshold's unit.
    [InlineData("> 2s", null, null, 3, "s", "", HealthState.Warning)]
    [InlineData("> 2s", null, null, 1, "s", "", HealthState.OK)]
    [InlineData("> 2", null, null, 3, "s", "", HealthState.OK)]
    [InlineData("> 2%", null, null, 3, "s", "", HealthState.OK)]
    // What has limits of its own is left to them, unless the rule names it.
    [InlineData("> 2s", null, "transaction", 3, "s", ">= 1 h", HealthState.OK)]
    [InlineData("> 2s", "transaction", "transaction", 3, "s", ">= 1 h", HealthState.Warning)]
    [InlineData("> 2s", null, "instance=web1", 3, "s", "", HealthState.Warning)]
    public void Thresholds_are_about_what_they_are_meant_for(string warning, string? of, string? instance, double value, string unit, string own, HealthState state)
    {
        var rule = new HealthRule { Name = "db", Check = "db", Warning = ThresholdText.Parse(warning), Instances = of is null ? [] : [of] };
        var result = new HealthCheckResult { Server = "db1", Check = "db", Instance = instance, State = HealthState.OK, Value = value, Unit = unit, Warning = own };
        var judged = CheckGrading.Judge(result, [(rule, new Grading(rule))]);
        Assert.Equal(state, judged.State);
        var readings = new List<Reading>();
        new ServerRules("db1", [(rule, new Grading(rule))]).Take(result, _ => HealthState.OK, readings);
        Assert.Equal(of is not null && of != instance ? [] : [state], readings.Select(reading => reading.State));
    }

    [Fact]
    public void A_threshold_makes_nothing_better_and_knows_nothing_of_what_is_not_known()
    {
        var rule = new HealthRule { Name = "db", Check = "*", Warning = ThresholdText.Parse("> 2s"), Critical = ThresholdText.Parse("> 5s") };
        var result = new HealthCheckResult { Check = "db", State = HealthState.Critical, Value = 3, Unit = "s" };
        Assert.Equal((HealthState.Critical, "> 2 s", "> 5 s"), Told(CheckGrading.Judge(result, [(rule, new Grading(rule))])));
        Assert.Equal(HealthState.Unknown, CheckGrading.Judge(result with { State = HealthState.Unknown }, [(rule, new Grading(rule))]).State);
        // A rule with wildcards is for checks that no other rule is for.
        var own = new HealthRule { Name = "db", Check = "db" };
        Assert.Equal(HealthState.OK, CheckGrading.Judge(result with { State = HealthState.OK, Value = 9 }, [(rule, new Grading(rule)), (own, null)]).State);
    }

    private static (HealthState, string, string) Told(HealthCheckResult result) => (result.State, result.Warning, result.Critical);
}

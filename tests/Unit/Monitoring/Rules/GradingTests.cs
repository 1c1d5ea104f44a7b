using ProdOps.Monitoring.Rules;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Monitoring.Tests.Rules;

public sealed class GradingTests
{
    [Theory]
    [InlineData("> 85%", "> 95%", 85, HealthState.OK, HealthState.OK)]
    [InlineData("> 85%", "> 95%", 85.1, HealthState.OK, HealthState.Warning)]
    [InlineData("> 85%", "> 95%", 95.1, HealthState.OK, HealthState.Critical)]
    [InlineData("> 85%", "> 95%", 94, HealthState.Critical, HealthState.Critical)]
    [InlineData("> 85%", "> 95%", 93, HealthState.Critical, HealthState.Warning)]
    [InlineData("> 85%", "> 95%", 84, HealthState.Critical, HealthState.Warning)]
    [InlineData("> 85%", "> 95%", 84, HealthState.Warning, HealthState.Warning)]
    [InlineData("> 85%", "> 95%", 83, HealthState.Warning, HealthState.OK)]
    [InlineData("> 85%", "> 95%", 83, HealthState.Critical, HealthState.OK)]
    [InlineData("< 10%", "< 5%", 10, HealthState.OK, HealthState.OK)]
    [InlineData("< 10%", "< 5%", 4, HealthState.OK, HealthState.Critical)]
    [InlineData("< 10%", "< 5%", 11, HealthState.Warning, HealthState.Warning)]
    [InlineData("< 10%", "< 5%", 12, HealthState.Warning, HealthState.OK)]
    [InlineData("> 0", null, 0, HealthState.Warning, HealthState.OK)]
    [InlineData(">= 1", null, 1, HealthState.OK, HealthState.Warning)]
    [InlineData("> 0.1%", null, 0.07, HealthState.Warning, HealthState.OK)]
    [InlineData(null, "> 5s", 4.9, HealthState.Critical, HealthState.Critical)]
    [InlineData(null, "> 5s", 4.75, HealthState.Critical, HealthState.OK)]
    [InlineData("> 85%", null, double.NaN, HealthState.Warning, HealthState.Unknown)]
    [InlineData("< 24h", "< 4h", double.PositiveInfinity, HealthState.Critical, HealthState.OK)]
    public void A_state_is_left_only_past_the_clearing_threshold(string? warning, string? critical, double value, HealthState level, HealthState expected) =>
        Assert.Equal(expected, new Grading(Rule(warning, critical)).Grade(value, level));

    [Fact]
    public void Clearing_thresholds_of_ones_own_are_obeyed()
    {
        var grading = new Grading(Rule("> 85%", "> 95%") with { ClearWarning = ThresholdText.Parse("< 70%"), ClearCritical = ThresholdText.Parse("<= 80%") });
        Assert.Equal(HealthState.Critical, grading.Grade(80.1, HealthState.Critical));
        Assert.Equal(HealthState.Warning, grading.Grade(80, HealthState.Critical));
        Assert.Equal(HealthState.Warning, grading.Grade(70, HealthState.Warning));
        Assert.Equal(HealthState.OK, grading.Grade(69.9, HealthState.Warning));
    }

    [Theory]
    [InlineData(null, null, null, "no threshold")]
    [InlineData("> 85%", "> 80%", null, "reached before")]
    [InlineData("< 5%", "< 10%", null, "reached before")]
    [InlineData("> 85%", "< 5%", null, "different directions")]
    [InlineData("> 85%", "> 10GB", null, "different units")]
    [InlineData("> 85%", null, "> 80%", "good side")]
    [InlineData("> 85%", null, "< 90%", "good side")]
    [InlineData(null, "> 85%", "< 80%", "nothing to clear")]
    public void Thresholds_that_contradict_each_other_are_refused(string? warning, string? critical, string? clear, string why)
    {
        var rule = Rule(warning, critical) with { ClearWarning = clear is null ? null : ThresholdText.Parse(clear) };
        var error = Assert.Throws<ProdOpsException>(() => new Grading(rule));
        Assert.Equal("HealthRuleInvalid", error.ErrorId);
        Assert.Contains(why, error.Message);
    }

    [Fact]
    public void Every_default_rule_can_be_used_and_says_what_to_do()
    {
        var rules = new RuleSet(DefaultRules.All).For("web1", ["App"]);
        Assert.Equal(DefaultRules.All.Count, rules.Count);
        Assert.All(rules, entry => Assert.EndsWith(".", entry.Rule.Advice));
    }

    private static HealthRule Rule(string? warning, string? critical) => new()
    {
        Name = "test", Metric = "test.value", Warning = warning is null ? null : ThresholdText.Parse(warning), Critical = critical is null ? null : ThresholdText.Parse(critical),
    };
}

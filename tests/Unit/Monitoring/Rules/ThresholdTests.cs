using ProdOps.Servers.Inventory.Schema;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Rules;

public sealed class ThresholdTests
{
    [Theory]
    [InlineData("> 85%", "> 85 %", 85)]
    [InlineData("<10%", "< 10 %", 10)]
    [InlineData(">= 500ms", ">= 500 ms", 0.5)]
    [InlineData("< 24h", "< 1 d", 86400)]
    [InlineData("<= 1h30m", "<= 1.5 h", 5400)]
    [InlineData("> 10GB", "> 10.0 GiB", 10737418240)]
    [InlineData("> 10 MiB/s", "> 10.0 MiB/s", 10485760)]
    [InlineData("> 100/s", "> 100/s", 100)]
    [InlineData("> 0", "> 0", 0)]
    [InlineData("> -1.5", "> -1.5", -1.5)]
    [InlineData("> 10m", "> 10 min", 600)]
    [InlineData("> 0.1%", "> 0.1 %", 0.1)]
    public void Thresholds_are_read_as_people_write_them_and_shown_as_they_read_them(string text, string shown, double value)
    {
        var threshold = ThresholdText.Parse(text);
        Assert.Equal(shown, threshold.ToString());
        Assert.Equal(value, threshold.Value, 6);
    }

    [Theory]
    [InlineData("")]
    [InlineData("85%")]
    [InlineData(">")]
    [InlineData("> many")]
    [InlineData("> 5 apples")]
    [InlineData("=> 5")]
    [InlineData("> NaN")]
    [InlineData("> 1e400")]
    public void What_is_no_threshold_is_refused_with_what_to_write(string text)
    {
        var error = Assert.Throws<ProdOpsException>(() => ThresholdText.Parse(text));
        Assert.Equal("ThresholdInvalid", error.ErrorId);
        Assert.Contains("> 85%", error.Recommendation);
    }

    [Fact]
    public void Damaged_thresholds_are_read_or_refused() =>
        ParserFuzz.Run("threshold", text => _ = ThresholdText.Parse(text).ToString(), ["> 85%", "<= 1h30m", ">= 10 MiB/s", "< -3.5", "> 100/s"]);
}

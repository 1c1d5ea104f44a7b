using ProdOps.Monitoring.Metrics;

namespace ProdOps.Monitoring.Tests.Probing;

/// <summary>For how long a server says that it has been up.</summary>
public sealed class UptimeTests
{
    [Theory]
    [InlineData("1234.56", 1234.56)]
    [InlineData("99999999999999999999999", null)]
    public void What_is_longer_than_any_duration_is_not_known(string told, double? uptime)
    {
        var report = ProbeFixture.Of($"@kernel\nuptime:{told} 1");
        Assert.Equal(uptime, report.Uptime);
        Assert.Equal(uptime is not null, ProbeMeasurements.Of(report, report).Any(measurement => measurement.Metric == "uptime"));
    }
}

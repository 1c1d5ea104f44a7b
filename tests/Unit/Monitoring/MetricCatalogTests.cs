using ProdOps.Monitoring.Metrics;

namespace ProdOps.Monitoring.Tests;

public sealed class MetricCatalogTests
{
    [Fact]
    public void Names_are_lower_case_words_with_dots_in_their_order_and_units_are_known()
    {
        Assert.All(MetricCatalog.All, metric => Assert.Matches("^[a-z0-9]+(\\.[a-z0-9]+)*$", metric.Name));
        Assert.All(MetricCatalog.All, metric => Assert.Contains(metric.Unit, (string[])["%", "B", "B/s", "s", "/s", "°C", ""]));
        Assert.Equal(MetricCatalog.All.Select(metric => metric.Name).Order(StringComparer.Ordinal), MetricCatalog.All.Select(metric => metric.Name));
    }
}

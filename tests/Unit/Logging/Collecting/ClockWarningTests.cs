using ProdOps.Logging.Collecting;
using ProdOps.Logging.Formats;
using ProdOps.Servers.Inventory.Sections;

namespace ProdOps.Logging.Tests.Collecting;

public sealed class ClockWarningTests
{
    [Theory]
    [InlineData(1500, 10, 1000, "web1: the clock is 1.5 s ahead, more than the 1 s of")]
    [InlineData(-4250, 10, 1000, "web1: the clock is 4.25 s behind, more than the 1 s of")]
    [InlineData(900, 10, 1000, null)]
    [InlineData(1500, 600, 1000, null)]
    [InlineData(90_000, 10, null, null)]
    public void A_clock_that_is_off_by_more_than_it_may_be_is_told_about(int offset, int uncertainty, int? limit, string? expected)
    {
        string? warning = ServerRound.ClockWarning("web1", TimeSpan.FromMilliseconds(offset), TimeSpan.FromMilliseconds(uncertainty), limit is { } most ? TimeSpan.FromMilliseconds(most) : null);
        if (expected is null) Assert.Null(warning);
        else Assert.StartsWith(expected, warning, StringComparison.Ordinal);
    }

    [Fact]
    public void The_names_that_the_environment_knows_are_those_of_the_formats() => Assert.Equal(LogFormats.All.Select(format => format.Name).Order(StringComparer.Ordinal), LogFormatNames.All.Order(StringComparer.Ordinal));
}

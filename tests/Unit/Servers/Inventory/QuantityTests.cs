using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Tests.Inventory;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("300ms", 0.3)]
    [InlineData("15m", 900.0)]
    [InlineData("1h30m", 5400.0)]
    [InlineData("1h 30m", 5400.0)]
    [InlineData("1.5h", 5400.0)]
    [InlineData("90d", 7776000.0)]
    [InlineData("2w", 1209600.0)]
    [InlineData("0s", 0.0)]
    [InlineData("15", null)]
    [InlineData("", null)]
    [InlineData("m", null)]
    [InlineData("1m2m", null)]
    [InlineData("1M", null)]
    [InlineData("-1m", null)]
    [InlineData("1..5h", null)]
    [InlineData("99999999999999999999w", null)]
    [InlineData("00:15:00", null)]
    public void Durations_have_units(string text, double? seconds) => Assert.Equal(seconds, Quantity.ParseDuration(text)?.TotalSeconds);

    [Theory]
    [InlineData("99.9%", 0.999)]
    [InlineData("100 %", 1.0)]
    [InlineData("0%", 0.0)]
    [InlineData("101%", null)]
    [InlineData("99.9", null)]
    [InlineData("%", null)]
    public void Percentages_have_their_sign(string text, double? share) => Assert.Equal(share, Quantity.ParsePercentage(text));

    [Theory]
    [InlineData("4096", 4096L)]
    [InlineData("10GB", 10L << 30)]
    [InlineData("512 KiB", 512L << 10)]
    [InlineData("1.5g", 3L << 29)]
    [InlineData("1B", 1L)]
    [InlineData("9999999PB", null)]
    [InlineData("1X", null)]
    [InlineData("GB", null)]
    public void Sizes_are_powers_of_1024(string text, long? bytes) => Assert.Equal(bytes, Quantity.ParseSize(text));
}

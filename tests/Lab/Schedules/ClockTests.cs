using System.Globalization;

namespace ProdOps.Lab.Tests.Schedules;

/// <summary>Clocks that are off.</summary>
[Collection(LabCollection.Name)]
public sealed class ClockTests(Fleet fleet)
{
    [LabTheory]
    [InlineData("+90s", 90)]
    [InlineData("-7200s", -7200)]
    public async Task A_clock_that_is_off_is_found_to_be_off_by_as_much(string offset, int seconds)
    {
        var hosts = await fleet.UpAsync("web1", "victim1");
        using var admin = new Admin(hosts);
        await hosts[1].SetClockAsync(offset);
        try
        {
            var answer = await admin.RunAsync("Get-ServerClock -Server victim1, web1 -ThrottleLimit 1 | ForEach-Object { $_.Offset.TotalSeconds; $_.Uncertainty.TotalSeconds }");
            var numbers = answer.Clean.Select(item => Convert.ToDouble(item.BaseObject, CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(4, numbers.Length);
            Assert.InRange(numbers[0] - seconds, -numbers[1] - 0.01, numbers[1] + 0.01);
            Assert.InRange(numbers[2], -numbers[3] - 0.01, numbers[3] + 0.01);
        }
        finally
        {
            await hosts[1].SetClockAsync("0");
        }
    }
}

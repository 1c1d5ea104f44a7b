using ProdOps.Servers.Clocks;

namespace ProdOps.Servers.Tests.Clocks;

public sealed class MomentsTests
{
    private static readonly DateTimeOffset Some = new(2026, 11, 27, 12, 0, 0, TimeSpan.FromHours(5));

    [Fact]
    public void A_moment_keeps_its_zone()
    {
        Assert.Equal((Some.AddHours(1), TimeSpan.FromHours(5)), (Moments.Add(Some, TimeSpan.FromHours(1)), Moments.Add(Some, TimeSpan.FromHours(1)).Offset));
        Assert.Equal((Some.AddDays(-40), TimeSpan.FromHours(5)), (Moments.Subtract(Some, TimeSpan.FromDays(40)), Moments.Subtract(Some, TimeSpan.FromDays(40)).Offset));
    }

    [Fact]
    public void Beyond_the_ends_of_the_calendar_there_are_its_first_and_its_last_moment()
    {
        var (first, last) = (DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        Assert.All([first, last, Some, last.AddTicks(-1).ToOffset(TimeSpan.FromHours(-5)), first.AddTicks(1).ToOffset(TimeSpan.FromHours(14))], moment =>
        {
            Assert.Equal(last, Moments.Add(moment, TimeSpan.MaxValue));
            Assert.Equal(first, Moments.Add(moment, TimeSpan.MinValue));
            Assert.Equal(first, Moments.Subtract(moment, TimeSpan.MaxValue));
            Assert.Equal(last, Moments.Subtract(moment, TimeSpan.MinValue));
            foreach (var time in new[] { TimeSpan.FromTicks(1), TimeSpan.FromHours(13), TimeSpan.FromDays(4000) })
            {
                Assert.Equal(Math.Min(last.UtcTicks, moment.UtcTicks + time.Ticks), Moments.Add(moment, time).UtcTicks);
                Assert.Equal(Math.Max(first.UtcTicks, moment.UtcTicks - time.Ticks), Moments.Subtract(moment, time).UtcTicks);
            }
        });
    }
}

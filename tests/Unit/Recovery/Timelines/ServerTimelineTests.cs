using ProdOps.Recovery.Tests.Execution;
using ProdOps.Recovery.Timelines;

namespace ProdOps.Recovery.Tests.Timelines;

public sealed class ServerTimelineTests
{
    [Theory]
    [InlineData("199999999999")]
    [InlineData("1")]
    public async Task A_server_whose_clock_is_thousands_of_years_off_is_asked_like_any_other(string seconds)
    {
        string home = Directory.CreateTempSubdirectory("prodops-timeline-").FullName;
        try
        {
            // Its clock is what bash says, and it started soon after the beginning of all clocks.
            string bash = $"bash() {{ case $2 in *while*) while read -r _; do echo {seconds}.000000; done ;; *) echo {seconds}.000000 ;; esac; }}";
            var access = new TestAccess(home) { Prelude = $"{bash}\nsed() {{ if [ \"$1\" = -n ]; then echo 'B 100'; else command sed \"$@\"; fi; }}\n" };
            var now = TimeProvider.System.GetUtcNow();
            var shell = await access.OpenShellAsync(new Server { Name = "web1" }, default);
            Assert.Empty(await new ServerTimeline(TimelineWindow.Of(now.AddHours(-1), now), TimeProvider.System).EventsAsync(shell, asRoot: false, default));
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }
    }

    [Fact]
    public void A_window_is_somewhere_in_the_calendar_and_has_room_for_what_it_is_compared_with()
    {
        var (first, last) = (DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        var whole = TimelineWindow.Of(first, last);
        Assert.True(whole.From - whole.Baseline > first && whole.To + whole.Baseline < last);
        Assert.Equal("TimelineWindowInvalid", Assert.Throws<ProdOpsException>(() => TimelineWindow.Of(first, first.AddMinutes(5))).ErrorId);
        Assert.Equal("TimelineWindowInvalid", Assert.Throws<ProdOpsException>(() => TimelineWindow.Of(last.AddMinutes(-5), last)).ErrorId);
    }
}

using Microsoft.Extensions.Time.Testing;
using ProdOps.Monitoring.Running;

namespace ProdOps.Monitoring.Tests.Running;

public sealed class RhythmTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task It_comes_at_its_interval_whatever_the_work_took()
    {
        var rhythm = new Rhythm(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10), _time);
        long begun = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(12));
        var waiting = rhythm.WaitAsync(begun, default);
        _time.Advance(TimeSpan.FromSeconds(17));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await waiting;
        // Work that took longer than the interval is followed by the next at once.
        begun = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(31));
        await rhythm.WaitAsync(begun, default);
    }

    [Fact]
    public async Task Hurried_it_comes_sooner_but_not_at_once()
    {
        var rhythm = new Rhythm(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10), _time);
        // While it waits.
        var waiting = rhythm.WaitAsync(_time.GetTimestamp(), default);
        rhythm.Hurry();
        rhythm.Hurry();
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await waiting;
        // While the work goes on.
        long begun = _time.GetTimestamp();
        rhythm.Hurry();
        _time.Advance(TimeSpan.FromSeconds(10));
        await rhythm.WaitAsync(begun, default);
        // Once is not for ever.
        waiting = rhythm.WaitAsync(_time.GetTimestamp(), default);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(10));
        await waiting;
    }

    [Theory]
    [InlineData(2, null, 2)]
    [InlineData(20, null, 10)]
    [InlineData(20, 25, 20)]
    [InlineData(60, 90, 30)]
    public async Task What_a_rule_wants_decides_how_soon_it_comes(int one, int? other, int seconds)
    {
        var rhythm = new Rhythm(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10), _time);
        var waiting = rhythm.WaitAsync(_time.GetTimestamp(), default);
        rhythm.Hurry(TimeSpan.FromSeconds(one), other is { } more ? TimeSpan.FromSeconds(more) : null);
        _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));
        await waiting;
    }

    [Theory]
    [InlineData(30, 10)]
    [InlineData(12, 5)]
    [InlineData(1, 1)]
    public void A_retry_comes_after_a_third_of_the_interval_and_never_sooner_than_five_seconds(int interval, int retry) =>
        Assert.Equal(TimeSpan.FromSeconds(retry), new MonitorPace(TimeSpan.FromSeconds(interval)).Retry);

    [Fact]
    public async Task It_is_called_off()
    {
        using var stop = new CancellationTokenSource();
        var waiting = new Rhythm(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10), _time).WaitAsync(_time.GetTimestamp(), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}

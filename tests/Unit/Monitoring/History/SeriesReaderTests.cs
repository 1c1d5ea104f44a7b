using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Tests.Store;

namespace ProdOps.Monitoring.Tests.History;

/// <summary>What is made of the samples of each series, and which sample is the newest.</summary>
public sealed class SeriesReaderTests : IDisposable
{
    private readonly StoreCase _case = new();

    private static DateTimeOffset Start => StoreCase.Start;

    public void Dispose() => _case.Dispose();

    [Theory]
    [InlineData(MetricResolution.Raw, 120)]
    [InlineData(MetricResolution.FiveMinutes, 24)]
    [InlineData(MetricResolution.Hour, 2)]
    public void Least_greatest_mean_and_newest_are_of_all_samples_however_coarse_the_history_is(MetricResolution resolution, int samples)
    {
        Fill(120, minute => minute == 61 ? 99 : minute % 10, "db1");
        var series = Assert.Single(Read(resolution, MetricFunction.Average));
        Assert.Equal((0, 99, 120, 9, samples), (series.Minimum, series.Maximum, series.Count, series.Current, series.Samples.Count));
        Assert.Equal((4.5 * 120 + 98) / 120, series.Average, 3);
        Assert.Equal(("db1", "disk.used", "/", "%", Start, Start.AddHours(2)), (series.Server, series.Name, series.Instance, series.Unit, series.From, series.To));
    }

    [Fact]
    public void The_function_chooses_what_stands_for_five_minutes()
    {
        Fill(60, minute => minute, "db1");
        Assert.Equal([4, 9, 14, 19], Read(MetricResolution.FiveMinutes, MetricFunction.Maximum).Single().Samples.Take(4).Select(sample => sample.Value));
        Assert.Equal([5, 5, 5, 5], Read(MetricResolution.FiveMinutes, MetricFunction.Count).Single().Samples.Take(4).Select(sample => sample.Value));
    }

    [Fact]
    public void More_series_than_are_held_at_once_come_in_their_order_and_those_without_samples_do_not()
    {
        for (int server = 0; server < 150; server++) Fill(1, _ => server, $"s{server:000}");
        _case.Store.Append([StoreCase.Sample(Start.AddHours(-5), 1, "old")]);
        var all = Read(MetricResolution.Auto, MetricFunction.Average);
        Assert.Equal(Enumerable.Range(0, 150).Select(server => $"s{server:000}"), all.Select(series => series.Server));
        Assert.Equal(Enumerable.Range(0, 150).Select(server => (double)server), all.Select(series => series.Current));
    }

    [Fact]
    public void Series_are_chosen_by_any_of_several_patterns()
    {
        foreach (string server in new[] { "web1", "web2", "db1" }) Fill(1, _ => 1, server);
        Assert.Equal(["db1", "web2"], _case.Store.Series(["DB*", "web2"], ["disk.*"], []).Select(row => row.Server));
        Assert.Empty(_case.Store.Series([], [], ["eth*"]));
        Assert.Empty(_case.Store.Series([], ["cpu.busy", "load.?"], []));
    }

    [Fact]
    public void The_newest_sample_is_told_also_when_only_rollups_of_it_are_kept()
    {
        Fill(30, minute => minute, "gone");
        SealAt(Start.AddHours(2));
        // A server that goes on makes the clock believed.
        for (int hour = 2; hour < 24 * 30; hour++)
        {
            _case.SetTime(Start.AddHours(hour));
            _case.Store.Append([StoreCase.Sample(Start.AddHours(hour), hour, "stays")]);
        }

        SealAt(Start.AddDays(30));
        var spans = new RetentionSpans { Raw = TimeSpan.FromDays(2), FiveMinutes = TimeSpan.FromDays(60), Hours = TimeSpan.FromDays(90) };
        _case.Store.Retain(spans, default);
        var newest = Assert.Single(_case.Store.Latest("gone", "*", null));
        Assert.Equal((Start.AddMinutes(25), 29d), (newest.Time, newest.Value));
        _case.Store.Retain(spans with { FiveMinutes = TimeSpan.FromDays(2) }, default);
        newest = Assert.Single(_case.Store.Latest("gone", "*", null));
        Assert.Equal((Start, 29d), (newest.Time, newest.Value));
        Assert.Equal(24 * 30 - 1, _case.Store.Latest("stays", "*", null).Single().Value);
    }

    private List<MetricSeries> Read(MetricResolution resolution, MetricFunction function) =>
        [.. SeriesReader.ReadAsync(new StoreSource(_case.Store), _case.Store.Series([], ["disk.used"], []), new MetricQuery { From = Start, To = Start.AddHours(2), Resolution = resolution, Function = function }, default).ToBlockingEnumerable()];

    private void Fill(int minutes, Func<int, double> value, string server)
    {
        _case.SetTime(Start.AddHours(3));
        _case.Store.Append([.. Enumerable.Range(0, minutes).Select(minute => StoreCase.Sample(Start.AddMinutes(minute), value(minute), server, "disk.used", "/"))]);
    }

    private void SealAt(DateTimeOffset now)
    {
        _case.SetTime(now);
        _case.Store.Seal(default);
    }
}

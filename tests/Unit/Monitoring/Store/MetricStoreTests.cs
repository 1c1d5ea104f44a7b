using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Tests.Store;

public sealed class MetricStoreTests : IDisposable
{
    private static readonly DateTimeOffset Start = StoreCase.Start;

    private readonly StoreCase _case = new();

    [Fact]
    public void A_round_comes_back_in_the_order_of_time_server_metric_and_instance()
    {
        _case.Store.Append([StoreCase.Sample(Start, 3, "web2"), StoreCase.Sample(Start, 2, name: "disk.used", instance: "/var"), StoreCase.Sample(Start, 1), StoreCase.Sample(Start.AddMinutes(-1), 4, "web2")]);
        Assert.Equal([4, 1, 2, 3], _case.All().Select(static sample => sample.Value));
        Assert.Equal(StoreCase.Sample(Start, 2, name: "disk.used", instance: "/var"), _case.All()[2]);
    }

    [Fact]
    public void Of_two_samples_of_one_moment_the_later_write_wins_sealed_or_not()
    {
        _case.Store.Append([StoreCase.Sample(Start, 1), StoreCase.Sample(Start, 2)]);
        Assert.Equal(2, Assert.Single(_case.All()).Value);
        _case.Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(new SealResult(1, 1), _case.Store.Seal(default));
        _case.Store.Append([StoreCase.Sample(Start, 3), StoreCase.Sample(Start.AddSeconds(1), 5)]);
        foreach (bool isSealed in new[] { false, true })
        {
            if (isSealed) _case.Store.Seal(default);
            Assert.Equal([3, 5], _case.All().Select(static sample => sample.Value));
            Assert.Equal(4, Assert.Single(_case.All(MetricResolution.FiveMinutes)).Value);
            Assert.Equal(8, Assert.Single(_case.All(MetricResolution.Hour, MetricFunction.Sum)).Value);
        }
    }

    [Fact]
    public void What_is_from_the_future_or_no_number_is_refused_and_counted()
    {
        var result = _case.Store.Append([StoreCase.Sample(Start.AddHours(1), 1), StoreCase.Sample(Start, double.NaN), StoreCase.Sample(Start, double.NegativeInfinity), StoreCase.Sample(Start.AddYears(-70), 1), StoreCase.Sample(Start, 1)]);
        Assert.Equal(new AppendResult(1, 1, 1, 2), result);
        Assert.Single(_case.All());
    }

    [Fact]
    public void A_sample_older_than_what_is_kept_is_refused()
    {
        Record(Start, 72);
        _case.Store.Retain(new RetentionSpans { Raw = TimeSpan.FromHours(24) }, default);
        Assert.Equal(new AppendResult(1, 1, 0, 0), _case.Store.Append([StoreCase.Sample(Start.AddHours(2), 1), StoreCase.Sample(Start.AddHours(60).AddMinutes(1), 1)]));
        Assert.Equal(72, _case.All(MetricResolution.Hour).Count);
    }

    [Fact]
    public void Values_are_kept_as_exactly_as_their_unit_asks_for()
    {
        (string Unit, double Value, double Kept)[] cases = [("%", 100.0 / 3, 33.333), ("B", 1234567.6, 1234568), ("s", 0.00012345678, 0.000123), ("", 17, 17), ("/s", 1e300, 1e300), ("%", -0.0001, 0)];
        _case.Store.Append([.. cases.Select((one, i) => StoreCase.Sample(Start, one.Value, instance: $"{i}") with { Unit = one.Unit })]);
        Assert.Equal(cases.Select(static one => one.Kept), _case.All().Select(static sample => sample.Value));
    }

    [Fact]
    public void The_newest_sample_of_each_series_is_found_wherever_it_is()
    {
        _case.Store.Append([StoreCase.Sample(Start, 1, "gone"), StoreCase.Sample(Start, 2)]);
        _case.Time.Advance(TimeSpan.FromHours(5));
        _case.Store.Seal(default);
        _case.Store.Append([StoreCase.Sample(Start.AddHours(5), 3), StoreCase.Sample(Start.AddHours(4), 9)]);
        Assert.Equal([("gone", 1.0), ("web1", 3.0)], _case.Store.Latest("*", "cpu.*", null).Select(static sample => (sample.Server, sample.Value)));
        Assert.Equal(3, Assert.Single(_case.Store.Latest("WEB1", "cpu.busy", null)).Value);
        Assert.Empty(_case.Store.Latest("web1", "cpu.busy", "x*"));
    }

    [Fact]
    public void Facts_tell_what_is_there()
    {
        Assert.Null(_case.Store.Facts().Oldest);
        Record(Start, 30);
        var facts = _case.Store.Facts();
        Assert.Equal((1, 30 * 12, Start, Start, Start.AddHours(30).AddMinutes(-5)), (facts.Series, facts.Samples, facts.Oldest, facts.OldestSample, facts.Newest));
        Assert.InRange(facts.BytesPerSample, 0.5, 9);
        Assert.Equal(0, facts.DamagedChunks);
        Assert.InRange(facts.Size, 4096, 10_000_000);
    }

    [Fact]
    public void A_clock_that_is_years_ahead_for_an_hour_deletes_nothing()
    {
        Record(Start, 48);
        var wrong = Start.AddYears(5);
        _case.SetTime(wrong);
        _case.Store.Append([StoreCase.Sample(wrong.AddHours(-3), 7)]);
        _case.Store.Retain(new RetentionSpans { Raw = TimeSpan.FromDays(3) }, default);
        Assert.Equal(48 * 12 + 1, _case.All().Count);
        // Right again: what it was, and what comes now, is there.
        _case.SetTime(Start.AddHours(49));
        Assert.Equal(1, _case.Store.Append([StoreCase.Sample(Start.AddHours(49), 8)]).Stored);
        Assert.Equal(8, Assert.Single(_case.Store.Latest("*", "*", null)).Value);
    }

    [Fact]
    public void Automatic_resolution_follows_the_length_and_what_is_still_kept()
    {
        Record(Start, 24 * 20);
        _case.Store.Retain(new RetentionSpans { Raw = TimeSpan.FromDays(4), FiveMinutes = TimeSpan.FromDays(9) }, default);
        Assert.Equal(24 * 12, Count(19, 20));
        Assert.Equal(3 * 24 * 12, Count(16, 19));
        Assert.Equal(24 * 12, Count(12, 13));
        Assert.Equal(24, Count(2, 3));
        Assert.Equal(20 * 24, Count(0, 20));

        int Count(int from, int to) => _case.Store.Query(new MetricQuery { From = Start.AddDays(from), To = Start.AddDays(to) }, default).Count();
    }

    [Fact]
    public void A_file_that_may_hold_only_so_much_loses_its_oldest_samples()
    {
        Record(Start, 24 * 5, series: 6);
        long full = _case.Store.Retain(new RetentionSpans(), default).Size;
        var result = _case.Store.Retain(new RetentionSpans { MaxSize = full / 2 }, default);
        Assert.False(result.OverSize);
        Assert.InRange(result.Size, 1, full / 2 + 65_536);
        Assert.True(result.Samples > 0);
        var facts = _case.Store.Facts();
        Assert.True(facts.OldestSample > Start && facts.Newest == Start.AddHours(24 * 5).AddMinutes(-5));
        Assert.True(_case.Store.Retain(new RetentionSpans { MaxSize = 1 }, default).OverSize);
        Assert.NotEmpty(_case.All());
    }

    [Fact]
    public void Two_that_write_to_one_file_see_each_others_samples_also_when_one_has_removed_series()
    {
        using var other = _case.Open();
        _case.Store.Append([StoreCase.Sample(Start, 1, "old")]);
        Record(Start.AddDays(30), 24);
        other.Append([StoreCase.Sample(Start.AddDays(30), 2, "old2")]);
        Assert.Equal(1, other.Retain(new RetentionSpans { Raw = TimeSpan.FromHours(3), FiveMinutes = TimeSpan.Zero, Hours = TimeSpan.FromDays(8) }, default).Series);
        _case.Store.Append([StoreCase.Sample(_case.Time.GetUtcNow(), 5, "old")]);
        Assert.Equal([("old", 5.0)], other.Latest("old", "*", null).Select(static sample => (sample.Server, sample.Value)));
    }

    [Theory]
    [InlineData(MetricResolution.Raw)]
    [InlineData(MetricResolution.FiveMinutes)]
    [InlineData(MetricResolution.Hour)]
    public void A_few_series_say_the_same_as_when_all_are_read_sealed_or_not(MetricResolution resolution)
    {
        for (int minute = 0; minute < 150; minute++)
        {
            _case.SetTime(Start.AddMinutes(minute));
            _case.Store.Append([.. Enumerable.Range(0, 100).Select(i => StoreCase.Sample(_case.Time.GetUtcNow(), (minute * i) % 97, $"web{i}"))]);
        }

        Assert.Equal(2, _case.Store.Seal(default).Hours);
        var all = _case.All(resolution).ToLookup(static sample => sample.Server);
        foreach (string server in new[] { "web0", "web42", "web99" })
        {
            var one = _case.Store.Query(new MetricQuery { Server = server, From = DateTimeOffset.UnixEpoch, To = Start.AddYears(1), Resolution = resolution }, default);
            Assert.NotEmpty(all[server]);
            Assert.Equal(all[server], one);
        }
    }

    [Fact]
    public async Task Who_reads_while_hours_are_sealed_sees_every_sample_once()
    {
        for (int hour = 0; hour < 60; hour++) _case.Store.Append([.. Enumerable.Range(0, 60).Select(minute => StoreCase.Sample(Start.AddMinutes(hour * 60 + minute - 3600), minute))]);
        _case.Time.Advance(TimeSpan.FromHours(2));
        var sealing = Task.Run(() => _case.Store.Seal(default));
        do
        {
            Assert.Equal(3600, _case.All().Count);
            Assert.Equal(3600, _case.All(MetricResolution.Hour, MetricFunction.Count).Sum(static sample => sample.Value));
        }
        while (!sealing.IsCompleted);
        Assert.Equal(new SealResult(60, 3600), await sealing);
    }

    [Fact]
    public void Hours_of_many_series_are_sealed_in_parts_that_come_to_the_whole()
    {
        // Servers that are asked at moments of their own, and one moment that all have.
        const int Servers = 30, Metrics = 50;
        MetricSample[] samples =
        [
            .. from server in Enumerable.Range(0, Servers)
               from round in Enumerable.Range(0, 4)
               from metric in Enumerable.Range(0, Metrics)
               let time = round == 3 ? Start.AddMinutes(59) : Start.AddMinutes(7 * round).AddMilliseconds(server)
               select StoreCase.Sample(time, server + round + metric, $"web{server}", $"metric.{metric}"),
        ];
        _case.Time.Advance(TimeSpan.FromHours(2));
        _case.Store.Append(samples);
        var before = _case.All();
        Assert.Equal(new SealResult(1, samples.Length), _case.Store.Seal(default));
        Assert.Equal(before, _case.All());
        Assert.Equal(samples.Length, _case.All(MetricResolution.Hour, MetricFunction.Count).Sum(static sample => sample.Value));
        Assert.Equal(["0"], _case.Sql("SELECT count(*) FROM sample"));
        Assert.Equal([$"{Servers * Metrics}|{samples.Length}"], _case.Sql("SELECT series, samples FROM sealed_hour"));
    }

    [Fact]
    public async Task Sealing_that_is_called_off_between_two_parts_is_gone_on_with_later()
    {
        _case.Time.Advance(TimeSpan.FromHours(2));
        _case.Store.Append([.. Enumerable.Range(0, 20_000).Select(i => StoreCase.Sample(Start.AddMinutes(i % 7), i, instance: $"{i / 7}"))]);
        using var cancel = new CancellationTokenSource();
        var sealing = Task.Run(() => _case.Store.Seal(cancel.Token));
        // Others write while hours are sealed, and see part of it.
        while (!sealing.IsCompleted && _case.Sql("SELECT count(*) FROM chunk") is ["0"]) _case.Store.Append([StoreCase.Sample(Start.AddHours(1), 1)]);
        await cancel.CancelAsync();
        await sealing.ContinueWith(static _ => { }, TaskScheduler.Default);
        Assert.Equal(20_001, _case.All().Count);
        _case.Store.Seal(default);
        Assert.Equal(20_001, _case.All().Count);
        Assert.Equal([$"{(20_000 + 6) / 7}|20000"], _case.Sql("SELECT series, samples FROM sealed_hour ORDER BY hour LIMIT 1"));
    }

    public void Dispose() => _case.Dispose();

    private void Record(DateTimeOffset from, int hours, int series = 1)
    {
        _case.SetTime(from.AddHours(hours).AddMinutes(2));
        for (int hour = 0; hour < hours; hour++)
        {
            _case.Store.Append([.. Enumerable.Range(0, 12 * series).Select(i => StoreCase.Sample(from.AddHours(hour).AddMinutes(5 * (i % 12)), hour * i % 97 / 4.0, instance: series == 1 ? null : $"{i / 12}"))]);
        }

        _case.Store.Seal(default);
    }
}

using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Tests.Running;
using ProdOps.Monitoring.Tests.Store;

namespace ProdOps.Monitoring.Tests.History;

/// <summary>What is kept of all that was before, so that availability need not read it again.</summary>
public sealed class OutageCheckpointTests : IDisposable, IActivity
{
    private static readonly string[] Names = ["web1", "web2", "db1", "WEB1", "https://shop"];

    private readonly StoreCase _case = new();
    private readonly List<string> _warnings = [];
    private long _last;

    private static DateTimeOffset Start => StoreCase.Start;

    public void Dispose() => _case.Dispose();

    [Fact]
    public void Whatever_happened_and_whatever_became_of_what_was_kept_availability_is_what_all_events_say()
    {
        for (int seed = 1; seed <= 12; seed++)
        {
            using var stored = new StoreCase();
            var random = new Random(seed);
            var now = Start.AddHours(random.Next(24));
            long last = 0;
            int most = 0;
            for (int step = 0; step < 12; step++)
            {
                // A clock that is set back makes events that come late.
                now += random.Next(6) == 0 ? TimeSpan.FromHours(-random.Next(1, 200)) : TimeSpan.FromHours(random.Next(1, 150));
                stored.SetTime(now);
                Happen(stored.Store, random, now, ref last);
                stored.Store.Monitor.Beat(now);
                if (random.Next(3) > 0) new OutageCheckpoints(stored.Store, stored.Time).KeepUp(default);
                most = Math.Max(most, Checkpoints(stored).Count);
                if (random.Next(4) == 0) Damage(stored, random);
                if (random.Next(4) == 0) stored.Reopen(static () => { });
                AvailabilityRequest[] requests = [.. Enumerable.Range(0, 2).Select(_ => Request(now.AddHours(-random.Next(0, 700)).AddTicks(random.Next(2)), now.AddMinutes(1)))];
                for (int i = 0; i < requests.Length; i++)
                {
                    var expected = ByAllEvents(stored.Store, requests[i]);
                    Assert.True(expected.SequenceEqual(requests[i].Read(stored.Store, SilentActivity.Instance, default)), $"seed {seed}, step {step}, request {i}");
                    Assert.Equal(expected, AvailabilityRequest.ReadAll(requests, stored.Store, SilentActivity.Instance, default)[i]);
                }
            }

            Assert.True(most > 0, $"seed {seed}: nothing was ever kept");
        }
    }

    [Fact]
    public void What_was_before_a_checkpoint_is_not_read_again()
    {
        var wanted = Request(Start.AddDays(3), Start.AddDays(6));
        KeepSomeDays();
        var expected = ByAllEvents(_case.Store, wanted);
        Assert.Equal(5, new OutageCheckpoints(_case.Store, _case.Time).KeepUp(default));
        Assert.Equal(0, new OutageCheckpoints(_case.Store, _case.Time).KeepUp(default));
        _case.Sql("DROP TRIGGER event_unchanged; UPDATE event SET json = 'lost' WHERE number < 4");
        Assert.Equal(expected, wanted.Read(_case.Store, this, default));
        Assert.Empty(_warnings);
        Request(Start, Start.AddDays(6)).Read(_case.Store, this, default);
        Assert.NotEmpty(_warnings);
    }

    [Fact]
    public void An_event_that_comes_late_undoes_what_was_kept_without_it_whoever_writes_it()
    {
        KeepSomeDays();
        new OutageCheckpoints(_case.Store, _case.Time).KeepUp(default);
        Keep(Start.AddDays(2).AddHours(1), new ServerChanged("db1", HealthState.OK, HealthState.Critical));
        Assert.Equal(2, Checkpoints(_case).Count);
        Assert.Equal(3, new OutageCheckpoints(_case.Store, _case.Time).KeepUp(default));
        _case.Sql($"INSERT INTO event (time, server, kind, json) VALUES ({Start.AddDays(1).AddMilliseconds(-1).ToUnixTimeMilliseconds()}, NULL, 'later', 'x')");
        Assert.Empty(Checkpoints(_case));
        // What is not understood is not added up either.
        Assert.Equal(0, new OutageCheckpoints(_case.Store, _case.Time).KeepUp(default));
    }

    [Fact]
    public void An_event_that_comes_while_a_checkpoint_is_made_keeps_it_from_being_kept()
    {
        KeepSomeDays();
        long before = _case.Store.Checkpoints.LastNumber;
        Keep(Start.AddHours(1), new ServerChanged("db1", HealthState.OK, HealthState.Critical));
        Assert.False(_case.Store.Checkpoints.Keep(Start.AddDays(1), "{}", before));
        Keep(Start.AddDays(1), new ServerChanged("db1", HealthState.OK, HealthState.Critical));
        Assert.True(_case.Store.Checkpoints.Keep(Start.AddDays(1), "{}", _last - 1));
        // Which is no checkpoint, and is passed over.
        Assert.Null(OutageCheckpoints.Newest(_case.Store, Start.AddDays(2)));
    }

    [Fact]
    public void A_checkpoint_that_was_being_written_when_the_monitor_was_killed_is_not_there()
    {
        KeepSomeDays();
        Assert.Equal(5, new OutageCheckpoints(_case.Store, _case.Time).KeepUp(default));
        using var folder = new TemporaryFolder();
        using (var writing = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_case.Path};Pooling=False"))
        {
            writing.Open();
            using var command = writing.CreateCommand();
            // More than the cache holds, so that part of it is in the log already.
            command.CommandText = "PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE checkpoint SET json = json || hex(zeroblob(300000))";
            command.ExecuteNonQuery();
            foreach (string suffix in new[] { "", "-wal" }) File.Copy(_case.Path + suffix, folder["metrics.db"] + suffix);
            Assert.True(new FileInfo(folder["metrics.db-wal"]).Length > 1_000_000);
        }

        using var store = MetricStore.Open(folder["metrics.db"], _case.Time, this);
        Assert.Equal(5, store.Checkpoints.Newest(Start.AddDays(99)).Count());
        var wanted = Request(Start.AddDays(3), Start.AddDays(6));
        Assert.Equal(ByAllEvents(store, wanted), wanted.Read(store, this, default));
    }

    [Fact]
    public void Of_each_day_of_some_weeks_and_each_month_of_a_year_there_is_one_however_long_the_store_goes_back()
    {
        // Once the clock was wrong by decades.
        Keep(new DateTimeOffset(1970, 1, 1, 0, 0, 7, TimeSpan.Zero), new ServerChanged("web1", HealthState.OK, HealthState.OK));
        for (int week = 0; week < 150; week++) Keep(Start.AddDays(7 * week), new ServerChanged("web1", HealthState.OK, week % 2 == 0 ? HealthState.Critical : HealthState.OK));
        _case.SetTime(Start.AddDays(7 * 150));
        new OutageCheckpoints(_case.Store, _case.Time).KeepUp(default);
        Assert.InRange(Checkpoints(_case).Count, 40, 56);
        _case.SetTime(Start.AddDays(7 * 150 + 100));
        new OutageCheckpoints(_case.Store, _case.Time).KeepUp(default);
        Assert.InRange(Checkpoints(_case).Count, 40, 56);
    }

    [Fact]
    public async Task A_monitor_keeps_them()
    {
        await using var loop = new LoopCase();
        var yesterday = TimeProvider.System.GetUtcNow().AddDays(-2);
        using (var store = loop.Folder.Open(TimeProvider.System, SilentActivity.Instance)) store.Monitor.Append([new ServerChanged("old", HealthState.OK, HealthState.OK) { Number = 1, Time = yesterday }]);
        loop.Start();
        using (var store = loop.Folder.Open(TimeProvider.System, SilentActivity.Instance, readOnly: true))
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (!store.Checkpoints.Newest(DateTimeOffset.MaxValue).Any()) await Task.Delay(50, limit.Token);
        }

        await loop.StopAsync();
    }

    void IActivity.Verbose(string message) { }

    void IActivity.Warning(string message) => _warnings.Add(message);

    void IActivity.Error(ProdOpsException error) => _warnings.Add(error.Message);

    void IActivity.Progress(ActivityProgress progress) { }

    private static AvailabilityRequest Request(DateTimeOffset from, DateTimeOffset to) => new(
        [new Server { Name = "web1", Roles = ["App"] }, new Server { Name = "Web2", Roles = ["App"] }, new Server { Name = "db1" }, new Server { Name = "https://shop" }], from, to, static key => key.Rule == "shop");

    private static IReadOnlyList<HealthAvailability> ByAllEvents(MetricStore store, AvailabilityRequest request)
    {
        var all = new Availability(request);
        foreach (var stored in store.Events.Query(new EventQuery { To = request.To }, default))
        {
            if (all.Wants(stored) && EventJson.Read(stored.Json) is var happened && happened.Time < request.To) all.Take(happened);
        }

        var alive = store.Monitor.LastAlive;
        var blind = store.Events.Query(new EventQuery { From = request.To, Kind = "blind" }, default).Select(static stored => (MonitorBlind)EventJson.Read(stored.Json)).FirstOrDefault(blind => blind.Time >= request.To);
        return all.Finish(blind is not null && !(blind.From >= alive) ? blind.From : alive);
    }

    private static List<string> Checkpoints(StoreCase stored) => stored.Sql("SELECT name FROM sqlite_schema WHERE name = 'checkpoint'").Count == 0 ? [] : stored.Sql("SELECT json FROM checkpoint ORDER BY time");

    private static void Happen(MetricStore store, Random random, DateTimeOffset now, ref long last)
    {
        var states = Enum.GetValues<HealthState>();
        var happened = new List<MonitorEvent>();
        var time = now.AddHours(-random.Next(60));
        for (int i = random.Next(40); i >= 0; i--)
        {
            time = time.AddTicks(random.NextInt64(TimeSpan.TicksPerHour));
            var (server, state) = (Names[random.Next(Names.Length)], states[random.Next(states.Length)]);
            var key = random.Next(3) == 0 ? CheckKey.ReachabilityOf(server) : new CheckKey(server, random.Next(2) == 0 ? "shop" : "disk.used", random.Next(2) == 0 ? null : "/");
            MonitorEvent one = random.Next(13) switch
            {
                0 => new MonitorBlind(time.AddMinutes(random.Next(-90, 5)), BlindReason.Gap),
                1 => new ObserverIsolated(2, 2),
                2 => new ObserverReturned(),
                3 => new DowntimeSet(new Downtime { Server = random.Next(2) == 0 ? "*" : server, Rule = random.Next(2) == 0 ? null : key.Rule, From = time.AddHours(random.Next(-5, 20)), Until = time.AddHours(random.Next(20, 900)), Length = random.Next(2) == 0 ? null : TimeSpan.FromMinutes(70), Recurrence = random.Next(4) > 0 ? null : "0 */5 * * *", TimeZone = "UTC" }),
                4 => new DowntimeBegan(Math.Max(1, last - random.Next(30))),
                5 => new DowntimeEnded(Math.Max(1, last - random.Next(30))),
                6 => new ServerChanged(server, HealthState.OK, states[random.Next(3) switch { 0 => 0, 1 => 4, _ => 5 }]),
                7 => new CheckDropped(key),
                8 => new CheckResult(key, HealthState.OK, null, null),
                9 => new IncidentOpened(key),
                10 => new IncidentRooted(Math.Max(1, last - random.Next(30)), key, true),
                11 => new IncidentMerged(Math.Max(1, last - random.Next(30)), Math.Max(1, last - random.Next(30))),
                _ => new CheckChanged(key, HealthState.OK, state, state, random.Next(5) == 0, false, null, null),
            };
            happened.Add(one with { Number = ++last, Time = time });
        }

        store.Monitor.Append(happened);
    }

    private static void Damage(StoreCase stored, Random random)
    {
        if (Checkpoints(stored).Count == 0) return;
        stored.Sql(random.Next(5) switch
        {
            0 => "UPDATE checkpoint SET json = substr(json, 1, length(json) / 2)",
            1 => "UPDATE checkpoint SET json = replace(json, 'true', 'false') WHERE time > (SELECT min(time) FROM checkpoint)",
            2 => "UPDATE checkpoint SET time = time + 3600000 WHERE time = (SELECT max(time) FROM checkpoint)",
            3 => "DELETE FROM checkpoint WHERE time > (SELECT avg(time) FROM checkpoint)",
            _ => "DROP TRIGGER IF EXISTS checkpoint_true; DELETE FROM checkpoint WHERE time % 2 = 1",
        });
    }

    private void KeepSomeDays()
    {
        for (int day = 0; day < 5; day++)
        {
            Keep(Start.AddDays(day).AddHours(3), new CheckChanged(CheckKey.ReachabilityOf("web1"), HealthState.OK, HealthState.OK, HealthState.OK, false, false, null, null));
            Keep(Start.AddDays(day).AddHours(20), new ServerChanged("web1", HealthState.OK, day % 2 == 0 ? HealthState.Critical : HealthState.OK));
        }

        _case.SetTime(Start.AddDays(5).AddHours(1));
        _case.Store.Monitor.Beat(Start.AddDays(5).AddHours(1));
    }

    private void Keep(DateTimeOffset time, MonitorEvent happened) => _case.Store.Monitor.Append([happened with { Number = ++_last, Time = time }]);
}

using Microsoft.Data.Sqlite;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Tests.Store;

public sealed class StoreFileTests : IDisposable
{
    private static readonly DateTimeOffset Start = StoreCase.Start;

    private readonly StoreCase _case = new();

    [Fact]
    public void Any_SQLite_program_reads_events_recent_samples_and_what_chunks_there_are()
    {
        _case.Store.Events.Append([new StoredEvent(0, Start.AddMilliseconds(1), "web1", "state", """{"to":"Critical"}""")]);
        _case.Store.Append([StoreCase.Sample(Start, 12.5, name: "disk.used", instance: "/")]);
        Assert.Equal(["1|2026-01-01T00:00:00.001Z|web1|state|Critical"], _case.Sql("SELECT number, time, server, kind, json->>'to' FROM events"));
        Assert.Equal(["2026-01-01T00:00:00.000Z|web1|disk.used|/|12.5|%"], _case.Sql("SELECT * FROM recent_samples"));
        _case.Time.Advance(TimeSpan.FromHours(2));
        _case.Store.Seal(default);
        Assert.Equal(
            ["1h|2026-01-01T00:00:00Z|1", "5m|2026-01-01T00:00:00Z|1", "samples|2026-01-01T00:00:00Z|1"],
            _case.Sql("SELECT kind, start, entries FROM chunks WHERE server = 'web1' AND instance = '/' ORDER BY kind"));
        Assert.Equal(["wal|2|1"], _case.Sql("SELECT (SELECT * FROM pragma_journal_mode), (SELECT * FROM pragma_auto_vacuum), (SELECT * FROM pragma_user_version)"));
    }

    [Fact]
    public void A_damaged_chunk_is_told_and_all_else_is_read()
    {
        _case.Store.Append([StoreCase.Sample(Start, 1), StoreCase.Sample(Start, 2, "web2"), StoreCase.Sample(Start.AddHours(-2), 3)]);
        _case.Time.Advance(TimeSpan.FromHours(2));
        _case.Store.Seal(default);
        _case.Sql("UPDATE chunk SET data = zeroblob(20) WHERE id = (SELECT max(id) FROM chunk)");
        Assert.Equal([3, 1], _case.All().Select(static sample => sample.Value));
        var told = Assert.Single(_case.Errors);
        Assert.Equal((MonitoringErrors.ChunkLostId, _case.Path), (told.ErrorId, told.Target));
        Assert.Contains("cpu.busy of web2 from 2026-01-01 00:00", told.Message, StringComparison.Ordinal);
        // A late sample of that hour does not hold up the others.
        _case.Store.Append([StoreCase.Sample(Start.AddMinutes(1), 5, "web2")]);
        _case.Store.Seal(default);
        Assert.Equal([3, 1, 5], _case.All().Select(static sample => sample.Value));
        Assert.Equal(1, _case.Store.Facts().DamagedChunks);
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(4096, 1_000_000)]
    public void A_damaged_file_is_named_with_what_to_do(int from, int to)
    {
        _case.Store.Append([StoreCase.Sample(Start, 1)]);
        _case.Store.Dispose();
        byte[] bytes = File.ReadAllBytes(_case.Path);
        bytes.AsSpan(Math.Min(from, bytes.Length)..Math.Min(to, bytes.Length)).Fill(0xa5);
        File.WriteAllBytes(_case.Path, bytes);
        var error = Assert.Throws<ProdOpsException>(() =>
        {
            using var store = _case.Open();
            store.Append([StoreCase.Sample(Start, 2, "web3")]);
        });
        Assert.Equal((MonitoringErrors.StoreDamagedId, ErrorKind.InvalidData, _case.Path), (error.ErrorId, error.Kind, error.Target));
        Assert.Contains(".recover", error.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_of_something_else_or_of_a_later_version_is_left_alone()
    {
        _case.Store.Dispose();
        _case.Sql("PRAGMA user_version = 9");
        Assert.Equal("MetricStoreVersion", Assert.Throws<ProdOpsException>(() => _case.Open()).ErrorId);
        _case.Sql("PRAGMA application_id = 1");
        Assert.Equal("MetricStoreForeign", Assert.Throws<ProdOpsException>(() => _case.Open()).ErrorId);
        using var folder = new TemporaryFolder();
        Assert.Equal("MetricStoreNotFound", Assert.Throws<ProdOpsException>(() => MetricStore.Open(folder["none.db"], _case.Time, _case, readOnly: true)).ErrorId);
        Assert.Equal("MetricStoreNotOpened", Assert.Throws<ProdOpsException>(() => MetricStore.Open(folder.Path, _case.Time, _case)).ErrorId);
    }

    [Fact]
    public void Who_only_reads_sees_what_is_written_later_and_writes_nothing()
    {
        using var reader = _case.Open(readOnly: true);
        _case.Store.Append([StoreCase.Sample(Start, 1)]);
        Assert.Equal(1, Assert.Single(reader.Latest("*", "*", null)).Value);
        Assert.Throws<InvalidOperationException>(() => reader.Append([]));
    }

    [Fact]
    public void A_writer_that_waits_too_long_for_another_says_so_and_readers_do_not_wait()
    {
        using var file = StoreFile.Open(_case.Path, readOnly: false, TimeSpan.FromMilliseconds(100));
        using var holder = new SqliteConnection($"Data Source={_case.Path};Pooling=False");
        holder.Open();
        using var transaction = holder.BeginTransaction();
        var error = Assert.Throws<ProdOpsException>(() => file.Write(static connection => connection.Execute("DELETE FROM setting")));
        Assert.Equal((MonitoringErrors.StoreBusyId, ErrorKind.ResourceBusy), (error.ErrorId, error.Kind));
        Assert.Empty(_case.All());
        transaction.Rollback();
        file.Write(static connection => connection.Execute("DELETE FROM setting"));
    }

    [Fact]
    public void Who_reads_for_long_holds_up_neither_samples_nor_retention()
    {
        _case.Store.Append([StoreCase.Sample(Start, 1), StoreCase.Sample(Start.AddHours(-9), 2)]);
        using var holder = new SqliteConnection($"Data Source={_case.Path};Pooling=False");
        holder.Open();
        using var transaction = holder.BeginTransaction(deferred: true);
        using var command = holder.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sample";
        Assert.Equal(2L, command.ExecuteScalar());
        _case.Time.Advance(TimeSpan.FromHours(2));
        _case.Store.Retain(new RetentionSpans(), default);
        _case.Store.Append([StoreCase.Sample(Start.AddHours(1), 3)]);
        Assert.Equal(2L, command.ExecuteScalar());
        Assert.Equal([2, 1, 3], _case.All().Select(static sample => sample.Value));
    }

    [Fact]
    public void Several_may_make_the_file_at_once()
    {
        using var folder = new TemporaryFolder();
        string path = folder["deep/metrics.db"];
        Parallel.For(0, 6, new ParallelOptions { MaxDegreeOfParallelism = 6 }, i =>
        {
            using var store = MetricStore.Open(path, _case.Time, _case);
            store.Append([StoreCase.Sample(Start, i, instance: $"{i}")]);
        });
        using var store = MetricStore.Open(path, _case.Time, _case);
        Assert.Equal(6, store.Latest("*", "*", null).Count);
        store.Dispose();
        Assert.Throws<ObjectDisposedException>(() => store.Latest("*", "*", null));
        Assert.Throws<ObjectDisposedException>(() => store.Append([]));
    }

    [Fact]
    public void Events_keep_their_order_and_cannot_be_changed()
    {
        var events = _case.Store.Events;
        Assert.Equal(1, events.Append([.. Enumerable.Range(0, 1200).Select(i => new StoredEvent(0, Start.AddSeconds(i % 700), i % 3 == 0 ? null : $"web{i % 3}", i % 2 == 0 ? "state" : "told", $"{i}"))]));
        Assert.Equal(1201, events.Append([new StoredEvent(0, Start.AddDays(-1), "Web1", "state", "late")]));
        Assert.Equal(0, events.Append([]));
        _case.Reopen(static () => { });
        events = _case.Store.Events;
        Assert.Equal(Enumerable.Range(1, 1201).Select(static i => (long)i), events.Replay(0, default).Select(static happened => happened.Number));
        Assert.Equal(["1199", "late"], events.Replay(1199, default).Select(static happened => happened.Json));
        var all = events.Replay(0, default).ToList();
        foreach (var query in new[] { new EventQuery(), new EventQuery { From = Start.AddSeconds(10), To = Start.AddSeconds(650) }, new EventQuery { Server = "WEB1" }, new EventQuery { Server = "web2", Kind = "told", From = Start.AddSeconds(5) }, new EventQuery { Server = "web9" } })
        {
            var expected = all.Where(happened => !(happened.Time < query.From) && !(happened.Time >= query.To) && (query.Kind ?? happened.Kind) == happened.Kind
                && (query.Server is null || query.Server.Equals(happened.Server, StringComparison.OrdinalIgnoreCase)));
            Assert.Equal(expected.OrderBy(static happened => happened.Time).ThenBy(static happened => happened.Number), events.Query(query, default));
        }

        Assert.Throws<SqliteException>(() => _case.Sql("UPDATE event SET json = ''"));
        Assert.Throws<SqliteException>(() => _case.Sql("DELETE FROM event"));
    }

    [FullDiskFact]
    public void A_full_disk_loses_nothing_that_was_kept_and_with_room_it_goes_on()
    {
        using var folder = new TemporaryFolder();
        using var disk = SmallDisk.Mount(folder.Path, 2);
        using var store = MetricStore.Open(Path.Combine(disk.Path, "metrics.db"), _case.Time, _case);
        int kept = 0;
        var error = Assert.Throws<ProdOpsException>(() =>
        {
            for (; kept < 100_000; kept++) store.Append(Round(kept));
        });
        Assert.Equal((MonitoringErrors.StoreFullId, ErrorKind.WriteError), (error.ErrorId, error.Kind));
        disk.Remount("size=40m");
        Assert.Equal(kept * 100, Count());
        store.Append(Round(kept++));
        store.Seal(default);
        Assert.Equal(kept * 100, Count());

        MetricSample[] Round(int round) => [.. Enumerable.Range(0, 100).Select(i => StoreCase.Sample(Start.AddSeconds(round - 200_000), round + i, instance: $"{i}"))];
        int Count() => store.Query(new MetricQuery { From = Start.AddDays(-9), To = Start.AddDays(1), Resolution = MetricResolution.Raw }, default).Count();
    }

    public void Dispose() => _case.Dispose();
}

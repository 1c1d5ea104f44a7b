using Microsoft.Extensions.Time.Testing;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Sets;

namespace ProdOps.Backup.Tests.Sets;

/// <summary>Backup sets run side by side: what each makes, copies and removes, and what a failure leaves alone.</summary>
public sealed class SetRunTests : IAsyncLifetime
{
    private readonly SetLab _lab = new();

    public Task InitializeAsync() => _lab.InitializeAsync();

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [UnixFact]
    public async Task A_set_is_backed_up_copied_and_thinned_out_and_no_other_snapshot_is_touched()
    {
        var set = Set("db", "echo data") with { CopyTo = ["offsite"], Tag = ["nightly"], Keep = Rules("Last", 2), KeepCopies = Rules("Last", 1), Prune = true };
        var other = Set("other", "echo other");
        var kept = new List<ObjectId>();
        foreach (int hours in new[] { -20, -10, -5, 0 })
        {
            _lab.Clock.Offset = TimeSpan.FromHours(hours);
            var done = await _lab.RunAsync((set, "a"), (other, "a"), (set, "b"));
            Assert.All(done.Values, outcome => Assert.Equal((BackupSetStatus.Complete, null), (outcome.Result.Status, outcome.Error?.Message)));
            var result = done["db a"].Result;
            Assert.Equal(["offsite"], result.CopiedTo);
            Assert.Equal(["set:db", "server:a", "nightly"], result.Snapshot!.Tags);
            Assert.True(result is { BytesProcessed: 5, Duration.Ticks: > 0, SnapshotId.Length: 8 });
            if (hours == 0) Assert.Equal(2, result.Removed.Count);
        }

        var local = await _lab.SnapshotsAsync("local");
        Assert.Equal((2, 2, 4), (Count(local, "db", "a"), Count(local, "db", "b"), Count(local, "other", "a")));
        var offsite = await _lab.SnapshotsAsync("offsite");
        Assert.Equal((1, 1, 0), (Count(offsite, "db", "a"), Count(offsite, "db", "b"), Count(offsite, "other", "a")));
        Assert.Empty(_lab.Activity.Errors);
        Assert.Empty(_lab.Activity.Warnings);
    }

    [UnixFact]
    public async Task One_sets_failure_stops_no_other_and_removes_nothing()
    {
        var good = Set("good", "echo good");
        var bad = Set("bad", "test -e " + _lab["broken"] + " && exit 3; echo x") with { Keep = Rules("Last", 1) };
        await _lab.RunAsync((bad, "a"));
        await _lab.RunAsync((bad, "a"));
        File.WriteAllText(_lab["broken"], "");
        var done = await _lab.RunAsync((bad, "a"), (good, "a"), (good with { Name = "nowhere", Repository = "gone" }, "b"), (good, "b"));
        Assert.Equal((BackupSetStatus.Failed, "DumpFailed", null), (done["bad a"].Result.Status, done["bad a"].Result.ErrorId, done["bad a"].Result.Snapshot));
        Assert.Contains("'bad' failed on a", done["bad a"].Error!.Message, StringComparison.Ordinal);
        Assert.Equal("DumpFailed", done["bad a"].Error!.ErrorId);
        Assert.Equal(BackupSetStatus.Failed, done["nowhere b"].Result.Status);
        Assert.Equal((BackupSetStatus.Complete, BackupSetStatus.Complete), (done["good a"].Result.Status, done["good b"].Result.Status));
        Assert.Equal(1, Count(await _lab.SnapshotsAsync("local"), "bad", "a"));
    }

    [UnixFact]
    public async Task What_is_missing_is_said_and_the_rest_is_kept()
    {
        var set = new BackupSet { Name = "files", Path = [_lab["source"], _lab["nothing"]], Repository = "local", After = "exit 6" };
        var done = await _lab.RunAsync((set, "a"));
        var result = done["files a"].Result;
        Assert.Equal((BackupSetStatus.Incomplete, "BackupSetIncomplete"), (result.Status, done["files a"].Error!.ErrorId));
        Assert.Equal(2, result.Problems.Count);
        Assert.Contains(_lab["nothing"], result.Problems[0], StringComparison.Ordinal);
        Assert.Contains("After", result.Problems[1], StringComparison.Ordinal);
        Assert.NotNull(result.Snapshot);
        Assert.Empty(_lab.Activity.Errors);
    }

    [UnixFact]
    public async Task Incomplete_snapshots_push_no_complete_one_out_and_it_is_said_since_when_they_are()
    {
        var set = new BackupSet
        {
            Name = "files", Path = [_lab["source"], _lab["uploads"]], Repository = "local", CopyTo = ["offsite"], Keep = Rules("Last", 2), KeepCopies = Rules("Last", 1), RetryLock = TimeSpan.FromMinutes(1),
        };
        Directory.CreateDirectory(_lab["uploads"]);
        var complete = new List<BackupSnapshot>();
        for (int hour = -12; hour <= -3; hour++)
        {
            _lab.Clock.Offset = TimeSpan.FromHours(hour);
            if (hour == -9) Directory.Delete(_lab["uploads"]);
            var done = (await _lab.RunAsync((set, "a")))["files a"];
            if (hour < -9)
            {
                Assert.Null(done.Error);
                complete.Add(done.Result.Snapshot!);
            }
            else
            {
                Assert.Equal(BackupSetStatus.Incomplete, done.Result.Status);
                Assert.Contains("incomplete", done.Result.Snapshot!.Tags);
                Assert.Contains($"(the newest complete one is of {complete[2].Time:yyyy-MM-dd HH:mm})", done.Error!.Message, StringComparison.Ordinal);
            }
        }

        var local = (await _lab.SnapshotsAsync("local")).Select(snapshot => snapshot.Id.ToString()).ToHashSet();
        Assert.Equal((4, true, true), (local.Count, local.Contains(complete[1].Id), local.Contains(complete[2].Id)));
        Assert.Equal([false, true], (await _lab.SnapshotsAsync("offsite")).Select(snapshot => snapshot.IsIncomplete));

        // Once it is whole again the rules alone hold.
        Directory.CreateDirectory(_lab["uploads"]);
        foreach (int hours in new[] { -2, -1 })
        {
            _lab.Clock.Offset = TimeSpan.FromHours(hours);
            Assert.Null((await _lab.RunAsync((set, "a")))["files a"].Error);
        }

        Assert.Equal([false, false], (await _lab.SnapshotsAsync("local")).Select(snapshot => snapshot.IsIncomplete));
    }

    [UnixFact]
    public async Task A_copy_that_failed_is_made_up_for_by_the_next_one()
    {
        var set = Set("db", "echo data") with { CopyTo = ["offsite"] };
        foreach (int hours in new[] { -20, -15, -10 })
        {
            _lab.Clock.Offset = TimeSpan.FromHours(hours);
            if (hours == -15) _lab.Broken.Add("offsite");
            else _lab.Broken.Remove("offsite");
            var result = (await _lab.RunAsync((set, "a")))["db a"].Result;
            Assert.Equal(hours == -15 ? BackupSetStatus.Incomplete : BackupSetStatus.Complete, result.Status);
            if (hours == -15) Assert.Contains("not copied to 'offsite'", Assert.Single(result.Problems), StringComparison.Ordinal);
        }

        Assert.Equal(3, (await _lab.SnapshotsAsync("offsite")).Count);
    }

    [UnixFact]
    public async Task Sets_of_one_server_run_one_after_the_other_and_servers_side_by_side()
    {
        string log = _lab["log"];
        string One(string name) => $"echo begin >> {log}; echo {name}; echo end >> {log}";
        await _lab.RunAsync((Set("one", One("one")), "a"), (Set("two", One("two")), "a"), (Set("three", One("three")), "a"));
        Assert.Equal(["begin", "end", "begin", "end", "begin", "end"], File.ReadAllLines(log));

        // Each waits until the other has begun.
        string Meet(string me, string other) => $"touch {_lab[me]}; until [ -e {_lab[other]} ]; do sleep 0.05; done; echo met";
        var done = await _lab.RunAsync((Set("left", Meet("l", "r")), "a"), (Set("right", Meet("r", "l")), "b"));
        Assert.All(done.Values, outcome => Assert.Equal(BackupSetStatus.Complete, outcome.Result.Status));
    }

    [UnixFact]
    public async Task Snapshots_are_removed_only_when_no_other_set_of_the_run_uses_their_repository()
    {
        var quick = Set("quick", "echo x") with { Keep = Rules("Last", 1), RetryLock = TimeSpan.Zero };
        await _lab.RunAsync((quick, "a"));
        // The slow one holds its lock until the quick one has its second snapshot.
        var slow = Set("slow", $"until [ $(ls {_lab["local"]}/snapshots | wc -l) -ge 2 ]; do sleep 0.05; done; echo y");
        var done = await _lab.RunAsync((quick, "a"), (slow, "b"));
        Assert.Single(done["quick a"].Result.Removed);
        Assert.Equal(BackupSetStatus.Complete, done["quick a"].Result.Status);
        Assert.Empty(_lab.Activity.Warnings);
    }

    [UnixFact]
    public async Task A_repository_that_somebody_holds_is_left_for_the_next_run()
    {
        var set = Set("db", "echo x") with { Keep = Rules("Last", 1), RetryLock = TimeSpan.Zero };
        await _lab.RunAsync((set, "a"));
        await using var repository = (await _lab.OpenRepositoryAsync("local", default)).OpenBeside();
        await using (await RepositoryLock.AcquireAsync(repository, exclusive: false, TimeSpan.Zero, _lab.Activity, default))
        {
            var result = (await _lab.RunAsync((set, "a")))["db a"].Result;
            Assert.Equal((BackupSetStatus.Complete, 0), (result.Status, result.Removed.Count));
            Assert.Contains("removed", Assert.Single(_lab.Activity.Warnings), StringComparison.Ordinal);
        }

        Assert.Equal(2, (await _lab.RunAsync((set, "a")))["db a"].Result.Removed.Count);
    }

    [UnixFact]
    public async Task Another_process_that_backs_up_the_same_server_is_waited_for()
    {
        var clock = new FakeTimeProvider();
        string folder = _lab["turns"];
        Task<IDisposable?> TakeAsync(string server, int minutes) => ServerTurn.TakeAsync(folder, SetLab.Server(server), TimeSpan.FromMinutes(minutes), _lab.Activity, clock, default);
        var first = await TakeAsync("a", 1);
        Assert.NotNull(first);
        (await TakeAsync("b", 1))!.Dispose();
        var second = TakeAsync("A", 1_000_000);
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.False(second.IsCompleted);
        first.Dispose();
        while (!second.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        using (await second)
        {
            Assert.Empty(_lab.Activity.Warnings);
            Assert.Null(await TakeAsync("a", 0));
            Assert.Contains("beside it", Assert.Single(_lab.Activity.Warnings), StringComparison.Ordinal);
        }

        // Where there is no place for such a file, nobody waits.
        File.WriteAllText(_lab["file"], "");
        Assert.Null(await ServerTurn.TakeAsync(_lab["file"], SetLab.Server("a"), TimeSpan.FromMinutes(1), _lab.Activity, clock, default));
    }

    private static BackupSet Set(string name, string command) => new() { Name = name, FromCommand = command, Repository = "local", RetryLock = TimeSpan.FromMinutes(1) };

    private static Dictionary<string, object> Rules(string name, object value) => new() { [name] = value };

    private static int Count(IEnumerable<SnapshotFile> snapshots, string set, string server) =>
        snapshots.Count(snapshot => snapshot.Tags.Contains($"set:{set}") && snapshot.Tags.Contains($"server:{server}"));
}

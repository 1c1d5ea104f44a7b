using System.Security.Cryptography;
using ProdOps.Backup.Selection;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.FileSystem;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;

namespace ProdOps.Backup.Tests.Faults;

/// <summary>What a backup does with each thing it is asked for, seen in the repository and by restic.</summary>
public sealed class BackupRequestTests : IDisposable
{
    private readonly BackupLab _lab = new();

    public BackupRequestTests()
    {
        _lab.Write("a/one", TestRepository.Text(3000, 1));
        _lab.Write("a/two", TestRepository.RandomBytes(700_000, 2));
        _lab.Write("b/three.log", TestRepository.Text(900, 3));
    }

    public void Dispose() => _lab.Dispose();

    [ResticFact]
    public async Task The_parent_is_the_newest_snapshot_of_the_same_host_that_holds_the_paths()
    {
        await _lab.InitializeAsync();
        var both = await _lab.BackupWhollyAsync(_lab.Request(_lab.Source, AppContext.BaseDirectory + "xunit.core.dll"));
        Assert.Null(both.Parent);
        var elsewhere = await _lab.BackupWhollyAsync(_lab.Request() with { HostName = "elsewhere" });
        Assert.Null(elsewhere.Parent);
        Assert.Null((await _lab.BackupWhollyAsync(_lab.Request(_lab.Source + "/a"))).Parent);

        // Holding more than is asked for is enough; holding less is not.
        var one = await _lab.BackupWhollyAsync();
        Assert.Equal(both.Id, one.Parent);
        Assert.Equal(3, one.Summary!.FilesUnmodified);
        Assert.Equal(one.Id, (await _lab.BackupWhollyAsync()).Parent);
        Assert.Equal(elsewhere.Id, (await _lab.BackupWhollyAsync(_lab.Request() with { HostName = "elsewhere" })).Parent);

        var named = await _lab.BackupWhollyAsync(_lab.Request() with { Parent = both.ShortId });
        Assert.Equal(both.Id, named.Parent);
        var unknown = await Assert.ThrowsAsync<ProdOpsException>(() => _lab.BackupAsync(_lab.Request() with { Parent = "0000" }));
        Assert.Equal("SnapshotNotFound", unknown.ErrorId);
        _lab.AssertNothingIsLeftBehind();
        _lab.Check();
    }

    [ResticFact]
    public async Task A_snapshot_younger_than_the_recorded_time_is_no_parent()
    {
        await _lab.InitializeAsync();
        var now = TimeProvider.System.GetUtcNow();
        var old = await _lab.BackupWhollyAsync(_lab.Request() with { Time = now.AddDays(-10) });
        await _lab.BackupWhollyAsync(_lab.Request() with { Time = now.AddDays(-5) });
        var between = await _lab.BackupWhollyAsync(_lab.Request() with { Time = now.AddDays(-7) });
        Assert.Equal(old.Id, between.Parent);
        var times = _lab.ResticSnapshots().Select(snapshot => snapshot.GetProperty("time").GetDateTimeOffset()).Order().ToList();
        Assert.Equal([now.AddDays(-10), now.AddDays(-7), now.AddDays(-5)], times);
    }

    [Fact]
    public async Task Force_reads_everything_and_stores_nothing_twice()
    {
        await _lab.InitializeAsync();
        await _lab.BackupWhollyAsync(_lab.StillRequest());
        Disturb();
        var forced = await _lab.BackupWhollyAsync(_lab.StillRequest() with { Force = true });
        Assert.Null(forced.Parent);
        Assert.Equal((3, 0, 0, 0), (forced.Summary!.FilesNew, forced.Summary.FilesUnmodified, forced.Summary.DataBlobs, forced.Summary.TreeBlobs));
    }

    [LinuxFact]
    public async Task A_new_inode_or_change_time_makes_a_file_changed_unless_it_is_to_be_ignored()
    {
        await _lab.InitializeAsync();
        string path = _lab.Source + "/a/one";
        await _lab.BackupWhollyAsync();
        Shell.Run(_lab.Source, "chmod 600 a/one");
        Assert.Equal(1, (await _lab.BackupWhollyAsync()).Summary!.FilesChanged);
        Shell.Run(_lab.Source, "chmod 640 a/one");
        Assert.Equal(0, (await _lab.BackupWhollyAsync(_lab.Request() with { IgnoreChangeTime = true })).Summary!.FilesChanged);
        // The mode is read all the same.
        Shell.Run(_lab.Source, "cp -p a/one copy; rm a/one; mv copy a/one");
        var ignoring = await _lab.BackupWhollyAsync(_lab.Request() with { IgnoreChangeTime = true, IgnoreInode = true });
        Assert.Equal(0, ignoring.Summary!.FilesChanged);
        Assert.Equal(0b110_100_000u, (await _lab.FindAsync(ignoring.Id, path)).Mode & 0x1FF);

        Shell.Run(_lab.Source, "cp -p a/one copy; rm a/one; mv copy a/one");
        Assert.Equal(1, (await _lab.BackupWhollyAsync(_lab.Request() with { IgnoreChangeTime = true })).Summary!.FilesChanged);
    }

    [ResticFact]
    public async Task With_skip_if_unchanged_only_a_change_makes_a_snapshot()
    {
        await _lab.InitializeAsync();
        var request = _lab.StillRequest() with { SkipIfUnchanged = true };
        Assert.Equal(BackupStatus.Complete, (await _lab.BackupAsync(request)).Status);
        Disturb();
        var skipped = await _lab.BackupAsync(request);
        Assert.Equal((BackupStatus.Skipped, ""), (skipped.Status, skipped.Id));
        Assert.Single(_lab.ResticSnapshots());
        Shell.Run(_lab.Source, "touch -d @1000000000.5 a/one");
        Assert.Equal(BackupStatus.Complete, (await _lab.BackupAsync(request)).Status);
        Assert.Equal(2, _lab.ResticSnapshots().Count);
        _lab.AssertNothingIsLeftBehind();
        _lab.Check();
    }

    [ResticFact]
    public async Task Tags_host_user_time_and_what_was_left_out_are_in_the_snapshot_that_restic_shows()
    {
        await _lab.InitializeAsync();
        var time = new DateTimeOffset(2025, 3, 30, 12, 0, 0, TimeSpan.FromHours(2)).AddTicks(1234567);
        var request = _lab.Request() with
        {
            Tags = ["nightly", "<a&b>"], HostName = "web1", UserName = "ann", Time = time, Selection = new SelectionRules { Excludes = ["*.log"] },
        };
        var made = await _lab.BackupWhollyAsync(request);
        var seen = Assert.Single(_lab.ResticSnapshots());
        string[] Texts(string name) => [.. seen.GetProperty(name).EnumerateArray().Select(text => text.GetString()!)];
        Assert.Equal((made.Id, "web1", "ann"), (seen.GetProperty("id").GetString(), seen.GetProperty("hostname").GetString(), seen.GetProperty("username").GetString()));
        Assert.Equal(time, seen.GetProperty("time").GetDateTimeOffset());
        Assert.Equal(["nightly", "<a&b>"], Texts("tags"));
        Assert.Equal([_lab.Source], Texts("paths"));
        Assert.Equal(["*.log"], Texts("excludes"));
        string listing = _lab.Restic.Run("ls", made.Id);
        Assert.Contains("a/two", listing);
        Assert.DoesNotContain("three.log", listing);
        Assert.Equal(2, made.Summary!.FilesNew);
    }

    [Fact]
    public async Task A_trial_run_counts_what_a_real_one_would_do_and_leaves_the_repository_byte_for_byte()
    {
        await _lab.InitializeAsync();
        await _lab.BackupWhollyAsync();
        _lab.Write("a/one", TestRepository.Text(5000, 9));
        _lab.Write("c/new", TestRepository.RandomBytes(600_000, 10));
        var before = Fingerprint();
        var planned = await BackupLab.BackupAsync(new DryRunStorage(_lab.Storage()), _lab.Request() with { DryRun = true });
        Assert.Equal(before, Fingerprint());
        Assert.Equal((BackupStatus.Planned, ""), (planned.Status, planned.Id));

        var (plan, real) = (planned.Summary!, (await _lab.BackupWhollyAsync()).Summary!);
        Assert.Equal((1, 1, 2), (real.FilesNew, real.FilesChanged, real.FilesUnmodified));
        Assert.Equal(
            (real.FilesNew, real.FilesChanged, real.FilesUnmodified, real.DirectoriesNew, real.DataBlobs, real.TreeBlobs, real.DataAdded, real.DataAddedPacked, real.TotalBytesProcessed),
            (plan.FilesNew, plan.FilesChanged, plan.FilesUnmodified, plan.DirectoriesNew, plan.DataBlobs, plan.TreeBlobs, plan.DataAdded, plan.DataAddedPacked, plan.TotalBytesProcessed));
    }

    [Fact]
    public async Task A_missing_path_is_an_error_of_its_own_and_the_rest_is_backed_up()
    {
        await _lab.InitializeAsync();
        var activity = new RecordingActivity();
        string missing = _lab.Source + "/nowhere";
        var snapshot = await _lab.BackupAsync(_lab.Request(_lab.Source + "/a", missing), activity);
        var error = Assert.Single(activity.Errors);
        Assert.Equal(("SourceNotFound", ErrorKind.NotFound, missing), (error.ErrorId, error.Kind, error.Target));
        Assert.Equal((BackupStatus.Incomplete, 1, 2), (snapshot.Status, snapshot.Summary!.Errors, snapshot.Summary.FilesNew));
        Assert.Single(_lab.FilesOf("snapshots"));
    }

    [Fact]
    public async Task With_no_path_left_there_is_nothing_to_back_up_and_no_snapshot()
    {
        await _lab.InitializeAsync();
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => _lab.BackupAsync(_lab.Request(_lab.Source + "/no", _lab.Source + "/nor this")));
        Assert.Equal("NothingToBackUp", error.ErrorId);
        Assert.Empty(_lab.FilesOf("snapshots"));
        _lab.AssertNothingIsLeftBehind();
    }

    /// <summary>What anybody may do in the folders above the source while a test runs.</summary>
    private void Disturb() => File.WriteAllText(_lab["somebody else's"], "");

    private string Fingerprint() => string.Join('\n', Directory.GetFileSystemEntries(_lab.RepositoryFolder, "*", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal)
        .Select(path => $"{path} {File.GetLastWriteTimeUtc(path):O} {(File.Exists(path) ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))) : "")}"));
}

using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Backup.Tests.TestTools;

namespace ProdOps.Backup.Tests.Faults;

/// <summary>Runs that end before their end: no snapshot, nothing left behind, and a repository that restic accepts and the next run goes on with.</summary>
public sealed class RunFaultTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly BackupLab _lab = new();
    private readonly RecordingActivity _activity = new();

    public async Task InitializeAsync()
    {
        for (int i = 0; i < 30; i++) _lab.Write($"f{i % 5}/{i}", TestRepository.RandomBytes(400_000, i));
        await _lab.InitializeAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _lab.Dispose();

    [ResticTheory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(29)]
    public async Task A_run_that_is_cancelled_leaves_nothing_behind(int file)
    {
        using var stop = new CancellationTokenSource();
        int opened = 0;
        var request = _lab.Request() with
        {
            Files = new TroubledFiles { Opening = _ => { if (Interlocked.Increment(ref opened) == file) stop.Cancel(); } },
            Writing = new BlobWriterOptions { PackSize = 4 << 20 },
        };
        var run = BackupLab.BackupAsync(_lab.Storage(), request, _activity, cancellationToken: stop.Token).WaitAsync(Limit);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Empty(_activity.Errors);
        await AssertGoesOnAsync();
    }

    [ResticTheory]
    [InlineData(1)]
    [InlineData(20)]
    public async Task A_repository_that_goes_away_ends_the_run_with_an_error(int file)
    {
        int opened = 0;
        var request = _lab.Request() with
        {
            Files = new TroubledFiles { Opening = _ => { if (Interlocked.Increment(ref opened) == file) Directory.Move(_lab.RepositoryFolder, _lab["elsewhere"]); } },
            Writing = new BlobWriterOptions { PackSize = 4 << 20 },
        };
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => _lab.BackupAsync(request, _activity).WaitAsync(Limit));
        Assert.Contains(_lab.RepositoryFolder, error.Message);
        // What is written to a place that is no repository any more, such as the folder of a disk that was unmounted, nobody could read.
        Assert.False(Directory.Exists(_lab.RepositoryFolder));

        Directory.Move(_lab["elsewhere"], _lab.RepositoryFolder);
        _lab.Check(readData: true, noLock: true);
    }

    [FullDiskFact]
    public async Task A_full_disk_ends_the_run_with_one_error_and_once_there_is_room_it_goes_on()
    {
        using var folder = new TemporaryFolder();
        using var disk = SmallDisk.Mount(folder.Path, megabytes: 8);
        using var lab = await new BackupLab(repository: Path.Combine(disk.Path, "repository")).InitializeAsync();
        lab.Write("fits", TestRepository.RandomBytes(1_000_000, 1));
        var before = await lab.BackupWhollyAsync();
        for (int i = 0; i < 30; i++) lab.Write($"f{i}", TestRepository.RandomBytes(500_000, i));

        var request = lab.Request() with { Writing = new BlobWriterOptions { PackSize = 4 << 20 } };
        for (int attempt = 0; attempt < 2; attempt++)
        {
            var error = await Assert.ThrowsAsync<ProdOpsException>(() => lab.BackupAsync(request, _activity).WaitAsync(Limit));
            Assert.Equal(("StorageFull", ErrorKind.ResourceUnavailable), (error.ErrorId, error.Kind));
            Assert.Empty(_activity.Errors);
            Assert.Single(lab.FilesOf("snapshots"));
            lab.AssertNothingIsLeftBehind();
            lab.Check(readData: true, noLock: true);
        }

        disk.Remount("size=64m");
        var after = await lab.BackupWhollyAsync(request);
        Assert.Equal(before.Id, after.Parent);
        lab.Check(readData: true);
        lab.AssertResticRestoresTheSource(after.Id);
    }

    [ResticFact]
    public async Task A_clock_that_was_set_back_makes_no_younger_snapshot_a_parent_and_loses_nothing()
    {
        var clock = new ShiftedClock();
        var first = await _lab.BackupAsync(_lab.Request(), _activity, clock);
        clock.Offset = TimeSpan.FromDays(-2);
        var back = await _lab.BackupAsync(_lab.Request(), _activity, clock);
        Assert.Null(back.Parent);
        Assert.Equal((30, 0), (back.Summary!.FilesNew, back.Summary.DataBlobs));
        clock.Offset = TimeSpan.FromDays(-1);
        Assert.Equal(back.Id, (await _lab.BackupAsync(_lab.Request(), _activity, clock)).Parent);
        clock.Offset = TimeSpan.Zero;
        Assert.Equal(first.Id, (await _lab.BackupAsync(_lab.Request(), _activity, clock)).Parent);
        Assert.Empty(_activity.Errors);
        _lab.AssertNothingIsLeftBehind();
        _lab.Check();
    }

    [ResticFact]
    public async Task A_clock_that_is_set_back_in_mid_run_does_not_make_the_run_end_before_it_began()
    {
        var clock = new ShiftedClock();
        var files = new TroubledFiles { Opening = _ => clock.Offset = TimeSpan.FromHours(-3) };
        var snapshot = await _lab.BackupAsync(_lab.Request() with { Files = files }, _activity, clock);
        Assert.Equal(BackupStatus.Complete, snapshot.Status);
        Assert.InRange(snapshot.Summary!.Duration, TimeSpan.Zero, Limit);
        Assert.Empty(_activity.Errors);
        _lab.AssertNothingIsLeftBehind();
        _lab.Check();
    }

    [ResticFact]
    public async Task A_lock_of_another_host_is_respected_and_one_of_a_dead_process_here_is_removed()
    {
        var dead = ProdOpsProcess.Start(_lab.RepositoryFolder, "exit 0");
        await dead.EndAsync();
        ObjectId foreign;
        await using (var repository = await TestRepository.OpenAsync(_lab.Storage()))
        {
            var fresh = LockFile.OfThisProcess(exclusive: true, TimeProvider.System);
            await repository.WriteUnpackedAsync(FileKind.Lock, (fresh with { ProcessId = dead.Id }).ToJson(), default);
            foreign = await repository.WriteUnpackedAsync(FileKind.Lock, (fresh with { HostName = "elsewhere" }).ToJson(), default);
        }

        var error = await Assert.ThrowsAsync<ProdOpsException>(() => _lab.BackupAsync(_lab.Request(), _activity).WaitAsync(Limit));
        Assert.Equal(("RepositoryLocked", ErrorKind.ResourceBusy), (error.ErrorId, error.Kind));
        Assert.Contains("elsewhere", error.Message);
        Assert.Equal(foreign.ToString(), Path.GetFileName(Assert.Single(_lab.FilesOf("locks"))));
        Assert.Empty(_lab.FilesOf("snapshots"));
        Assert.Empty(_lab.FilesOf("index"));
        Assert.Contains(_activity.Warnings, warning => warning.Contains($"process {dead.Id}", StringComparison.Ordinal));

        _lab.Restic.Run("unlock", "--remove-all");
        await AssertGoesOnAsync();
    }

    [ResticFact]
    public async Task A_prune_that_ends_while_our_lock_is_still_being_written_takes_nothing_that_we_build_on()
    {
        // The only snapshot that holds our content is forgotten after we have read the index, and before anybody can see our lock.
        var old = await _lab.BackupWhollyAsync(_lab.Request() with { HostName = "elsewhere" });
        var request = _lab.Request() with { Writing = new BlobWriterOptions { PackSize = 4 << 20 } };
        await using var slow = new SlowLockStorage(_lab.Storage(), () => _lab.Restic.Run("forget", old.Id, "--prune", "--max-unused", "0"));
        foreach (string file in Directory.GetFiles(_lab.Source + "/f0")) File.WriteAllBytes(file, TestRepository.RandomBytes(900_000, file.GetHashCode(StringComparison.Ordinal)));
        var outcome = await Record.ExceptionAsync(() => BackupLab.BackupAsync(slow, request, _activity).WaitAsync(Limit));
        Assert.True(slow.Interfered);
        Assert.True(outcome is null, $"{outcome}");
        _lab.Check(readData: true);
        _lab.AssertResticRestoresTheSource("latest");
        _lab.AssertNothingIsLeftBehind();
    }

    private async Task AssertGoesOnAsync()
    {
        Assert.Empty(_lab.FilesOf("snapshots"));
        _lab.AssertNothingIsLeftBehind();
        _lab.Check(readData: true);
        var next = await _lab.BackupWhollyAsync();
        Assert.Equal(30, next.Summary!.FilesNew);
        _lab.Check(readData: true);
        _lab.AssertResticRestoresTheSource(next.Id);
        _lab.AssertNothingIsLeftBehind();
    }
}

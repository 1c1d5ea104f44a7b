using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;

namespace ProdOps.Backup.Tests.Interop;

/// <summary>Both programs work on one repository: in turns, with restic forgetting and pruning between, and at once.</summary>
public sealed class SharedRepositoryTests : IDisposable
{
    private readonly BackupLab _lab = new();
    private readonly Random _random = new(7);

    public void Dispose() => _lab.Dispose();

    [ResticTheory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task In_five_rounds_of_changes_each_program_goes_on_from_the_others_snapshot(int version)
    {
        await _lab.InitializeAsync(version);
        ChangeSource(files: 60);
        string? previous = null;
        for (int round = 0; round < 5; round++)
        {
            ChangeSource(files: 12);
            var ours = await _lab.BackupWhollyAsync();
            Assert.Equal(previous, ours.Parent);
            _lab.AssertResticRestoresTheSource(ours.Id);

            ChangeSource(files: 12);
            var theirs = _lab.ResticBackup();
            Assert.InRange(theirs.FilesUnmodified, 20, 80);
            previous = theirs.SnapshotId;
        }

        _lab.AssertResticRestoresTheSource(previous!);
        _lab.Check(readData: true);
        Assert.Equal(10, _lab.ResticSnapshots().Count);
    }

    [ResticTheory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task After_restic_forgets_and_prunes_we_go_on_from_what_is_left(int version)
    {
        await _lab.InitializeAsync(version);
        ChangeSource(files: 60);
        for (int round = 0; round < 3; round++)
        {
            await _lab.BackupWhollyAsync();
            ChangeSource(files: 25);
            var last = await _lab.BackupWhollyAsync();
            _lab.Restic.Run("forget", "--keep-last", "1", "--prune", "--max-unused", "0");
            Assert.Equal(last.Id, Assert.Single(_lab.ResticSnapshots()).GetProperty("id").GetString());

            ChangeSource(files: 5);
            var next = await _lab.BackupWhollyAsync();
            Assert.Equal(last.Id, next.Parent);
            Assert.True(next.Summary!.FilesUnmodified > 20);
            _lab.AssertResticRestoresTheSource(next.Id);
            _lab.Check(readData: true);
        }
    }

    [ResticFact]
    public async Task Both_programs_write_at_once_and_every_snapshot_is_whole()
    {
        await _lab.InitializeAsync();
        for (int round = 0; round < 3; round++)
        {
            ChangeSource(files: 40);
            string options = "-PackSize 4 -ErrorAction Stop";
            using var process = ProdOpsProcess.Start(_lab.RepositoryFolder, $"Invoke-Backup '{_lab.Source}' {options} -Force");
            var restic = Task.Run(() => _lab.ResticBackup("--force", "--pack-size", "4"));
            var own = _lab.BackupWhollyAsync(_lab.Request() with { Force = true });
            var (exitCode, _, errors) = await process.EndAsync();
            Assert.True(exitCode == 0, errors);
            Assert.Equal(0, (await restic).FilesUnmodified);
            await own;
        }

        var snapshots = _lab.ResticSnapshots();
        Assert.Equal(9, snapshots.Count);
        foreach (var snapshot in snapshots.OrderBy(snapshot => snapshot.GetProperty("time").GetDateTimeOffset()).TakeLast(3))
            _lab.AssertResticRestoresTheSource(snapshot.GetProperty("id").GetString()!);
        _lab.Check(readData: true);
        _lab.AssertNothingIsLeftBehind();
    }

    [ResticFact]
    public async Task Two_backups_and_prunes_at_once_refuse_each_other_or_succeed_and_lose_nothing()
    {
        await _lab.InitializeAsync();
        ChangeSource(files: 40);
        await _lab.BackupWhollyAsync();
        int backups = 0, refusals = 0;
        for (int round = 0; round < 5; round++)
        {
            ChangeSource(files: 20);
            int delay = _random.Next(300);
            var prune = Task.Run(async () =>
            {
                await Task.Delay(delay);
                return _lab.Restic.TryRun("forget", "--keep-last", "1", "--prune", "--max-unused", "0");
            });
            foreach (var outcome in await Task.WhenAll(TryBackupAsync(), TryBackupAsync()))
            {
                if (outcome is null) backups++;
                else refusals++;
                Assert.True(outcome is null or ProdOpsException { ErrorId: "RepositoryLocked" }, $"{outcome}");
            }

            var (exitCode, output, errors) = await prune;
            Assert.True(exitCode == 0 || errors.Contains("repository is already locked", StringComparison.Ordinal), errors + output);
            _lab.Check(readData: true);
        }

        Assert.True(backups > 0, $"{refusals} refusals");
        _lab.AssertNothingIsLeftBehind();
        var last = await _lab.BackupWhollyAsync();
        _lab.AssertResticRestoresTheSource(last.Id);
    }

    private async Task<Exception?> TryBackupAsync() => await Record.ExceptionAsync(() => _lab.BackupAsync());

    /// <summary>Some files are new, some change, some go, some change their mode or their name.</summary>
    private void ChangeSource(int files)
    {
        for (int i = 0; i < files; i++)
        {
            string name = $"{(char)('a' + _random.Next(5))}/{_random.Next(20)}";
            string path = Path.Combine(_lab.Source, name);
            int kind = File.Exists(path) ? _random.Next(4) : 0;
            if (kind == 0) _lab.Write(name, TestRepository.RandomBytes(_random.Next(10) == 0 ? 2_000_000 : _random.Next(20_000), _random.Next()));
            else if (kind == 1 && !OperatingSystem.IsWindows()) File.SetUnixFileMode(path, (UnixFileMode)_random.Next(512));
            else if (kind == 2) File.Move(path, path + "x", overwrite: true);
            else File.Delete(path);
        }
    }
}

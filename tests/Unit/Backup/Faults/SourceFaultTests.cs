using ProdOps.Backup.Tests.FileSystem;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.Faults;

/// <summary>Files that misbehave while they are read: one error record each, the snapshot is marked, and what it holds is sound.</summary>
public sealed class SourceFaultTests : IAsyncLifetime, IDisposable
{
    private readonly BackupLab _lab = new();
    private readonly RecordingActivity _activity = new();

    public async Task InitializeAsync()
    {
        _lab.Write("big", TestRepository.RandomBytes(3_000_000, 1));
        _lab.Write("folder/inside", TestRepository.Text(500, 2));
        _lab.Write("small", TestRepository.Text(500, 3));
        await _lab.InitializeAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _lab.Dispose();

    [ResticTheory]
    [InlineData("/small", 1)]
    [InlineData("/big", 1)]
    public async Task A_file_that_may_not_be_read_is_left_out(string name, int files)
    {
        var snapshot = await BackupAsync(new TroubledFiles { Opening = path => Throw(path.EndsWith(name, StringComparison.Ordinal), TroubledFiles.Denied(path)) });
        AssertOneError("SourceAccessDenied", ErrorKind.PermissionDenied, _lab.Source + name);
        AssertIncomplete(snapshot, files + 1);
        await AssertMissingAsync(snapshot, name);
    }

    [ResticTheory]
    [InlineData(0)]
    [InlineData(1_000_000)]
    public async Task A_file_on_a_broken_disk_is_left_out_however_much_of_it_was_read(long after)
    {
        var snapshot = await BackupAsync(new TroubledFiles { Reading = (path, read) => Throw(IsBig(path) && read >= after, TroubledFiles.Broken(path)) });
        AssertOneError("SourceUnreadable", ErrorKind.ReadError, _lab.Source + "/big");
        AssertIncomplete(snapshot, 2);
        await AssertMissingAsync(snapshot, "/big");
    }

    [ResticFact]
    public async Task A_folder_that_may_not_be_listed_is_left_out()
    {
        var files = new TroubledFiles { Listing = path => Throw(path.EndsWith("/folder", StringComparison.Ordinal), TroubledFiles.Denied(path)) };
        var snapshot = await BackupAsync(files);
        AssertOneError("SourceAccessDenied", ErrorKind.PermissionDenied, _lab.Source + "/folder");
        AssertIncomplete(snapshot, 2);
        await AssertMissingAsync(snapshot, "/folder");
    }

    [ResticFact]
    public async Task A_file_that_vanishes_between_its_listing_and_its_reading_is_left_out()
    {
        var snapshot = await BackupAsync(new TroubledFiles { Opening = path => If(IsBig(path), () => File.Delete(path)) });
        AssertOneError("SourceNotFound", ErrorKind.NotFound, _lab.Source + "/big");
        AssertIncomplete(snapshot, 2);
        await AssertMissingAsync(snapshot, "/big");
    }

    [ResticFact]
    public async Task A_folder_that_vanishes_before_it_is_listed_is_left_out()
    {
        var snapshot = await BackupAsync(new TroubledFiles
        {
            Listing = path => If(path.EndsWith("/folder", StringComparison.Ordinal), () => Directory.Delete(path, recursive: true)),
        });
        AssertOneError("SourceNotFound", ErrorKind.NotFound, _lab.Source + "/folder");
        AssertIncomplete(snapshot, 2);
        await AssertMissingAsync(snapshot, "/folder");
    }

    [ResticTheory]
    [InlineData("mkfifo \"$FILE\"")]
    [InlineData("mkdir \"$FILE\"")]
    [InlineData("ln -s /etc/passwd \"$FILE\"")]
    public async Task A_file_that_something_else_takes_the_place_of_is_left_out(string script)
    {
        var snapshot = await BackupAsync(new TroubledFiles
        {
            Opening = path => If(IsBig(path), () => Shell.Run("/", "rm \"$FILE\"; " + script, ("FILE", path))),
        });
        Assert.Equal(_lab.Source + "/big", Assert.Single(_activity.Errors).Target);
        AssertIncomplete(snapshot, 2);
        await AssertMissingAsync(snapshot, "/big");
    }

    [ResticTheory]
    [InlineData(0)]
    [InlineData(700_000)]
    [InlineData(3_000_000)]
    public async Task A_file_that_grows_while_it_is_read_is_stored_as_it_was_read(long when)
    {
        bool grown = false;
        var snapshot = await BackupAsync(new TroubledFiles
        {
            Reading = (path, read) => If(IsBig(path) && read >= when && !grown, () =>
            {
                grown = true;
                using var file = File.Open(path, FileMode.Append);
                file.Write(TestRepository.RandomBytes(1_500_000, 4));
            }),
        });
        Assert.True(grown);
        await AssertSoundAsync(snapshot, 4_500_000);
    }

    [ResticTheory]
    [InlineData(0, 100)]
    [InlineData(0, 0)]
    [InlineData(1_500_000, 2_000_000)]
    [InlineData(1_500_000, 10)]
    public async Task A_file_that_shrinks_while_it_is_read_is_stored_as_it_was_read(long when, long length)
    {
        bool shrunk = false;
        var snapshot = await BackupAsync(new TroubledFiles
        {
            Reading = (path, read) => If(IsBig(path) && read >= when && !shrunk, () =>
            {
                shrunk = true;
                using var file = File.OpenWrite(path);
                file.SetLength(length);
            }),
        });
        Assert.True(shrunk);
        var node = await _lab.FindAsync(snapshot.Id, _lab.Source + "/big");
        Assert.InRange((long)node.Size, length, 2_600_000);
        await AssertSoundAsync(snapshot, (long)node.Size);
    }

    [ResticFact]
    public async Task A_file_that_changed_while_it_was_read_is_read_again_by_the_next_run()
    {
        bool changed = false;
        await BackupAsync(new TroubledFiles
        {
            Reading = (path, read) => If(IsBig(path) && read > 0 && !changed, () =>
            {
                changed = true;
                _lab.Write("big", TestRepository.RandomBytes(3_000_000, 5));
            }),
        });
        Assert.True(changed);
        var next = await _lab.BackupWhollyAsync();
        Assert.Equal((1, 2), (next.Summary!.FilesChanged, next.Summary.FilesUnmodified));
        _lab.AssertResticRestoresTheSource(next.Id);
    }

    private static bool IsBig(string path) => path.EndsWith("/big", StringComparison.Ordinal);

    private static void Throw(bool condition, Exception exception)
    {
        if (condition) throw exception;
    }

    private static void If(bool condition, Action action)
    {
        if (condition) action();
    }

    private Task<BackupSnapshot> BackupAsync(SourceFileSystem files) => _lab.BackupAsync(_lab.Request() with { Files = files }, _activity);

    private void AssertOneError(string id, ErrorKind kind, string path)
    {
        var error = Assert.Single(_activity.Errors);
        Assert.Equal((id, kind, path), (error.ErrorId, error.Kind, error.Target));
    }

    private void AssertIncomplete(BackupSnapshot snapshot, int files)
    {
        Assert.Equal((BackupStatus.Incomplete, 1, files), (snapshot.Status, snapshot.Summary!.Errors, snapshot.Summary.FilesNew));
        _lab.Check(readData: true);
    }

    private async Task AssertMissingAsync(BackupSnapshot snapshot, string name) =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => _lab.FindAsync(snapshot.Id, _lab.Source + name));

    private async Task AssertSoundAsync(BackupSnapshot snapshot, long size)
    {
        Assert.Equal(size, (long)(await _lab.FindAsync(snapshot.Id, _lab.Source + "/big")).Size);
        _lab.Check(readData: true);
        using var target = new ScratchFolder();
        _lab.Restic.Run("restore", snapshot.Id, "--target", target.Path);
        Assert.Equal(size, new FileInfo(target.Path + _lab.Source + "/big").Length);
    }
}

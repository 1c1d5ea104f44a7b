using ProdOps.Backup.Archiving;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Restoring;
using ProdOps.Backup.Tests.FileSystem;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;

namespace ProdOps.Backup.Tests.Interop;

/// <summary>Everything a file system can hold goes through both programs, and comes out as it was.</summary>
[Collection(TortureSourceCollection.Name)]
public sealed class TortureInteropTests(TortureSource source) : IDisposable
{
    private readonly BackupLab _lab = new();

    public static TheoryData<int, BackupCompression> Formats => new()
    {
        { 1, BackupCompression.Auto }, { 2, BackupCompression.Off }, { 2, BackupCompression.Auto }, { 2, BackupCompression.Max },
    };

    public void Dispose() => _lab.Dispose();

    [ResticTheory]
    [MemberData(nameof(Formats))]
    public async Task Restic_restores_from_our_backup_the_very_tree(int version, BackupCompression compression)
    {
        await _lab.InitializeAsync(version);
        var snapshot = await _lab.BackupWhollyAsync(Request(compression));
        _lab.Check(readData: true);
        using var target = new ScratchFolder();
        _lab.Restic.Run("restore", snapshot.Id, "--target", target.Path);
        MetadataWalk.AssertEqual(MetadataWalk.Of(source.Folder), MetadataWalk.Of(target.Path + source.Folder));
    }

    [ResticTheory]
    [InlineData(1, "auto")]
    [InlineData(2, "off")]
    [InlineData(2, "auto")]
    [InlineData(2, "max")]
    public async Task We_restore_from_restics_backup_the_very_tree(int version, string compression)
    {
        await _lab.InitializeAsync(version);
        string snapshot = Restic(version, compression).SnapshotId;
        await AssertWeRestoreAsync(snapshot);
    }

    [ResticTheory]
    [InlineData(1, "auto")]
    [InlineData(2, "off")]
    [InlineData(2, "auto")]
    [InlineData(2, "max")]
    public async Task Each_program_takes_the_others_snapshot_as_parent_and_finds_everything_unmodified(int version, string compression)
    {
        await _lab.InitializeAsync(version);
        var mode = Enum.Parse<BackupCompression>(compression, ignoreCase: true);
        var ours = await _lab.BackupWhollyAsync(Request(mode));
        long files = ours.Summary!.FilesNew;
        Assert.True(files > 60, $"only {files} files");

        var theirs = Restic(version, compression);
        Assert.Equal((0, 0, files, 0), (theirs.FilesNew, theirs.FilesChanged, theirs.FilesUnmodified, theirs.DataBlobs));

        var again = await _lab.BackupWhollyAsync(Request(mode));
        Assert.Equal(theirs.SnapshotId, again.Parent);
        AssertUnmodified(files, again.Summary!);

        var tree = await _lab.TreeOfAsync(ours.Id, source.Folder);
        Assert.Equal(tree, await _lab.TreeOfAsync(theirs.SnapshotId, source.Folder));
        Assert.Equal(tree, await _lab.TreeOfAsync(again.Id, source.Folder));
        _lab.Check(readData: true);
    }

    [ResticTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Both_programs_cut_files_alike_so_that_the_second_one_stores_no_content(bool resticFirst)
    {
        await _lab.InitializeAsync();
        if (resticFirst)
        {
            Assert.True(Restic(2, "auto", "--force").DataBlobs > 10);
            var ours = await _lab.BackupWhollyAsync(Request(BackupCompression.Auto) with { Force = true });
            Assert.Equal((0, 0, 0), (ours.Summary!.DataBlobs, ours.Summary.FilesUnmodified, ours.Summary.FilesChanged));
        }
        else
        {
            var ours = await _lab.BackupWhollyAsync(Request(BackupCompression.Auto) with { Force = true });
            Assert.True(ours.Summary!.DataBlobs > 10);
            var theirs = Restic(2, "auto", "--force");
            Assert.Equal((0, 0), (theirs.DataBlobs, theirs.FilesUnmodified));
        }
    }

    [ResticFact]
    public async Task Another_observers_snapshot_is_a_parent_for_contents_and_every_attribute_is_read_anew()
    {
        await _lab.InitializeAsync();
        var first = await _lab.BackupWhollyAsync(Request(BackupCompression.Auto) with { HostName = "elsewhere" });
        var second = await _lab.BackupWhollyAsync(Request(BackupCompression.Auto) with { HostName = "elsewhere" });
        Assert.Equal(first.Id, second.Parent);
        AssertUnmodified(first.Summary!.FilesNew, second.Summary!);
        Assert.Equal(await _lab.TreeOfAsync(first.Id, source.Folder), await _lab.TreeOfAsync(second.Id, source.Folder));
    }

    [ResticFact]
    public async Task A_link_to_a_name_that_is_no_UTF8_is_kept_whole_and_restics_files_beside_it_stay_unmodified()
    {
        Shell.Run(_lab.Source, """ln -s $'bad\xff\xfetarget' link; echo text > file""");
        await _lab.InitializeAsync();
        var ours = await _lab.BackupWhollyAsync();
        byte[] target = [.. "bad"u8, 0xff, 0xfe, .. "target"u8];
        Assert.Equal(target, (await _lab.FindAsync(ours.Id, $"{_lab.Source}/link")).LinkTarget);
        Assert.Equal(1, _lab.ResticBackup().FilesUnmodified);
        await using var repository = await TestRepository.OpenAsync(_lab.Storage());
        await RestoreAsync(repository, ours.Id, _lab["restored"]);
        MetadataWalk.AssertEqual(MetadataWalk.Of(_lab.Source), MetadataWalk.Of(_lab["restored"] + _lab.Source));
        _lab.Check(readData: true);
    }

    private static void AssertUnmodified(long files, BackupSummary summary) => Assert.Equal(
        (0, 0, files, 0),
        (summary.FilesNew, summary.FilesChanged, summary.FilesUnmodified, summary.DataBlobs));

    private BackupRequest Request(BackupCompression compression) =>
        _lab.Request(source.Folder) with { Writing = new BlobWriterOptions { Compression = compression } };

    private ResticSummary Restic(int version, string compression, params string[] arguments) =>
        _lab.ResticBackup(source.Folder, [.. version == 1 ? [] : new[] { "--compression", compression }, .. arguments]);

    private async Task AssertWeRestoreAsync(string snapshot)
    {
        using var target = new ScratchFolder();
        await using var repository = await TestRepository.OpenAsync(_lab.Storage());
        await RestoreAsync(repository, snapshot, target.Path);
        MetadataWalk.AssertEqual(MetadataWalk.Of(source.Folder), MetadataWalk.Of(target.Path + source.Folder));
    }

    private static async Task RestoreAsync(Repository repository, string snapshot, string target)
    {
        var activity = new RecordingActivity();
        var file = await repository.ReadSnapshotAsync(ObjectId.Parse(snapshot), default);
        await Restorer.RunAsync(repository, file, new RestoreRequest { Destination = target }, activity, TimeProvider.System, default);
        Assert.Empty(activity.Errors);
    }
}

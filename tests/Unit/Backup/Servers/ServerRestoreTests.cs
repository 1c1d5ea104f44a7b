using ProdOps.Backup.Restoring;
using ProdOps.Backup.Restoring.Servers;
using ProdOps.Backup.Tests.FileSystem;
using ProdOps.Backup.Tests.Interop;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;
using ProdOps.Servers.Files;

namespace ProdOps.Backup.Tests.Servers;

/// <summary>What is restored through a server's shell, here this machine's own, is what was backed up.</summary>
[Collection(TortureSourceCollection.Name)]
public sealed class ServerRestoreTests(TortureSource source) : IAsyncLifetime, IDisposable
{
    private readonly BackupLab _lab = new();
    private readonly RecordingActivity _activity = new();

    public Task InitializeAsync() => _lab.InitializeAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _lab.Dispose();

    [RootFact]
    public async Task The_torture_tree_comes_out_as_it_was()
    {
        var snapshot = await _lab.BackupWhollyAsync(_lab.Request(source.Folder));
        var plan = await RestoreAsync(snapshot.Id, Request(_lab["new"]));
        Assert.Empty(_activity.Errors.Select(error => error.Message));
        Assert.True(plan.Applied);
        Assert.Equal(0, plan.Errors);
        MetadataWalk.AssertEqual(MetadataWalk.Of(source.Folder), MetadataWalk.Of(_lab["new"] + source.Folder));
        var again = await RestoreAsync(snapshot.Id, Request(_lab["new"]) with { Overwrite = RestoreOverwrite.IfChanged });
        Assert.Equal((0, 0), (again.Created, again.Overwritten));
        MetadataWalk.AssertEqual(MetadataWalk.Of(source.Folder), MetadataWalk.Of(_lab["new"] + source.Folder));
    }

    [Fact]
    public async Task Only_what_is_asked_for_is_written_and_what_is_there_is_replaced_as_the_mode_says()
    {
        _lab.Write("etc/a.conf", "snapshot"u8.ToArray());
        _lab.Write("etc/b.log", "snapshot"u8.ToArray());
        _lab.Write("www/page", "snapshot"u8.ToArray());
        var snapshot = await _lab.BackupWhollyAsync();
        string target = _lab["new"] + _lab.Source;
        var request = Request(_lab["new"]) with { Paths = [_lab.Source + "/etc"], Exclude = ["*.log"] };
        var plan = await RestoreAsync(snapshot.Id, request, apply: false);
        Assert.False(plan.Applied || Directory.Exists(_lab["new"]));
        Assert.Equal(8, plan.BytesToWrite);
        await RestoreAsync(snapshot.Id, request);
        Assert.Equal("snapshot", File.ReadAllText(target + "/etc/a.conf"));
        Assert.Equal(["a.conf"], Directory.GetFiles(target + "/etc").Select(file => Path.GetFileName(file)));
        Assert.False(Directory.Exists(target + "/www"));

        File.WriteAllText(target + "/etc/a.conf", "changed!");
        File.WriteAllText(target + "/etc/extra", "stays");
        var never = await RestoreAsync(snapshot.Id, request with { Overwrite = RestoreOverwrite.Never });
        Assert.Equal((0, 0, "changed!"), (never.Created, never.Overwritten, File.ReadAllText(target + "/etc/a.conf")));
        await RestoreAsync(snapshot.Id, request with { Overwrite = RestoreOverwrite.IfNewer });
        Assert.Equal("changed!", File.ReadAllText(target + "/etc/a.conf"));
        var always = await RestoreAsync(snapshot.Id, request);
        Assert.Equal((1, "snapshot", "stays"), (always.Overwritten, File.ReadAllText(target + "/etc/a.conf"), File.ReadAllText(target + "/etc/extra")));
        Assert.Equal(File.GetLastWriteTimeUtc(_lab.Source + "/etc"), File.GetLastWriteTimeUtc(target + "/etc"));
        Assert.Empty(Directory.GetFileSystemEntries(_lab["new"], ".prodops-*"));
    }

    [Fact]
    public async Task A_folder_above_what_was_backed_up_is_left_as_it_is()
    {
        _lab.Write("file", [1]);
        var snapshot = await _lab.BackupWhollyAsync();
        string above = _lab["new"] + Path.GetDirectoryName(_lab.Source);
        Directory.CreateDirectory(above);
        Shell.Run(above, "chmod 701 .; touch -d 2001-02-03 .");
        await RestoreAsync(snapshot.Id, Request(_lab["new"]));
        Shell.Run(above, "test $(stat -c %a .) = 701");
        Assert.Equal([1], File.ReadAllBytes(_lab["new"] + _lab.Source + "/file"));
    }

    [RootFact]
    public async Task A_full_disk_leaves_what_was_there()
    {
        _lab.Write("old", "snapshot"u8.ToArray());
        _lab.Write("big", TestRepository.RandomBytes(9_000_000, 1));
        var snapshot = await _lab.BackupWhollyAsync();
        string disk = _lab["disk"];
        Directory.CreateDirectory(disk);
        Shell.Run(disk, $"mount -t tmpfs -o size=4m none '{disk}'");
        try
        {
            string target = disk + _lab.Source;
            Directory.CreateDirectory(target);
            File.WriteAllText(target + "/old", "before");
            var error = await Assert.ThrowsAsync<ProdOpsException>(() => RestoreAsync(snapshot.Id, Request(disk)));
            Assert.Equal("DestinationFull", error.ErrorId);
            Assert.Equal("before", File.ReadAllText(target + "/old"));
            Assert.False(File.Exists(target + "/big"));
            Assert.Empty(Directory.GetFileSystemEntries(disk, ".prodops-*"));
        }
        finally
        {
            Shell.Run(_lab["."], $"umount '{disk}'");
        }
    }

    private static RestoreRequest Request(string destination) => new() { Destination = destination };

    private async Task<RestorePlan> RestoreAsync(string id, RestoreRequest request, bool apply = true)
    {
        await using var repository = await TestRepository.OpenAsync(_lab.Storage());
        await repository.LoadIndexAsync(_activity, default);
        var snapshot = await repository.FindSnapshotAsync(id, _activity, filter: null, default);
        var context = new CopyContext(_activity, new CopyProgress(_activity, TimeProvider.System) { Title = "Restoring" }, TimeProvider.System);
        var restorer = await ServerRestorer.CreateAsync(repository, snapshot, new ServerRestoreRequest(request, AsRoot: false), new TroubledShell(), context, default);
        return apply ? await restorer.ApplyAsync(default) : await restorer.PlanAsync(default);
    }
}

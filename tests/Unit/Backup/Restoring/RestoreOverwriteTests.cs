using ProdOps.Backup.Tests.FileSystem;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.Restoring;

/// <summary>What a restore does with what is at the destination already.</summary>
public sealed class RestoreOverwriteTests
{
    [LinuxTheory]
    [InlineData(RestoreOverwrite.Always, "snapshot", "snapshot", "snapshot", 2)]
    [InlineData(RestoreOverwrite.IfChanged, "pretends", "snapshot", "snapshot", 1)]
    [InlineData(RestoreOverwrite.IfNewer, "pretends", "snapshot", "newer at destination", 0)]
    [InlineData(RestoreOverwrite.Never, "pretends", "older at destination", "newer at destination", 0)]
    public async Task Each_mode_replaces_what_it_says(RestoreOverwrite mode, string pretending, string older, string newer, int others)
    {
        using var build = new SnapshotBuilder();
        foreach (string name in (string[])["pretending", "older", "newer", "missing"]) build.AddFile("/d/" + name, "snapshot");
        build.WriteExisting("/d/pretending", "pretends"); // The size and time of the snapshot's, and other content.
        build.WriteExisting("/d/older", "older at destination", 1_600_000_000);
        build.WriteExisting("/d/newer", "newer at destination", 1_800_000_000);
        var plan = await build.RestoreAsync(request => request with { Overwrite = mode });

        Assert.Empty(build.Activity.Errors);
        Assert.Equal(pretending, File.ReadAllText(build["/d/pretending"]));
        Assert.Equal(older, File.ReadAllText(build["/d/older"]));
        Assert.Equal(newer, File.ReadAllText(build["/d/newer"]));
        Assert.Equal("snapshot", File.ReadAllText(build["/d/missing"]));
        Assert.Equal(1, plan.Created);
        Assert.Equal(plan.Overwritten, (pretending == "snapshot" ? 1 : 0) + (older == "snapshot" ? 1 : 0) + (newer == "snapshot" ? 1 : 0));
        Assert.True(plan.Overwritten >= others);
    }

    [LinuxFact]
    public async Task Only_parts_that_differ_are_written_and_the_file_stays_the_same_file()
    {
        using var build = new SnapshotBuilder();
        byte[][] parts = [.. Enumerable.Range(0, 5).Select(i => TestRepository.RandomBytes(10_000 + i, i))];
        build.AddFile("/delta", parts);
        byte[] existing = [.. parts.SelectMany(part => part), 1, 2, 3];
        existing[10_000 + 10_001 + 5]++;
        Directory.CreateDirectory(build.Destination);
        File.WriteAllBytes(build["/delta"], existing);
        ulong inode = build.InodeOf("/delta");

        var plan = await build.RestoreAsync(request => request with { Verify = true });
        Assert.Equal(parts.SelectMany(part => part), File.ReadAllBytes(build["/delta"]));
        Assert.Equal(inode, build.InodeOf("/delta"));
        Assert.Equal(10_002, plan.BytesToWrite);
        Assert.Equal(10_000 + 10_001 + 10_003 + 10_004, plan.BytesReused);
        Assert.Equal(1, plan.Verified);
    }

    [LinuxFact]
    public async Task A_second_restore_finds_nothing_to_do_and_touches_nothing()
    {
        using var build = new SnapshotBuilder();
        build.AddFile("/d/a", "content");
        build.AddFile("/d/empty");
        build.AddLink("/d/link", "a");
        var first = build.AddFile("/d/linked1", "shared");
        var second = build.AddFile("/d/linked2", "shared");
        (first.Links, first.Inode, second.Links, second.Inode) = (2, 5, 2, 5);
        var (repository, snapshot) = await build.BuildAsync();
        await using var _ = repository;
        await build.RestoreAsync(repository, snapshot);
        string[] paths = ["/d", "/d/a", "/d/empty", "/d/link", "/d/linked1", "/d/linked2"];
        var before = paths.Select(build.ChangeTimeOf).ToList();
        Assert.Equal(build.InodeOf("/d/linked1"), build.InodeOf("/d/linked2"));

        var plan = await build.RestoreAsync(repository, snapshot, request => request with { DeleteExtra = true });
        Assert.Empty(plan.Steps);
        Assert.Equal(6, plan.Unchanged);
        Assert.Equal(before, paths.Select(build.ChangeTimeOf));
    }

    [LinuxFact("setfattr")]
    public async Task Wrong_metadata_alone_is_put_right_without_writing_content()
    {
        using var build = new SnapshotBuilder();
        build.AddFile("/d/time", "content");
        build.AddFile("/d/mode", "content");
        build.AddFile("/d/attribute", "content");
        foreach (string name in (string[])["time", "mode", "attribute"]) build.WriteExisting("/d/" + name, "content");
        Shell.Run(build.Destination, "touch d/time; chmod 600 d/mode; setfattr -n user.extra -v x d/attribute; touch -d '@1700000000.123456789' d");
        var (repository, snapshot) = await build.BuildAsync();
        await using var _ = repository;
        var plan = await build.RestoreAsync(repository, snapshot);
        Assert.Equal(["/d/attribute", "/d/mode", "/d/time"], plan.Steps.Select(step => step.Path[build.Destination.Length..]));
        Assert.All(plan.Steps, step => Assert.Equal(RestoreAction.Metadata, step.Action));
        Assert.Equal(0, plan.BytesToWrite);
        Assert.Empty((await build.RestoreAsync(repository, snapshot)).Steps);
    }

    [LinuxFact]
    public async Task The_other_names_of_an_existing_file_keep_its_content()
    {
        using var build = new SnapshotBuilder();
        build.AddFile("/d/file", "snapshot");
        string existing = build.WriteExisting("/d/file", "existing");
        Directory.CreateDirectory(build.Outside);
        Shell.Run("/", $"ln '{existing}' '{build.Outside}/other'");
        await build.RestoreAsync();
        Assert.Equal("snapshot", File.ReadAllText(build["/d/file"]));
        Assert.Equal("existing", File.ReadAllText(build.Outside + "/other"));
    }

    [LinuxFact]
    public async Task A_plan_names_every_step_and_changes_nothing_and_is_what_then_happens()
    {
        using var build = new SnapshotBuilder();
        build.AddFile("/d/new", "content");
        build.AddFile("/d/changed", "snapshot");
        build.AddFile("/d/same", "content");
        build.AddFolder("/d/folder");
        build.WriteExisting("/d/changed", "existing");
        build.WriteExisting("/d/same", "content");
        build.WriteExisting("/d/extra/deep", "x");
        var (repository, snapshot) = await build.BuildAsync("/d");
        await using var _ = repository;
        var before = TreeDescription.Of(build.Destination);

        var planned = await build.RestoreAsync(repository, snapshot, request => request with { DeleteExtra = true, DryRun = true });
        TreeDescription.AssertEqual(before, TreeDescription.Of(build.Destination));
        Assert.False(planned.Applied);
        var done = await build.RestoreAsync(repository, snapshot, request => request with { DeleteExtra = true });
        Assert.True(done.Applied);
        string[] steps = [.. planned.Steps.Select(step => $"{step.Action} {step.Path[build.Destination.Length..]} {step.Type} {step.Size}")];
        Assert.Equal(
            ["Metadata /d Directory 0", "Overwrite /d/changed File 8", "Delete /d/extra Directory 0", "Create /d/folder Directory 0", "Create /d/new File 7"], steps);
        Assert.Equal(steps, done.Steps.Select(step => $"{step.Action} {step.Path[build.Destination.Length..]} {step.Type} {step.Size}"));
        Assert.Equal(["/d", "/d/changed", "/d/folder", "/d/new", "/d/same"], TreeDescription.Of(build.Destination).Keys);
    }

    [LinuxFact]
    public async Task What_is_excluded_stays_and_so_do_the_folders_that_it_is_in()
    {
        using var build = new SnapshotBuilder();
        build.AddFile("/d/file", "content");
        build.AddFile("/d/taken", "content");
        foreach (string name in (string[])["/d/extra/a/keep.log", "/d/extra/a/goes", "/d/extra/b/deep/goes", "/d/extra/goes", "/d/gone/a/file", "/d/logs.log/all", "/d/taken/keep.log"]) build.WriteExisting(name, "x");
        var (repository, snapshot) = await build.BuildAsync("/d");
        await using var _ = repository;
        var plan = await build.RestoreAsync(repository, snapshot, request => request with { DeleteExtra = true, Exclude = ["*.log"], DryRun = true });
        string[] deleted = [.. plan.Steps.Where(step => step.Action == RestoreAction.Delete).Select(step => step.Path[build.Destination.Length..])];
        Assert.Equal(["/d/extra/a/goes", "/d/extra/b", "/d/extra/goes", "/d/gone"], deleted);
        Assert.Equal((4, 1), (plan.Deleted, plan.Errors));
        plan = await build.RestoreAsync(repository, snapshot, request => request with { DeleteExtra = true, Exclude = ["*.log"] });
        Assert.Equal((0, 1), (plan.Deleted, plan.Errors));
        Assert.Equal(
            ["/d", "/d/extra", "/d/extra/a", "/d/extra/a/goes", "/d/extra/a/keep.log", "/d/extra/b", "/d/extra/b/deep", "/d/extra/b/deep/goes", "/d/extra/goes", "/d/file", "/d/gone", "/d/gone/a", "/d/gone/a/file", "/d/logs.log", "/d/logs.log/all", "/d/taken", "/d/taken/keep.log"],
            TreeDescription.Of(build.Destination).Keys);

        // Nothing is deleted in a folder of which something failed; once nothing is in the way it goes on.
        File.Delete(build["/d/taken/keep.log"]);
        plan = await build.RestoreAsync(repository, snapshot, request => request with { DeleteExtra = true, Exclude = ["*.log"] });
        Assert.Equal((4, 0), (plan.Deleted, plan.Errors));
        Assert.Equal(["/d", "/d/extra", "/d/extra/a", "/d/extra/a/keep.log", "/d/file", "/d/logs.log", "/d/logs.log/all", "/d/taken"], TreeDescription.Of(build.Destination).Keys);
    }

    [LinuxFact]
    public async Task Extra_items_are_deleted_only_in_folders_that_were_backed_up_and_asked_for()
    {
        using var build = new SnapshotBuilder();
        build.AddFile("/srv/www/a/file", "content");
        build.AddFile("/srv/www/b/file", "content");
        foreach (string name in (string[])["/top", "/srv/beside", "/srv/www/extra", "/srv/www/a/extra", "/srv/www/b/extra", "/srv/www/a/keep.log"]) build.WriteExisting(name, "x");
        var (repository, snapshot) = await build.BuildAsync("/srv/www");
        await using var _ = repository;
        await build.RestoreAsync(repository, snapshot, request => request with { DeleteExtra = true, Paths = ["/srv/www/a"], Exclude = ["*.log"] });
        Assert.False(File.Exists(build["/srv/www/a/extra"]));
        Assert.All((string[])["/top", "/srv/beside", "/srv/www/extra", "/srv/www/b/extra", "/srv/www/a/keep.log"], name => Assert.True(File.Exists(build[name]), name));

        await build.RestoreAsync(repository, snapshot, request => request with { DeleteExtra = true });
        Assert.Equal(
            ["/srv", "/srv/beside", "/srv/www", "/srv/www/a", "/srv/www/a/file", "/srv/www/b", "/srv/www/b/file", "/top"], TreeDescription.Of(build.Destination).Keys);
        var www = SourceFileSystem.Local.GetStat(FileNames.Encode(build["/srv/www"]));
        Assert.Equal(SnapshotBuilder.Time, www.ModifiedTime);
    }

    [LinuxFact]
    public async Task Other_kinds_in_the_way_are_replaced_but_no_folder_is_emptied_without_leave()
    {
        using var build = new SnapshotBuilder();
        build.AddFile("/file-for-link", "content");
        build.AddFile("/file-for-folder", "content");
        build.AddFile("/file-for-empty-folder", "content");
        build.AddLink("/link-for-file", "target");
        build.AddFile("/folder-for-file/inside", "content");
        build.AddFile("/folder-for-link/inside", "content");
        Directory.CreateDirectory(build.Outside);
        File.WriteAllText(build.Outside + "/inside", "outside");
        build.WriteExisting("/link-for-file", "x");
        build.WriteExisting("/folder-for-file", "x");
        build.WriteExisting("/file-for-folder/inside", "mine");
        Directory.CreateDirectory(build["/file-for-empty-folder"]);
        File.CreateSymbolicLink(build["/file-for-link"], build.Outside + "/inside");
        Directory.CreateSymbolicLink(build["/folder-for-link"], build.Outside);
        var (repository, snapshot) = await build.BuildAsync();
        await using var _ = repository;

        var plan = await build.RestoreAsync(repository, snapshot);
        Assert.Equal("RestoreBlocked", Assert.Single(build.Activity.Errors).ErrorId);
        Assert.Equal(1, plan.Errors);
        Assert.Equal("mine", File.ReadAllText(build["/file-for-folder/inside"]));
        foreach (string name in (string[])["/file-for-link", "/file-for-empty-folder", "/folder-for-file/inside", "/folder-for-link/inside"])
            Assert.Equal("content", File.ReadAllText(build[name]));
        Assert.Null(new FileInfo(build["/file-for-link"]).LinkTarget);
        Assert.Equal("target", new FileInfo(build["/link-for-file"]).LinkTarget);
        Assert.Equal("outside", File.ReadAllText(build.Outside + "/inside"));
        Assert.Single(Directory.GetFileSystemEntries(build.Outside));

        await build.RestoreAsync(repository, snapshot, request => request with { DeleteExtra = true });
        Assert.Equal("content", File.ReadAllText(build["/file-for-folder"]));
    }

    [LinuxFact]
    public async Task A_restore_in_place_brings_back_what_was_backed_up_and_leaves_the_folders_above_alone()
    {
        using var build = new SnapshotBuilder();
        string root = Directory.CreateDirectory(build.Destination + "/above/data").FullName;
        build.AddFile(root + "/changed", "content");
        build.AddFile(root + "/deleted", "content");
        var (repository, snapshot) = await build.BuildAsync(root);
        await using var _ = repository;
        File.WriteAllText(root + "/changed", "broken");
        File.WriteAllText(root + "/extra", "x");
        Shell.Run(root, "chmod 700 .. ; touch -d @1234567890 .. ../..");

        var plan = await build.RestoreAsync(repository, snapshot, request => request with { Destination = "/", DeleteExtra = true, Verify = true });
        Assert.Empty(build.Activity.Errors);
        Assert.Equal(
            [$"Metadata {root}", $"Overwrite {root}/changed", $"Create {root}/deleted", $"Delete {root}/extra"], plan.Steps.Select(step => $"{step.Action} {step.Path}"));
        Assert.Equal("content", File.ReadAllText(root + "/changed"));
        Assert.Equal("content", File.ReadAllText(root + "/deleted"));
        Assert.Equal("700 1234567890\n1234567890", Shell.RunText(root, "stat -c '%a %Y' ..; stat -c %Y ../..").Trim());
    }
}

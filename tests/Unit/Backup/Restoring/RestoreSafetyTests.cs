using System.Text;
using ProdOps.Backup.Restoring;
using ProdOps.Backup.Tests.FileSystem;

namespace ProdOps.Backup.Tests.Restoring;

/// <summary>Nothing outside the destination is touched, whatever the snapshot says and whoever plays with the destination.</summary>
public sealed class RestoreSafetyTests
{
    [LinuxTheory]
    [InlineData("../escaped")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("/etc/escaped")]
    [InlineData("a/b")]
    [InlineData("nul\\\\x00byte")]
    [InlineData("")]
    public async Task A_folder_with_a_name_that_leads_elsewhere_is_refused_and_the_others_are_restored(string name)
    {
        using var build = new SnapshotBuilder();
        build.AddFile("/good/file", "content");
        build.AddTreeText("/hostile", $$"""{"nodes":[{{Entry(name)}},{{Entry("zz")}}]}""" + "\n");
        var plan = await build.RestoreAsync();
        Assert.Equal("RestoreListingDamaged", Assert.Single(build.Activity.Errors).ErrorId);
        Assert.Equal(1, plan.Errors);
        Assert.Equal("content", File.ReadAllText(build["/good/file"]));
        Assert.Equal(["/good", "/good/file", "/hostile"], TreeDescription.Of(build.Destination).Keys);
        Assert.Equal([build.Destination], Directory.GetFileSystemEntries(Path.GetDirectoryName(build.Destination)!));
    }

    [LinuxFact]
    public async Task A_folder_that_names_an_entry_twice_as_link_and_as_folder_is_refused()
    {
        using var build = new SnapshotBuilder();
        Directory.CreateDirectory(build.Outside);
        string folder = """{"name":"x","type":"dir","mode":2147484141,"mtime":"2026-11-23T10:00:00Z","atime":"2026-11-23T10:00:00Z","ctime":"2026-11-23T10:00:00Z","uid":0,"gid":0,"content":null,"subtree":"TREE"}""";
        string link = """{"name":"x","type":"symlink","mode":134218239,"mtime":"2026-11-23T10:00:00Z","atime":"2026-11-23T10:00:00Z","ctime":"2026-11-23T10:00:00Z","uid":0,"gid":0,"linktarget":"OUTSIDE","content":null}""";
        string inner = $$"""{"nodes":[{{Entry("planted")}}]}""" + "\n";
        build.AddTreeText("/inner", inner);
        string tree = ProdOps.Backup.Repositories.ObjectId.Of(Encoding.UTF8.GetBytes(inner)).ToString();
        build.AddTreeText("/hostile", $$"""{"nodes":[{{link.Replace("OUTSIDE", build.Outside)}},{{folder.Replace("TREE", tree)}}]}""" + "\n");
        await build.RestoreAsync();
        Assert.Equal("RestoreListingDamaged", Assert.Single(build.Activity.Errors).ErrorId);
        Assert.Empty(Directory.GetFileSystemEntries(build.Outside));
    }

    [LinuxFact]
    public async Task A_link_planted_after_the_plan_was_made_leads_nowhere()
    {
        using var build = new SnapshotBuilder();
        build.AddFile("/swapped/file", "content");
        build.AddFile("/swapped/deep/file", "content");
        build.AddFile("/good", "content");
        Directory.CreateDirectory(build.Outside + "/deep");
        File.WriteAllText(build.Outside + "/extra", "mine");
        build.WriteExisting("/swapped/extra", "x");
        build.WriteExisting("/swapped/deep/file", "older");
        var (repository, snapshot) = await build.BuildAsync();
        await using var _ = repository;
        var request = new RestoreRequest { Destination = build.Destination, DeleteExtra = true };
        var plan = await Restorer.PlanAsync(repository, snapshot, request, build.Activity, default);
        Directory.Delete(build["/swapped"], recursive: true);
        Directory.CreateSymbolicLink(build["/swapped"], build.Outside);

        var result = await Restorer.ApplyAsync(repository, plan, request, build.Activity, TimeProvider.System, default);
        Assert.True(result.Errors >= 2);
        Assert.All(build.Activity.Errors, error => Assert.StartsWith(build["/swapped"], (string)error.Target!, StringComparison.Ordinal));
        Assert.Equal("content", File.ReadAllText(build["/good"]));
        Assert.Equal(["/deep", "/extra"], TreeDescription.Of(build.Outside).Keys);
        Assert.Equal("mine", File.ReadAllText(build.Outside + "/extra"));
    }

    [LinuxFact]
    public async Task A_link_planted_in_place_of_a_file_is_not_written_through()
    {
        using var build = new SnapshotBuilder();
        build.AddFile("/new", "content");
        build.AddFile("/delta", Encoding.UTF8.GetBytes("part1"), Encoding.UTF8.GetBytes("part2"));
        build.WriteExisting("/delta", "part1other");
        Directory.CreateDirectory(build.Outside);
        File.WriteAllText(build.Outside + "/victim", "mine");
        var (repository, snapshot) = await build.BuildAsync();
        await using var _ = repository;
        var request = new RestoreRequest { Destination = build.Destination };
        var plan = await Restorer.PlanAsync(repository, snapshot, request, build.Activity, default);
        File.Delete(build["/delta"]);
        foreach (string name in (string[])["/new", "/delta"]) File.CreateSymbolicLink(build[name], build.Outside + "/victim");

        await Restorer.ApplyAsync(repository, plan, request, build.Activity, TimeProvider.System, default);
        Assert.Equal("content", File.ReadAllText(build["/new"]));
        Assert.Equal("RestoreBlocked", Assert.Single(build.Activity.Errors).ErrorId);
        Assert.Equal("mine", File.ReadAllText(build.Outside + "/victim"));
        Assert.Equal(["/victim"], TreeDescription.Of(build.Outside).Keys);
    }

    [LinuxFact]
    public async Task A_link_as_destination_is_followed_and_a_folder_above_a_path_is_never_replaced()
    {
        using var build = new SnapshotBuilder();
        build.AddFile("/var/run/file", "content");
        Directory.CreateDirectory(build.Outside + "/real");
        Directory.CreateSymbolicLink(build.Destination, build.Outside);
        Directory.CreateSymbolicLink(build.Outside + "/var", build.Outside + "/real");
        var (repository, snapshot) = await build.BuildAsync();
        await using var _ = repository;
        await build.RestoreAsync(repository, snapshot, request => request with { Paths = ["/var/run"] });
        Assert.Equal("RestoreBlocked", Assert.Single(build.Activity.Errors).ErrorId);
        Assert.Empty(Directory.GetFileSystemEntries(build.Outside + "/real"));

        await build.RestoreAsync(repository, snapshot);
        Assert.Equal("content", File.ReadAllText(build.Outside + "/var/run/file"));
        Assert.Empty(Directory.GetFileSystemEntries(build.Outside + "/real"));
    }

    [RootFact]
    public async Task What_the_folder_above_hands_down_does_not_reach_what_is_restored()
    {
        using var build = new SnapshotBuilder();
        build.AddFile("/d/below/file", "content");
        build.AddFile("/file", "content");
        Directory.CreateDirectory(build.Destination);
        Shell.Run(build.Destination, "chgrp 12345 .; chmod 2775 .");
        await build.RestoreAsync();
        Assert.Empty(build.Activity.Errors);
        Assert.Equal("755 0\n755 0\n644 0\n644 0", Shell.RunText(build.Destination, "stat -c '%a %g' d d/below d/below/file file").Trim());
    }

    private static string Entry(string name) =>
        $$"""{"name":"{{name}}","type":"file","mode":420,"mtime":"2026-11-23T10:00:00Z","atime":"2026-11-23T10:00:00Z","ctime":"2026-11-23T10:00:00Z","uid":0,"gid":0,"size":0,"links":1,"content":[]}""";
}

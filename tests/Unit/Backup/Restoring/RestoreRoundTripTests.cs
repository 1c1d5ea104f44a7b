using ProdOps.Backup.Tests.FileSystem;
using ProdOps.Backup.Tests.Repositories;

namespace ProdOps.Backup.Tests.Restoring;

/// <summary>What restic stored comes back as it was, and as restic itself brings it back.</summary>
public sealed class RestoreRoundTripTests
{
    [LinuxFact("restic", "setfattr", "setfacl")]
    public async Task The_torture_tree_comes_back_as_it_was_and_as_restic_restores_it()
    {
        using var bench = new RestoreBench();
        TortureTree.Make(bench.Source);
        // restic before 0.16 loses what is not UTF-8 of a link's target.
        Shell.Run(bench.Source, "rm $'links/name\\xff'");
        bench.Restic.Backup(bench.Source);
        var original = TreeDescription.Of(bench.Source, withAccessTime: true);

        var plan = await bench.RestoreAsync(bench.To("ours"));
        Assert.Empty(bench.Activity.Errors.Select(error => error.Message));
        Assert.Equal(0, plan.Errors);
        Assert.True(plan.Applied);
        TreeDescription.AssertEqual(original, TreeDescription.Of(bench.Restored("ours"), withAccessTime: true));

        bench.RestoreByRestic("theirs");
        TreeDescription.AssertEqual(TreeDescription.Of(bench.Path("theirs")), TreeDescription.Of(bench.Path("ours")));
        Assert.Empty((await bench.CompareAsync(bench.To("ours"))).Differences);
    }

    [LinuxFact("restic")]
    public async Task Large_small_empty_and_equal_files_are_whole_and_verified()
    {
        using var bench = new RestoreBench();
        byte[] large = TestRepository.RandomBytes(20_000_000, 1);
        bench.Write("large", large);
        bench.Write("copy", large);
        bench.Write("zeros", new byte[5_000_000]);
        bench.Write("empty", "");
        for (int i = 0; i < 500; i++) bench.Write($"many/{i % 20}/{i}", TestRepository.Text(i * 7, i));
        bench.Backup();

        var plan = await bench.RestoreAsync(bench.To("ours") with { Verify = true });
        TreeDescription.AssertEqual(TreeDescription.Of(bench.Source), TreeDescription.Of(bench.Restored("ours")));
        Assert.Equal(504, plan.Verified);
        Assert.Equal(plan.BytesToWrite, 2 * large.Length + 5_000_000 + Enumerable.Range(0, 500).Sum(i => i * 7L));
    }

    [LinuxTheory("restic")]
    [InlineData("init --repository-version 1", "")]
    [InlineData("init", "--compression off")]
    public async Task Every_form_of_storing_is_read(string init, string options)
    {
        using var bench = new RestoreBench();
        bench.Write("a/text", TestRepository.Text(3_000_000, 2));
        bench.Write("a/random", TestRepository.RandomBytes(1_000_000, 3));
        Shell.Run(bench.Path("repository"), "rm -rf ./*");
        bench.Restic.Run(init + " -q");
        bench.Restic.Run($"backup -q {options} '{bench.Source}'");
        await bench.RestoreAsync(bench.To("ours"));
        TreeDescription.AssertEqual(TreeDescription.Of(bench.Source), TreeDescription.Of(bench.Restored("ours")));
    }

    [LinuxFact("restic")]
    public async Task A_sparse_restore_has_the_same_content_and_holes()
    {
        using var bench = new RestoreBench();
        byte[] content = new byte[6_000_000];
        TestRepository.RandomBytes(10_000, 4).CopyTo(content, 1_000_001);
        bench.Write("sparse", content);
        bench.Write("short", new byte[100_000]);
        bench.Write("none", TestRepository.RandomBytes(50_000, 5));
        bench.Backup();

        await bench.RestoreAsync(bench.To("ours") with { Sparse = true, Verify = true });
        TreeDescription.AssertEqual(TreeDescription.Of(bench.Source), TreeDescription.Of(bench.Restored("ours")));
        Assert.InRange(AllocatedSize(bench.Restored("ours", "sparse")), 10_000, 40_000);
        Assert.Equal(0, AllocatedSize(bench.Restored("ours", "short")));
    }

    [LinuxFact("restic")]
    public async Task Only_the_paths_asked_for_are_restored()
    {
        using var bench = new RestoreBench();
        foreach (string name in (string[])["etc/nginx/nginx.conf", "etc/nginx/sites/a", "etc/hosts", "etc/nginx2/b", "home/x"]) bench.Write(name, name);
        bench.Backup();
        var plan = await bench.RestoreAsync(bench.To("ours") with { Paths = [bench.Source + "/etc/nginx/", bench.Source + "/home/x", bench.Source + "/home"] });
        Assert.Equal(
            ["/etc", "/etc/nginx", "/etc/nginx/nginx.conf", "/etc/nginx/sites", "/etc/nginx/sites/a", "/home", "/home/x"],
            TreeDescription.Of(bench.Restored("ours")).Keys);
        Assert.Empty(bench.Activity.Errors);
        // A folder above that was made gets the snapshot's metadata too.
        Assert.Equal(Directory.GetLastWriteTimeUtc(bench.Source + "/etc"), Directory.GetLastWriteTimeUtc(bench.Restored("ours", "etc")));

        var error = await Assert.ThrowsAsync<ProdOpsException>(() => bench.RestoreAsync(bench.To("none") with { Paths = ["/no/such"] }));
        Assert.Equal("RestorePathNotFound", error.ErrorId);
        Assert.False(Directory.Exists(bench.Path("none")));
    }

    [LinuxFact("restic")]
    public async Task Patterns_take_what_restic_takes()
    {
        using var bench = new RestoreBench();
        foreach (string name in (string[])["etc/nginx/nginx.conf", "etc/nginx/sites/a1", "etc/nginx/sites/deep/a2", "etc/hosts", "etc/Other.Conf", "srv/sites", "empty/folder/x"])
            bench.Write(name, name);
        bench.Backup();
        (string Option, string Pattern)[] cases =
        [
            ("--include", "*.conf"), ("--include", "/**/nginx/**/a*"), ("--include", "sites"), ("--iinclude", "HOSTS"),
            ("--exclude", "nginx"), ("--exclude", "/**/sites/a*"), ("--iexclude", "*.CONF"),
        ];
        for (int i = 0; i < cases.Length; i++)
        {
            var (option, pattern) = cases[i];
            string[] patterns = [pattern];
            await bench.RestoreAsync(bench.To($"ours{i}") with
            {
                Include = option == "--include" ? patterns : [],
                IncludeIgnoreCase = option == "--iinclude" ? patterns : [],
                Exclude = option == "--exclude" ? patterns : [],
                ExcludeIgnoreCase = option == "--iexclude" ? patterns : [],
            });
            bench.RestoreByRestic($"theirs{i}", $"{option} '{pattern}'");
            TreeDescription.AssertEqual(TreeDescription.Of(bench.Path($"theirs{i}")), TreeDescription.Of(bench.Path($"ours{i}")));
            Assert.NotEmpty(TreeDescription.Of(bench.Path($"ours{i}")));
        }
    }

    private static long AllocatedSize(string path) => ProdOps.Servers.FileSystem.SourceFileSystem.Local.GetStat(ScratchFolder.Bytes(path)).AllocatedSize;
}

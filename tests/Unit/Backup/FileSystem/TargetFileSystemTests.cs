using ProdOps.Servers.FileSystem;
using ProdOps.Servers.FileSystem.Unix;

namespace ProdOps.Backup.Tests.FileSystem;

[Collection(TortureCollection.Name)]
public sealed class TargetFileSystemTests(TortureRepository torture)
{
    private static readonly UnixTargetFileSystem Target = new();
    private static readonly SourceFileSystem Source = SourceFileSystem.Local;

    [LinuxFact("setfattr", "setfacl", "getfacl")]
    public void A_copy_of_every_odd_file_is_equal_in_all_that_a_file_system_keeps()
    {
        using var scratch = new ScratchFolder();
        var problems = new List<FileSystemException>();
        using (var root = Target.OpenRoot(scratch["made/on/the/way"]))
            Copy(ScratchFolder.Bytes(torture.Folder), root, new MetadataProblems(problems.Add), []);
        Assert.Empty(problems);

        string expected = Describe(torture.Folder);
        Assert.Contains("user.folder", expected, StringComparison.Ordinal);
        Assert.Equal(expected, Describe(scratch["made/on/the/way"]));
    }

    [LinuxFact]
    public void A_link_below_the_destination_is_never_followed()
    {
        using var scratch = new ScratchFolder();
        Shell.Run(scratch.Path, "mkdir outside target; printf secret > outside/f; ln -s ../outside target/d; ln -s ../outside/f target/f; ln -s ../outside/new target/n");
        using (var root = Target.OpenRoot(scratch["target"]))
        {
            Assert.Equal("ENOTDIR", Fails(() => root.OpenFolder("d"u8)).ErrorName);
            Assert.Equal("ELOOP", Fails(() => root.OpenFile("f"u8, write: true)).ErrorName);
            Assert.Equal("EEXIST", Fails(() => root.CreateFile("n"u8)).ErrorName);
            Assert.Equal("EEXIST", Fails(() => { root.CreateFolder("d"u8); return root; }).ErrorName);
            var told = new List<FileSystemException>();
            root.SetMetadata("f"u8, new TargetMetadata { Type = FileType.File, Permissions = 0x1FF }, new MetadataProblems(told.Add));
            Assert.Equal("ELOOP", Assert.Single(told).ErrorName);
            root.SetMetadata("f"u8, new TargetMetadata { Type = FileType.File, Times = (new(1, 0), new(1, 0)) }, new MetadataProblems(told.Add));
            root.Remove("d"u8);
        }
        Assert.Equal("secret", File.ReadAllText(scratch["outside/f"]));
        Assert.Equal("644", Shell.RunText(scratch.Path, "stat -c %a outside/f").Trim());
        Assert.True(Source.GetStat(scratch.Below("outside/f")).ModifiedTime.Seconds > 1);
        Assert.False(File.Exists(scratch["outside/new"]));
    }

    [LinuxFact]
    public async Task A_folder_that_is_swapped_for_a_link_again_and_again_never_lets_a_file_out()
    {
        using var scratch = new ScratchFolder();
        Shell.Run(scratch.Path, "mkdir -p outside target/d");
        using var stop = new CancellationTokenSource();
        string inside = scratch["target/d"], parked = scratch["parked"];
        var attacker = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                Directory.Move(inside, parked);
                File.CreateSymbolicLink(inside, scratch["outside"]);
                File.Delete(inside);
                Directory.Move(parked, inside);
            }
        });
        int made = 0;
        using (var root = Target.OpenRoot(scratch["target"]))
        {
            for (int i = 0; i < 20_000 && !attacker.IsCompleted; i++)
            {
                try
                {
                    using var folder = root.OpenFolder("d"u8);
                    using var file = folder.CreateFile(ScratchFolder.Bytes($"f{i}"));
                    made++;
                }
                catch (FileSystemException e)
                {
                    Assert.Contains(e.ErrorName, new[] { "ENOTDIR", "ELOOP", "ENOENT" });
                }
            }
        }
        await stop.CancelAsync();
        await attacker;
        Assert.True(made > 0);
        Assert.Empty(Directory.GetFileSystemEntries(scratch["outside"]));
    }

    [LinuxFact]
    public void A_path_is_not_taken_for_a_name()
    {
        using var scratch = new ScratchFolder();
        using var root = Target.OpenRoot(scratch["target"]);
        foreach (string name in new[] { "", ".", "..", "../x", "/etc", "a/b", "a\0b" })
            Assert.Equal("EINVAL", Fails(() => root.CreateFile(ScratchFolder.Bytes(name))).ErrorName);
        Assert.Equal(["target"], Directory.GetFileSystemEntries(scratch.Path).Select(Path.GetFileName));
    }

    [LinuxFact]
    public void Removal_takes_a_deep_tree_and_leaves_what_its_links_point_to()
    {
        using var scratch = new ScratchFolder();
        Shell.Run(scratch.Path, """
            mkdir outside target; printf x > outside/f; mkdir -p target/t/a/b/c; ln -s ../../outside target/t/link; ln outside/f target/t/a/hard
            cd target/t; for i in $(seq 1 600); do mkdir d; touch d/f; cd d; done
            """);
        using (var root = Target.OpenRoot(scratch["target"]))
        {
            root.Remove("t"u8);
            Assert.False(root.TryGetStat("t"u8, out _));
            Assert.Equal("ENOENT", Fails(() => { root.Remove("t"u8); return root; }).ErrorName);
        }
        Assert.Equal("x", File.ReadAllText(scratch["outside/f"]));
    }

    [LinuxFact]
    public void Pieces_of_a_file_are_written_in_any_order_by_many()
    {
        using var scratch = new ScratchFolder();
        byte[] content = new byte[1 << 20];
        new Random(4).NextBytes(content);
        using var root = Target.OpenRoot(scratch.Path);
        using (var file = root.CreateFile("f"u8))
        {
            file.Reserve(content.Length);
            Assert.Equal(0, file.GetStat().Size);
            Parallel.For(0, 64, i => file.Write((63 - i) * 16384L, content.AsSpan((63 - i) * 16384, 16384)));
            file.SetLength(content.Length + 1_000_000);
            file.Flush();
        }
        using (var file = root.OpenFile("f"u8, write: false))
        {
            byte[] read = new byte[content.Length];
            Assert.Equal(content.Length, file.Read(0, read));
            Assert.Equal(content, read);
            Assert.Equal(1_000_000, file.Read(content.Length, new byte[2_000_000]));
            Assert.Equal("EBADF", Fails(() => { file.Write(0, [1]); return root; }).ErrorName);
        }
    }

    [LinuxFact("setfattr")]
    public void Attributes_an_item_is_not_to_have_are_taken_away_and_a_null_part_is_left_alone()
    {
        using var scratch = new ScratchFolder();
        Shell.Run(scratch.Path, "touch f; setfattr -n user.old -v x f; setfattr -n user.same -v y f; chmod 640 f");
        using var root = Target.OpenRoot(scratch.Path);
        var told = new List<FileSystemException>();
        root.SetMetadata("f"u8, new TargetMetadata { Type = FileType.File, ExtendedAttributes = [new("user.same", "y"u8.ToArray()), new("user.new", [])] },
            new MetadataProblems(told.Add));
        Assert.Empty(told);
        Assert.Equal(["user.new", "user.same"], root.ReadExtendedAttributes("f"u8).Select(a => a.Name).Order());
        Assert.True(root.TryGetStat("f"u8, out var stat));
        Assert.Equal(Convert.ToUInt32("640", 8), stat.Permissions);
    }

    [Fact]
    public void What_only_root_may_set_is_told_once_and_counted_each_time()
    {
        var told = new List<FileSystemException>();
        var problems = new MetadataProblems(told.Add);
        for (int i = 0; i < 3; i++) problems.Add(new FileSystemException("chown", "/f" + i, "EPERM", "operation not permitted"), "chown");
        problems.Add(new FileSystemException("chmod", "/f", "EROFS", "read-only file system"));
        problems.Add(new FileSystemException("chmod", "/g", "EROFS", "read-only file system"));
        Assert.Equal(["/f0", "/f", "/g"], told.Select(e => e.Path));
        Assert.Equal(5, problems.Count);
    }

    [NotRootFact]
    public void An_owner_that_cannot_be_set_takes_set_user_id_with_it()
    {
        using var scratch = new ScratchFolder();
        using var root = Target.OpenRoot(scratch.Path);
        var told = new List<FileSystemException>();
        var problems = new MetadataProblems(told.Add);
        foreach (string name in new[] { "a", "b" })
        {
            using var file = root.CreateFile(ScratchFolder.Bytes(name));
            file.SetMetadata(new TargetMetadata { Type = FileType.File, Owner = (0, 0), Permissions = Convert.ToUInt32("6755", 8) }, problems);
            Assert.Equal(Convert.ToUInt32("755", 8), file.GetStat().Permissions);
        }
        Assert.Equal("chown", Assert.Single(told).Operation);
        Assert.Equal(2, problems.Count);
    }

    private static FileSystemException Fails(Func<object> action) => Assert.Throws<FileSystemException>(() => { (action() as IDisposable)?.Dispose(); });

    /// <summary>Copies a tree the way a restore does: folders first, metadata when nothing more is written below.</summary>
    private static void Copy(byte[] from, TargetFolder to, MetadataProblems problems, Dictionary<ulong, (byte[][] Folder, byte[] Name)> linked, params byte[][] way)
    {
        var listing = new DirectoryListing();
        Source.ReadDirectory(from, listing);
        for (int i = 0; i < listing.Count; i++)
        {
            byte[] name = listing.NameOf(i).ToArray(), path = [.. from, (byte)'/', .. name];
            var stat = listing.StatOf(i);
            var metadata = new TargetMetadata
            {
                Type = stat.Type,
                Permissions = stat.Permissions,
                Owner = (stat.UserId, stat.GroupId),
                Times = (stat.AccessTime, stat.ModifiedTime),
                ExtendedAttributes = Source.ReadExtendedAttributes(path),
            };
            if (stat.Type == FileType.Directory)
            {
                to.CreateFolder(name);
                using var folder = to.OpenFolder(name);
                Copy(path, folder, problems, linked, [.. way, name]);
                folder.SetMetadata(metadata, problems);
            }
            else if (stat.Links > 1 && !linked.TryAdd(stat.Inode, (way, name)))
            {
                var (folder, first) = linked[stat.Inode];
                Assert.Equal(way, folder);
                to.CreateHardLink(name, to, first);
            }
            else if (stat.Type == FileType.File)
            {
                using var file = to.CreateFile(name);
                using (var source = Source.OpenFile(path))
                {
                    byte[] content = new byte[stat.Size];
                    source.Read(content);
                    file.Write(0, content);
                }
                file.SetMetadata(metadata, problems);
            }
            else
            {
                if (stat.Type == FileType.SymbolicLink) to.CreateSymbolicLink(name, Source.ReadLink(path));
                else to.CreateSpecial(name, stat.Type, stat.DeviceNumber);
                to.SetMetadata(name, metadata, problems);
            }
        }
    }

    // Access times are compared by the modification of what was read without touching them; those of folders and links move.
    private static string Describe(string folder) => FileNames.Decode(Shell.Run(folder, """
        find . -mindepth 1 -printf '%P|%y|%m|%n|%U|%G|%s|%T@|%l\n' | sed 's/|d|\([^|]*\)|\([^|]*\)|\([^|]*\)|\([^|]*\)|[^|]*|/|d|\1|\2|\3|\4||/' | LC_ALL=C sort
        find . ! -type l -print0 | LC_ALL=C sort -z | xargs -0 getfattr -h -d -m - -e hex 2>/dev/null | tr -d '\0'
        find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
        """));
}

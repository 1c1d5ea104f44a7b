using ProdOps.Servers.FileSystem;
using ProdOps.Servers.FileSystem.Managed;

namespace ProdOps.Backup.Tests.FileSystem;

/// <summary>The way other systems go, as far as this one can show it.</summary>
public sealed class ManagedFileSystemTests
{
    private readonly ManagedFileSystem _files = new();

    [Fact]
    public void A_folder_and_its_files_are_read()
    {
        using var scratch = new ScratchFolder();
        Directory.CreateDirectory(scratch["d"]);
        File.WriteAllText(scratch["d/é"], "content");
        File.WriteAllText(scratch["a"], "");
        File.SetLastWriteTimeUtc(scratch["a"], new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc).AddTicks(7));
        var listing = new DirectoryListing();
        _files.ReadDirectory(scratch.PathBytes, listing);
        Assert.Equal(["a", "d"], Enumerable.Range(0, listing.Count).Select(i => FileNames.Decode(listing.NameOf(i))));
        Assert.Equal((FileType.File, 0L, new UnixTime(981173106, 700)), (listing.StatOf(0).Type, listing.StatOf(0).Size, listing.StatOf(0).ModifiedTime));
        Assert.Equal(FileType.Directory, listing.StatOf(1).Type);

        using var file = _files.OpenFile(scratch.Below("d/é"));
        Assert.Equal((FileType.File, 7L), (file.GetStat().Type, file.GetStat().Size));
        byte[] content = new byte[10];
        Assert.Equal(7, file.Read(content));
        Assert.Equal("content"u8.ToArray(), content[..7]);
        Assert.Equal(0, file.Read(content));
    }

    [LinuxFact]
    public void What_both_ways_can_tell_they_tell_alike()
    {
        using var scratch = new ScratchFolder();
        Shell.Run(scratch.Path, "mkdir d; printf abc > f; chmod 4751 f; ln -s f l; ln -s nowhere broken; ln -s d ld");
        foreach (string name in new[] { "d", "f", "l", "broken", "ld" })
        {
            FileStat expected = SourceFileSystem.Local.GetStat(scratch.Below(name)), actual = _files.GetStat(scratch.Below(name));
            Assert.Equal((expected.Type, expected.ModifiedTime with { Nanoseconds = 0 }), (actual.Type, actual.ModifiedTime with { Nanoseconds = 0 }));
            if (expected.Type == FileType.SymbolicLink) Assert.Equal(SourceFileSystem.Local.ReadLink(scratch.Below(name)), _files.ReadLink(scratch.Below(name)));
            else Assert.Equal(expected.Permissions, actual.Permissions);
        }
        Assert.Equal(FileType.File, _files.GetStat(scratch.Below("l"), follow: true).Type);
    }

    [Fact]
    public void Failures_have_the_names_Unix_gives_them()
    {
        using var scratch = new ScratchFolder();
        File.WriteAllText(scratch["f"], "");
        Assert.Equal("ENOENT", Assert.Throws<FileSystemException>(() => _files.GetStat(scratch.Below("missing"))).ErrorName);
        Assert.Equal("ENOENT", Assert.Throws<FileSystemException>(() => _files.OpenFile(scratch.Below("missing"))).ErrorName);
        Assert.Equal("EINVAL", Assert.Throws<FileSystemException>(() => _files.ReadLink(scratch.Below("f"))).ErrorName);
    }

    [Fact]
    public void Files_are_written_named_and_removed_and_paths_are_not_names()
    {
        using var scratch = new ScratchFolder();
        using var root = new ManagedTargetFileSystem().OpenRoot(scratch["target"]);
        root.CreateFolder("d"u8);
        using (var folder = root.OpenBelow(["d"u8.ToArray()]))
        using (var file = folder.CreateFile("f"u8))
        {
            file.Write(3, "def"u8);
            file.Write(0, "abc"u8);
            file.SetLength(5);
            file.Flush();
        }
        Assert.Equal("abcde", File.ReadAllText(scratch["target/d/f"]));
        var told = new List<FileSystemException>();
        using (var folder = root.OpenFolder("d"u8))
        {
            var metadata = new TargetMetadata { Type = FileType.File, Times = (new(10, 0), new(20, 300)), Permissions = 0x180, Owner = (1, 1) };
            folder.SetMetadata("f"u8, metadata, new MetadataProblems(told.Add));
            Assert.True(folder.TryGetStat("f"u8, out var stat));
            Assert.Equal(new UnixTime(20, 300), stat.ModifiedTime);
            Assert.Equal("EEXIST", Assert.Throws<FileSystemException>(() => folder.CreateFile("f"u8)).ErrorName);
        }
        root.Rename("d"u8, "e"u8);
        root.Remove("e"u8);
        Assert.Empty(Directory.GetFileSystemEntries(root.Path));
        foreach (string name in new[] { "", ".", "..", "../x", "/etc", "a\0b" })
            Assert.Equal("EINVAL", Assert.Throws<FileSystemException>(() => root.CreateFile(ScratchFolder.Bytes(name))).ErrorName);
    }

    [LinuxFact]
    public void A_link_that_is_there_is_not_followed()
    {
        using var scratch = new ScratchFolder();
        Shell.Run(scratch.Path, "mkdir outside target; printf x > outside/f; ln -s ../outside target/d; ln -s ../outside/f target/f");
        using var root = new ManagedTargetFileSystem().OpenRoot(scratch["target"]);
        Assert.Equal("ELOOP", Assert.Throws<FileSystemException>(() => root.OpenFolder("d"u8)).ErrorName);
        Assert.Equal("ELOOP", Assert.Throws<FileSystemException>(() => root.OpenFile("f"u8, write: true)).ErrorName);
        root.Remove("d"u8);
        Assert.True(File.Exists(scratch["outside/f"]));
    }
}

using System.Globalization;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;
using ProdOps.Servers.FileSystem.Unix;

namespace ProdOps.Backup.Tests.FileSystem;

[Collection(TortureCollection.Name)]
public sealed class UnixFileSystemTests(TortureRepository torture)
{
    private readonly UnixFileSystem _files = new();

    [LinuxFact("setfattr", "setfacl", "find")]
    public void A_listing_tells_of_every_odd_file_what_find_tells()
    {
        using var scratch = new ScratchFolder();
        TortureTree.Make(scratch.Path);
        var expected = new SortedDictionary<string, string>(StringComparer.Ordinal);
        // Only the first look into a folder moves its access time.
        Shell.Run(scratch.Path, "find . > /dev/null");
        const string Format = @"%P\0%y %m %i %D %n %U %G %s %b %T@ %A@ %C@\0";
        string[] found = FileNames.Decode(Shell.Run(scratch.Path, $"find . -mindepth 1 -printf '{Format}'")).Split('\0');
        for (int i = 0; i + 1 < found.Length; i += 2) expected.Add(found[i], found[i + 1]);

        var actual = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Walk(scratch.PathBytes, "", actual);
        Assert.Equal(expected.Keys, actual.Keys);
        Assert.All(expected, pair => Assert.Equal(pair.Value, actual[pair.Key]));
        Assert.True(actual.Count > 80);
    }

    [LinuxFact("restic", "setfattr", "setfacl")]
    public void Nodes_made_of_what_is_read_are_those_restic_makes()
    {
        int count = 0;
        foreach (var (folder, text) in torture.Trees)
        {
            if (!folder.StartsWith(torture.Folder, StringComparison.Ordinal)) continue; // Above it others are at work.
            foreach (var expected in TreeReader.Parse(text))
            {
                var actual = MakeNode(folder + "/" + FileNames.Decode(expected.Name), expected);
                // restic before 0.16 loses a target that is not UTF-8.
                if (expected.LinkTarget.AsSpan().StartsWith("bad"u8)) actual.LinkTarget = expected.LinkTarget;
                Assert.Equal(Text(expected), Text(actual));
                count++;
            }
        }
        Assert.True(count > 80, $"only {count} nodes were compared");
    }

    [LinuxFact]
    public void A_file_is_read_to_its_end_and_its_access_time_stays()
    {
        using var scratch = new ScratchFolder();
        byte[] content = new byte[300_000];
        new Random(1).NextBytes(content);
        File.WriteAllBytes(scratch["f"], content);
        File.SetLastAccessTimeUtc(scratch["f"], DateTime.UnixEpoch);
        using (var file = _files.OpenFile(scratch.Below("f")))
        {
            Assert.Equal(content.Length, file.GetStat().Size);
            byte[] read = new byte[200_000];
            Assert.Equal(200_000, file.Read(read));
            Assert.Equal(content[..200_000], read);
            Assert.Equal(100_000, file.Read(read));
            Assert.Equal(content[200_000..], read[..100_000]);
            Assert.Equal(0, file.Read(read));
        }
        Assert.Equal(new UnixTime(0, 0), _files.GetStat(scratch.Below("f")).AccessTime);
    }

    [LinuxFact]
    public void A_stat_follows_a_link_only_when_told_to()
    {
        using var scratch = new ScratchFolder();
        Directory.CreateDirectory(scratch["d"]);
        File.CreateSymbolicLink(scratch["l"], "d");
        Assert.Equal(FileType.SymbolicLink, _files.GetStat(scratch.Below("l")).Type);
        Assert.Equal(FileType.Directory, _files.GetStat(scratch.Below("l"), follow: true).Type);
        Assert.Equal("d"u8.ToArray(), _files.ReadLink(scratch.Below("l")));
    }

    [LinuxFact("mkfifo")]
    public void Failures_have_the_name_Unix_gives_them_and_never_follow_or_wait()
    {
        using var scratch = new ScratchFolder();
        Shell.Run(scratch.Path, "mkfifo fifo; printf x > f; ln -s f link; mkdir d; ln -s d dlink");
        Assert.Equal("ENOENT", Fails(() => _files.GetStat(scratch.Below("missing"))).ErrorName);
        Assert.Equal("ENOENT", Fails(() => _files.OpenFile(scratch.Below("missing"))).ErrorName);
        Assert.Equal("ENOTDIR", Fails(() => _files.GetStat(scratch.Below("f/x"))).ErrorName);
        Assert.Equal("ENOTDIR", Fails(() => _files.ReadDirectory(scratch.Below("f"), new())).ErrorName);
        Assert.Equal("ENOTDIR", Fails(() => _files.ReadDirectory(scratch.Below("dlink"), new())).ErrorName);
        Assert.Equal("ELOOP", Fails(() => _files.OpenFile(scratch.Below("link"))).ErrorName);
        Assert.Equal("EINVAL", Fails(() => _files.ReadLink(scratch.Below("f"))).ErrorName);
        Assert.Equal("EINVAL", Fails(() => _files.GetStat(scratch.Below("f\0x"))).ErrorName);
        using (var fifo = _files.OpenFile(scratch.Below("fifo"))) Assert.Equal(FileType.Fifo, fifo.GetStat().Type);
        using (var folder = _files.OpenFile(scratch.Below("d"))) Assert.Equal("EISDIR", Fails(() => folder.Read(new byte[1])).ErrorName);
        var error = Fails(() => _files.OpenFile(scratch.Below("missing")));
        Assert.Equal((ErrorKind.NotFound, "no such file or directory", scratch["missing"]), (error.Kind, error.Reason, error.Path));
    }

    [NotRootFact]
    public void What_may_not_be_read_is_a_refusal()
    {
        using var scratch = new ScratchFolder();
        File.WriteAllText(scratch["f"], "x");
        Shell.Run(scratch.Path, "chmod 0 f");
        Assert.Equal(ErrorKind.PermissionDenied, Fails(() => _files.OpenFile(scratch.Below("f"))).Kind);
    }

    [LinuxFact]
    public async Task Files_that_vanish_while_a_folder_is_listed_are_left_out()
    {
        using var scratch = new ScratchFolder();
        for (int i = 0; i < 2_000; i++) File.WriteAllText(scratch[$"f{i:d4}"], "");
        var removal = Task.Run(() =>
        {
            for (int i = 1_999; i >= 0; i--) File.Delete(scratch[$"f{i:d4}"]);
        });
        var listing = new DirectoryListing();
        do
        {
            _files.ReadDirectory(scratch.PathBytes, listing);
            Assert.Empty(listing.Failures);
            for (int i = 1; i < listing.Count; i++) Assert.True(listing.NameOf(i - 1).SequenceCompareTo(listing.NameOf(i)) < 0);
        } while (!removal.IsCompleted);
        await removal;
    }

    [Fact]
    public void A_name_that_is_listed_twice_stays_once_and_a_listing_can_be_used_again()
    {
        var listing = new DirectoryListing();
        for (int round = 0; round < 2; round++)
        {
            listing.Clear();
            foreach (string name in new[] { "b", "abcdefghij", "b", "abcdefgh", "abcdefghi", "c" })
                listing.Add(ScratchFolder.Bytes(name), new FileStat { Size = name.Length });
            listing.Sort();
            Assert.Equal(["abcdefgh", "abcdefghi", "abcdefghij", "b", "c"], Enumerable.Range(0, listing.Count).Select(i => FileNames.Decode(listing.NameOf(i))));
            Assert.Equal(10, listing.StatOf(2).Size);
        }
    }

    [LinuxFact]
    public void Users_and_groups_without_a_name_have_none()
    {
        Assert.Equal("root", _files.GetUserName(0));
        Assert.Equal("root", _files.GetGroupName(0));
        Assert.Equal("", _files.GetUserName(3_999_999_999));
        Assert.Equal("", _files.GetGroupName(3_999_999_999));
    }

    private static FileSystemException Fails(Action action) => Assert.Throws<FileSystemException>(action);

    private static FileSystemException Fails(Func<object> action) => Assert.Throws<FileSystemException>(() => { action(); });

    private static FileSystemException Fails(Func<FileStat> action) => Assert.Throws<FileSystemException>(() => { action(); });

    private static FileSystemException Fails(Func<int> action) => Assert.Throws<FileSystemException>(() => { action(); });

    private void Walk(byte[] folder, string prefix, SortedDictionary<string, string> into)
    {
        var listing = new DirectoryListing();
        _files.ReadDirectory(folder, listing);
        Assert.Empty(listing.Failures);
        for (int i = 0; i < listing.Count; i++)
        {
            string name = FileNames.Decode(listing.NameOf(i));
            var stat = listing.StatOf(i);
            char type = NodeMapper.ModeString(stat.Type, 0)[0];
            into.Add(prefix + name, string.Create(CultureInfo.InvariantCulture,
                $"{(type == '-' ? 'f' : type)} {Convert.ToString(stat.Permissions, 8)} {stat.Inode} {stat.Device} {stat.Links} {stat.UserId} {stat.GroupId} {stat.Size} {stat.AllocatedSize / 512} {Text(stat.ModifiedTime)} {Text(stat.AccessTime)} {Text(stat.ChangeTime)}"));
            if (stat.Type == FileType.Directory) Walk([.. folder, (byte)'/', .. listing.NameOf(i)], prefix + name + "/", into);
        }
    }

    // find writes the two numbers of a time side by side, with one digit more than there is.
    private static string Text(UnixTime time) => string.Create(CultureInfo.InvariantCulture, $"{time.Seconds}.{time.Nanoseconds:d9}0");

    private Node MakeNode(string path, Node stored)
    {
        byte[] bytes = FileNames.Encode(path);
        var stat = _files.GetStat(bytes);
        return new Node
        {
            Name = stored.Name,
            Type = stat.Type,
            Mode = GoFileMode.From(stat.Type, stat.Permissions),
            ModifiedTime = stat.ModifiedTime,
            // Reading a folder or a link may have moved its access time.
            AccessTime = stat.Type is FileType.Directory or FileType.SymbolicLink ? stored.AccessTime : stat.AccessTime,
            ChangeTime = stat.ChangeTime,
            UserId = stat.UserId,
            GroupId = stat.GroupId,
            User = _files.GetUserName(stat.UserId),
            Group = _files.GetGroupName(stat.GroupId),
            Inode = stat.Inode,
            DeviceId = stat.Device,
            Size = stat.Type == FileType.File ? (ulong)stat.Size : 0,
            Links = stat.Type is FileType.Directory or FileType.Fifo ? 0 : stat.Links,
            Device = stat.Type is FileType.BlockDevice or FileType.CharacterDevice ? stat.DeviceNumber : 0,
            LinkTarget = stat.Type == FileType.SymbolicLink ? _files.ReadLink(bytes) : [],
            ExtendedAttributes = _files.ReadExtendedAttributes(bytes),
            Content = stored.Content,
            Subtree = stored.Subtree,
        };
    }

    private static string Text(Node node)
    {
        var buffer = new Utf8Buffer();
        TreeWriter.WriteNode(buffer, node, new Rfc3339(TimeZoneInfo.Utc));
        return FileNames.Decode(buffer.Written);
    }
}

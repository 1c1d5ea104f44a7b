using System.Text;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.Trees;

public sealed class TreeReaderTests
{
    private const string Id = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Fact]
    public void An_empty_tree_is_written_and_read()
    {
        var writer = new TreeWriter();
        writer.Begin();
        Assert.Equal("{\"nodes\":[]}\n", Encoding.UTF8.GetString(writer.Finish().Span));
        Assert.Empty(TreeReader.Parse("{\"nodes\":[]}\n"u8));
        Assert.Empty(TreeReader.Parse(" { \"later\" : [1,{}] , \"nodes\" : null } "u8));
    }

    [Fact]
    public void A_whole_node_is_read_whatever_the_order_of_its_fields_and_unknown_ones_are_passed_over()
    {
        var node = Assert.Single(TreeReader.Parse(Encoding.UTF8.GetBytes(
            $$"""
            { "nodes" : [ { "error":"e\u00e9", "subtree":"{{Id}}", "content": [ "{{Id}}" , "{{Id}}" ], "new":{"a":[true,false,null,-1.5e3,"x\"y"]},
              "size":18446744073709, "links":2, "linktarget":"\ufffd", "linktarget_raw":"/w==", "device":5, "device_id":6, "inode":18446744073709551615,
              "generic_attributes":{"windows.file_attributes":32}, "extended_attributes":[{"value":"AQI=","name":"user.x","x":1},{"name":"y","value":null}],
              "group":"g", "user":"u", "gid":4294967295, "uid":3, "ctime":"2020-01-01T00:00:02Z","atime":"2020-01-01T00:00:01Z",
              "mtime":"2020-01-01T00:00:00Z", "mode":2147484141, "type":"dir", "name":"a\\xffb" } ] }
            """)));
        Assert.Equal<byte>([(byte)'a', 0xFF, (byte)'b'], node.Name);
        Assert.Equal(FileType.Directory, node.Type);
        Assert.Equal(2147484141u, node.Mode);
        Assert.Equal([1577836800L, 1577836801, 1577836802], new[] { node.ModifiedTime.Seconds, node.AccessTime.Seconds, node.ChangeTime.Seconds });
        Assert.Equal((3u, uint.MaxValue, "u", "g"), (node.UserId, node.GroupId, node.User, node.Group));
        Assert.Equal((ulong.MaxValue, 6ul, 18446744073709ul, 2ul, 5ul), (node.Inode, node.DeviceId, node.Size, node.Links, node.Device));
        Assert.Equal<byte>([0xFF], node.LinkTarget);
        Assert.Equal(["user.x", "y"], node.ExtendedAttributes.Select(a => a.Name));
        Assert.Equal<byte>([1, 2], node.ExtendedAttributes[0].Value);
        Assert.Equal("{\"windows.file_attributes\":32}", Encoding.UTF8.GetString(node.GenericAttributes!));
        Assert.Equal([ObjectId.Parse(Id), ObjectId.Parse(Id)], node.Content!);
        Assert.Equal(ObjectId.Parse(Id), node.Subtree);
        Assert.Equal("eé", node.Error);
    }

    [Fact]
    public void A_target_that_is_not_UTF_8_is_kept_raw_beside_what_JSON_can_say()
    {
        var node = new Node { Name = "l"u8.ToArray(), Type = FileType.SymbolicLink, LinkTarget = [(byte)'a', 0xFF, 0xFE] };
        string text = Write(node);
        Assert.Contains("\"linktarget\":\"a\\ufffd\\ufffd\",\"linktarget_raw\":\"Yf/+\"", text, StringComparison.Ordinal);
        Assert.Equal(node.LinkTarget, TreeReader.Parse(Encoding.UTF8.GetBytes(text))[0].LinkTarget);
    }

    [Fact]
    public void Names_must_ascend_when_written()
    {
        var writer = new TreeWriter();
        writer.Begin();
        writer.Add(new Node { Name = "b"u8.ToArray(), Type = FileType.File });
        Assert.Throws<InvalidOperationException>(() => writer.Add(new Node { Name = "b"u8.ToArray(), Type = FileType.File }));
        Assert.Throws<InvalidOperationException>(() => writer.Add(new Node { Name = "a"u8.ToArray(), Type = FileType.File }));
    }

    [Fact]
    public void Nodes_in_disorder_are_sorted() =>
        Assert.Equal(["a", "b", "ba"], TreeReader.Parse("""{"nodes":[{"name":"ba"},{"name":"a"},{"name":"b"}]}"""u8).Select(n => FileNames.Decode(n.Name)));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"nodes\":[]")]
    [InlineData("{\"nodes\":[]} x")]
    [InlineData("{\"nodes\":[],\"nodes\":[{}]}")]
    [InlineData("{\"nodes\":[{}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"\"}]}")]
    [InlineData("{\"nodes\":[{\"name\":\".\"}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"..\"}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"\\\\x2e\\\\x2e\"}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"../../etc/passwd\"}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\\\\x2fb\"}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\\u002fb\"}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\\\\x00b\"}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\\u0000b\"}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\\\\q\"}]}")]
    [InlineData("{\"nodes\":[{\"name\":5}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\"},{\"name\":\"a\"}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\",\"uid\":4294967296}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\",\"uid\":-1}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\",\"size\":18446744073709551616}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\",\"size\":9223372036854775808}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\",\"size\":1.5}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\",\"mtime\":\"yesterday\"}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\",\"content\":[\"xyz\"]}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\",\"subtree\":\"\"}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\",\"linktarget_raw\":\"%%\"}]}")]
    [InlineData("{\"nodes\":[{\"name\":\"a\",\"extended_attributes\":[{\"value\":\"\"}]}]}")]
    public void What_no_writer_writes_is_damage(string text)
    {
        var error = Assert.Throws<ProdOpsException>(() => TreeReader.Parse(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(("TreeDamaged", ErrorKind.InvalidData), (error.ErrorId, error.Kind));
    }

    [Fact]
    public void Deep_nesting_is_damage_and_not_the_end_of_the_process()
    {
        string text = "{\"nodes\":[{\"name\":\"a\",\"x\":" + new string('[', 100_000);
        Assert.Equal("TreeDamaged", Assert.Throws<ProdOpsException>(() => TreeReader.Parse(Encoding.UTF8.GetBytes(text))).ErrorId);
    }

    [Fact]
    public void Bytes_changed_at_random_give_a_tree_or_the_one_error()
    {
        var random = new Random(3);
        byte[] valid = Encoding.UTF8.GetBytes(Write(
            new Node { Name = "a\"\xff<"u8.ToArray(), Type = FileType.File, Mode = 420, Size = 5, Content = [ObjectId.Parse(Id)], User = "root" },
            new Node { Name = "l"u8.ToArray(), Type = FileType.SymbolicLink, LinkTarget = [0xFF], ExtendedAttributes = [new("user.x", [1, 2, 3])] }));
        ReadOnlySpan<byte> alphabet = "{}[]\",:\\u0x/.\0nullZ9"u8;
        for (int i = 0; i < 50_000; i++)
        {
            byte[] text = valid[..(random.Next(4) == 0 ? random.Next(valid.Length) : valid.Length)];
            for (int change = random.Next(1, 4); change > 0 && text.Length > 0; change--)
                text[random.Next(text.Length)] = random.Next(2) == 0 ? alphabet[random.Next(alphabet.Length)] : (byte)random.Next(256);
            try
            {
                Assert.All(TreeReader.Parse(text), n => Assert.False(n.Name.Length == 0 || n.Name.AsSpan().ContainsAny((byte)'/', (byte)0)));
            }
            catch (ProdOpsException e)
            {
                Assert.Equal("TreeDamaged", e.ErrorId);
            }
        }
    }

    [Theory]
    [InlineData(nameof(FileType.File), 0b110_100_100, "-rw-r--r--")]
    [InlineData(nameof(FileType.Directory), 0x200 | 0b111_111_111, "drwxrwxrwt")]
    [InlineData(nameof(FileType.Directory), 0x200, "d--------T")]
    [InlineData(nameof(FileType.File), 0xC00 | 0b111_101_101, "-rwsr-sr-x")]
    [InlineData(nameof(FileType.File), 0xC00, "---S--S---")]
    [InlineData(nameof(FileType.SymbolicLink), 0b111_111_111, "lrwxrwxrwx")]
    [InlineData(nameof(FileType.CharacterDevice), 0b110_000_000, "crw-------")]
    [InlineData(nameof(FileType.BlockDevice), 0, "b---------")]
    [InlineData(nameof(FileType.Fifo), 0, "p---------")]
    public void A_mode_reads_as_ls_shows_it(string typeName, int permissions, string expected)
    {
        var type = Enum.Parse<FileType>(typeName);
        Assert.Equal(expected, NodeMapper.ModeString(type, (uint)permissions));
        Assert.Equal((uint)permissions, GoFileMode.ToPermissions(GoFileMode.From(type, (uint)permissions)));
    }

    [Fact]
    public void An_item_says_what_the_node_says_and_where_it_is_from()
    {
        var node = new Node { Name = "x"u8.ToArray(), Type = FileType.File, Mode = 420, UserId = 7, Group = "staff", Size = 12, ModifiedTime = new(1, 500) };
        var item = NodeMapper.ToItem(node, "/etc/x", new ItemOrigin("id", DateTimeOffset.UnixEpoch, "web1", "/srv/backup"));
        Assert.Equal(("/etc/x", "x", "7", "staff", 12L, "-rw-r--r--"), (item.Path, item.Name, item.User, item.Group, item.Size, item.ModeString));
        Assert.Equal(("id", "web1", "/srv/backup", (string?)null), (item.SnapshotId, item.Server, item.Repository, item.LinkTarget));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(1).AddTicks(5), item.ModifiedTime);
    }

    private static string Write(params Node[] nodes)
    {
        var writer = new TreeWriter(new Rfc3339(TimeZoneInfo.Utc));
        writer.Begin();
        foreach (var node in nodes) writer.Add(node);
        return Encoding.UTF8.GetString(writer.Finish().Span);
    }
}

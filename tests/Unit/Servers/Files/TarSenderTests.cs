using ProdOps.Servers.Files;
using ProdOps.Servers.Files.Tar;
using ProdOps.Servers.FileSystem;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Files;

/// <summary>Archives of content that is not this machine's.</summary>
public sealed class TarSenderTests
{
    [Fact]
    public async Task Attributes_of_any_length_are_sent()
    {
        byte[] value = new byte[3_000_000];
        new Random(1).NextBytes(value);
        var content = new Content(new Random(2)) { Value = value };
        byte[] archive = await SendAsync(content, ("first", 700), ("second", 700_000));
        Assert.Equal(0, archive.Length % TarHeader.BlockSize);
        for (int i = 0, at = 0; i < 2; i++)
        {
            int found = archive.AsSpan(at).IndexOf(value);
            Assert.True(found > 0, $"copy {i} is missing");
            at += found + value.Length;
        }
        Assert.False(archive.AsSpan(^1024).ContainsAnyExcept((byte)0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Content_in_pieces_of_any_size_comes_out_as_it_is_with_holes_and_without(bool isSparse)
    {
        var random = new Random(20261126);
        for (int round = 0; round < 20; round++)
        {
            var files = Enumerable.Range(0, 8).Select(i => ($"file{i}", i == 0 ? 1_500_000L : random.Next(random.Next(2) == 0 ? 3000 : 1_500_000))).ToArray();
            var content = new Content(random) { IsSparse = isSparse };
            byte[] archive = await SendAsync(content, files);
            var reader = new TarReader(new MemoryStream(archive), "web1");
            int seen = 0;
            while (await reader.ReadEntryAsync(CancellationToken.None) is { } entry)
            {
                if (entry.Type != FileType.File) continue;
                using var read = new MemoryStream();
                while (await reader.ReadContentAsync(CancellationToken.None) is { IsEmpty: false } piece) read.Write(piece.Span);
                Assert.Equal(content.Bytes[entry.Name["./".Length..]], read.ToArray());
                seen++;
            }
            Assert.Equal(files.Length, seen);
            if (isSparse) Assert.True(archive.Length < files.Sum(file => file.Item2));
        }
    }

    private static async Task<byte[]> SendAsync(Content content, params (string Name, long Size)[] files)
    {
        var root = new TreeItem { Path = "", Type = FileType.Directory, Permissions = 0x1ED };
        var source = new FileTree(root, files.Select(file => new TreeItem { Path = file.Name, Type = FileType.File, Size = file.Size }));
        foreach (var (name, size) in files) content.Make(name, size);
        var options = new CopyOptions();
        var request = new CopyRequest("/", "/new", options) { Content = content };
        var sender = new TarSender(CopyPlan.Create(source, FileTree.Nothing, options), request, null, new CopyProgress(new RecordingActivity(), TimeProvider.System));
        using var sink = new MemoryStream();
        await sender.SendAsync(sink, CancellationToken.None);
        Assert.Empty(sender.Failed);
        return sink.ToArray();
    }

    private sealed class Content(Random random) : ITreeContent
    {
        private readonly Dictionary<string, IReadOnlyList<(long Offset, long Size)>> _data = [];

        public byte[]? Value { get; init; }

        public bool IsSparse { get; init; }

        public Dictionary<string, byte[]> Bytes { get; } = [];

        public bool HasAttributes => Value is not null;

        public void Make(string name, long size)
        {
            byte[] bytes = new byte[size];
            var data = new List<(long, long)>();
            for (long at = IsSparse ? random.Next(40_000) : 0; at < size; at += random.Next(200_000))
            {
                long length = Math.Min(size - at, IsSparse ? random.Next(1, 30_000) : size);
                random.NextBytes(bytes.AsSpan((int)at, (int)length));
                data.Add((at, length));
                at += length;
            }
            Bytes[name] = bytes;
            _data[name] = DataLayout.Align(data, size);
        }

        public TarEntry Describe(TreeItem item, TarEntry entry) =>
            Value is null || item.Type != FileType.File ? entry : entry with { ExtendedAttributes = [new ExtendedAttribute("user.long", Value)] };

        public IReadOnlyList<(long Offset, long Size)>? DataOf(TreeItem item) => IsSparse ? _data[item.Path] : null;

        public async Task<string?> SendAsync(TreeItem item, Func<ReadOnlyMemory<byte>, ValueTask> write, CancellationToken cancellationToken)
        {
            for (var left = Bytes[item.Path].AsMemory(); !left.IsEmpty;)
            {
                int count = Math.Min(left.Length, random.Next(1, 600_000));
                await write(left[..count]);
                left = left[count..];
            }
            return null;
        }
    }
}

using System.Diagnostics;
using System.Text;
using System.Text.Json;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Tests.Repositories;

/// <summary>The parsers of what a repository holds, on good, odd and hostile bytes.</summary>
public sealed class FormatTests
{
    private const string Id = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Theory]
    [InlineData("2026-11-23T10:00:00Z")]
    [InlineData("2026-11-23T10:00:00.123456789+01:00")]
    [InlineData("2026-11-23T10:00:00.1-09:30")]
    [InlineData("1969-12-31T23:59:59.999999999Z")]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59:59.999999999Z")]
    public void A_time_reads_and_writes_as_Go_does(string text)
    {
        Assert.True(Rfc3339Time.TryParse(text, out var time));
        Assert.Equal(text, time.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-11-23")]
    [InlineData("2026-11-23 10:00:00Z")]
    [InlineData("2026-11-23T10:00:00")]
    [InlineData("2026-11-23T10:00:00.Z")]
    [InlineData("2026-11-23T10:00:00+15:00")]
    [InlineData("2026-11-23T10:00:00٠Z")]
    [InlineData("2026-11-23T10:00:00+1:00")]
    [InlineData("2026-11-23T10:00:00+99:00")]
    [InlineData("2026-11-23T10:00:00+01:60")]
    [InlineData("2026-11-23T10:00:00+01:00x")]
    [InlineData("2026-02-30T10:00:00Z")]
    public void What_is_no_time_is_refused(string text) => Assert.False(Rfc3339Time.TryParse(text, out _));

    [Fact]
    public void A_time_at_the_end_of_the_calendar_has_no_moment_beyond_it()
    {
        Assert.True(Rfc3339Time.TryParse("9999-12-31T23:59:59-12:00", out var late));
        Assert.True(Rfc3339Time.TryParse("0001-01-01T00:00:00+12:00", out var early));
        Assert.True(early.ToDateTimeOffset() < late.ToDateTimeOffset());
        Assert.True(Rfc3339Time.TryParse(late.ToString(), out _));
    }

    [Fact]
    public void A_snapshot_writes_its_fields_in_Gos_order_and_reads_them_back()
    {
        var snapshot = Example();
        string json = Encoding.UTF8.GetString(snapshot.ToJson());
        string[] order = ["time", "parent", "tree", "paths", "hostname", "username", "uid", "gid", "excludes", "tags", "original", "program_version", "summary"];
        using (var document = JsonDocument.Parse(json)) Assert.Equal(order, document.RootElement.EnumerateObject().Select(field => field.Name));
        var read = SnapshotFile.Parse(snapshot.ToJson());
        Assert.Equal(json, Encoding.UTF8.GetString(read.ToJson()));
        Assert.Equal(snapshot.Summary, read.Summary);

        string smallest = Encoding.UTF8.GetString((new SnapshotFile { Time = snapshot.Time, Tree = snapshot.Tree }).ToJson());
        Assert.Equal($$"""{"time":"2026-11-23T10:00:00.5+01:00","tree":"{{Id}}","paths":[]}""", smallest);
    }

    [Theory]
    [InlineData("""{"tree":"{id}"}""")]
    [InlineData("""{"time":"2026-11-23T10:00:00Z"}""")]
    [InlineData("""{"time":"yesterday","tree":"{id}"}""")]
    [InlineData("""{"time":"2026-11-23T10:00:00Z","tree":"{id}","paths":"/"}""")]
    [InlineData("""{"time":"2026-11-23T10:00:00Z","tree":"{id}","tags":[1]}""")]
    [InlineData("""{"time":"2026-11-23T10:00:00Z","tree":"{id}","uid":-1}""")]
    [InlineData("""{"time":"2026-11-23T10:00:00Z","tree":"{id}","summary":7}""")]
    [InlineData("""{"time":"2026-11-23T10:00:00Z","tree":"{id}","hostname":"\ud800"}""")]
    [InlineData("null")]
    public void A_snapshot_that_makes_no_sense_is_refused(string json) =>
        Assert.ThrowsAny<JsonException>(() => SnapshotFile.Parse(Encoding.UTF8.GetBytes(json.Replace("{id}", Id, StringComparison.Ordinal))));

    [Fact]
    public void Null_lists_and_unknown_fields_of_a_snapshot_are_taken_as_Go_takes_them()
    {
        string json = $$$"""{"future":{"a":[1,{}]},"time":"2026-11-23T10:00:00Z","tree":"{{{Id}}}","paths":null,"tags":null,"parent":null,"summary":null}""";
        var snapshot = SnapshotFile.Parse(Encoding.UTF8.GetBytes(json));
        Assert.Empty(snapshot.Paths);
        Assert.Null(snapshot.Parent);
        Assert.Null(snapshot.Summary);
    }

    [Fact]
    public void An_index_reads_back_what_was_written()
    {
        var packs = Packs(20, 30);
        var read = new Collector();
        byte[] json = WriteIndex(packs);
        IndexFile.Read(json, read);
        Assert.Equal(packs.Select(pack => pack.Key), read.Packs.Select(pack => pack.Pack));
        Assert.Equal(packs.SelectMany(pack => pack.Value), read.Packs.SelectMany(pack => pack.Blobs));
        Assert.EndsWith("]}\n", Encoding.UTF8.GetString(json), StringComparison.Ordinal);
        using var document = JsonDocument.Parse(json);
        Assert.Equal(20, document.RootElement.GetProperty("packs").GetArrayLength());
    }

    [Fact]
    public void The_longest_index_fits_the_length_foretold()
    {
        var blob = new PackedBlob(new BlobHandle(BlobType.Data, ObjectId.Of([1])), uint.MaxValue - 1, uint.MaxValue, uint.MaxValue);
        List<KeyValuePair<ObjectId, PackedBlob[]>> packs = [new(ObjectId.Of([2]), [.. Enumerable.Repeat(blob, 100)]), new(ObjectId.Of([3]), [])];
        Assert.InRange(WriteIndex(packs).Length, 100 * 150, IndexFile.MaxLength(packs));
        Assert.Equal("{\"packs\":[]}\n", Encoding.UTF8.GetString(WriteIndex([])));
    }

    [Fact]
    public void An_index_in_another_order_with_unknown_fields_is_read_alike()
    {
        string json = $$"""
            { "supersedes": ["{{Id}}"], "packs" : [
              { "blobs": [ { "x": [ {} ], "length": 40, "uncompressed_length": 9, "offset": 0, "type": "tree", "id": "{{Id}}" } ], "id": "{{Id}}" },
              { "id": "{{Id}}", "blobs": null } ] }
            """;
        var read = new Collector();
        IndexFile.Read(Encoding.UTF8.GetBytes(json), read);
        var id = ObjectId.Parse(Id);
        Assert.Equal(new PackedBlob(new BlobHandle(BlobType.Tree, id), 0, 40, 9), Assert.Single(read.Packs[0].Blobs));
        Assert.Empty(read.Packs[1].Blobs);
        IndexFile.Read("{\"packs\":null}"u8, read);
        Assert.Equal(2, read.Packs.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"packs\":[{\"id\":\"{id}\"}]} {}")]
    [InlineData("{\"packs\":[{\"id\":\"{id}\"}]")]
    [InlineData("{\"packs\":[{\"blobs\":[]}]}")]
    [InlineData("{\"packs\":[{\"id\":\"{id}\",\"blobs\":[{\"id\":\"{id}\",\"type\":\"data\",\"offset\":0,\"length\":31}]}]}")]
    [InlineData("{\"packs\":[{\"id\":\"{id}\",\"blobs\":[{\"id\":\"{id}\",\"type\":\"data\",\"offset\":4294967290,\"length\":40}]}]}")]
    [InlineData("{\"packs\":[{\"id\":\"{id}\",\"blobs\":[{\"id\":\"{id}\",\"type\":\"data\",\"offset\":-1,\"length\":40}]}]}")]
    [InlineData("{\"packs\":[{\"id\":\"{id}\",\"blobs\":[{\"id\":\"{id}\",\"type\":\"file\",\"offset\":0,\"length\":40}]}]}")]
    [InlineData("{\"packs\":[{\"id\":\"{id}\",\"blobs\":[{\"id\":\"{id}\",\"offset\":0,\"length\":40}]}]}")]
    [InlineData("{\"packs\":[{\"id\":\"{id}\",\"blobs\":[{\"id\":7,\"type\":\"data\",\"offset\":0,\"length\":40}]}]}")]
    [InlineData("{\"packs\":[{\"id\":\"{id}\",\"blobs\":[{\"id\":\"{id}\",\"type\":\"data\",\"offset\":0,\"length\":1e99}]}]}")]
    public void An_index_that_makes_no_sense_is_refused(string json) =>
        Assert.ThrowsAny<JsonException>(() => IndexFile.Read(Encoding.UTF8.GetBytes(json.Replace("{id}", Id, StringComparison.Ordinal)), new Collector()));

    [Fact]
    public void A_large_index_is_read_in_a_moment()
    {
        byte[] json = WriteIndex(Packs(100, 1300));
        IndexFile.Read(json, new BlobIndex());
        var index = new BlobIndex();
        long started = Stopwatch.GetTimestamp();
        IndexFile.Read(json, index);
        Assert.Equal(130_000, index.Count);
        // A tenth of a second when nothing else runs; the bound only catches what is slower by orders of magnitude.
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 3);
    }

    [Fact]
    public void A_pack_header_reads_back_what_was_written()
    {
        var blobs = Packs(1, 500)[0].Value;
        byte[] header = new byte[PackHeader.SizeOf(blobs)];
        PackHeader.Write(blobs, header);
        Assert.True(PackHeader.TryRead(header, blobs.Sum(blob => (long)blob.Length), out var read, out _));
        Assert.Equal(blobs, read);
        Assert.Equal(BlobIndex.PackSizeOf(blobs), blobs.Sum(blob => (long)blob.Length) + header.Length + PackHeader.FixedSize);
    }

    [Fact]
    public void A_pack_header_that_does_not_fit_its_pack_is_refused()
    {
        var blobs = Packs(1, 5)[0].Value;
        byte[] header = new byte[PackHeader.SizeOf(blobs)];
        PackHeader.Write(blobs, header);
        long length = blobs.Sum(blob => (long)blob.Length);
        foreach (long wrong in (long[])[0, length - 1, length + 1, long.MaxValue]) Assert.False(PackHeader.TryRead(header, wrong, out _, out _));
        Assert.False(PackHeader.TryRead(header.AsSpan(0, header.Length - 1), length, out _, out _));
        header[0] = 4;
        Assert.False(PackHeader.TryRead(header, length, out _, out string problem));
        Assert.Contains("unknown kind 4", problem);
    }

    [Fact]
    public void Hostile_bytes_never_do_more_than_be_refused()
    {
        var random = new Random(20261123);
        byte[] index = WriteIndex(Packs(3, 4));
        byte[] snapshot = Example().ToJson();
        byte[] config = Encoding.UTF8.GetBytes($$"""{"version":2,"id":"{{Id}}","chunker_polynomial":"3DA3358B4DC173"}""");
        byte[] lockFile = LockFile.OfThisProcess(true, TimeProvider.System).ToJson();
        var blobs = Packs(1, 10)[0].Value;
        byte[] header = new byte[PackHeader.SizeOf(blobs)];
        PackHeader.Write(blobs, header);
        long length = blobs.Sum(blob => (long)blob.Length);
        for (int i = 0; i < 20_000; i++)
        {
            RefusesOrReads(Mutate(index, random), bytes => IndexFile.Read(bytes, new Collector()));
            RefusesOrReads(Mutate(snapshot, random), bytes => SnapshotFile.Parse(bytes).ToJson());
            RefusesOrReads(Mutate(config, random), bytes => RepositoryConfig.Parse(bytes));
            RefusesOrReads(Mutate(lockFile, random), bytes => LockFile.Parse(bytes).ToString());
            if (PackHeader.TryRead(Mutate(header, random), length, out var read, out _)) Assert.Equal(length, read.Sum(blob => (long)blob.Length));
        }
    }

    private static byte[] WriteIndex(List<KeyValuePair<ObjectId, PackedBlob[]>> packs)
    {
        byte[] json = new byte[IndexFile.MaxLength(packs)];
        return json[..IndexFile.Write(packs, json)];
    }

    private static void RefusesOrReads(byte[] bytes, Action<byte[]> parse)
    {
        try
        {
            parse(bytes);
        }
        catch (JsonException)
        {
            // Refused.
        }
    }

    private static byte[] Mutate(byte[] good, Random random)
    {
        byte[] bytes = [.. good];
        ReadOnlySpan<byte> tokens = "{}[]\",:\\u-.eE0129ntf \0\xff"u8;
        for (int i = random.Next(1, 4); i > 0; i--) bytes[random.Next(bytes.Length)] = tokens[random.Next(tokens.Length)];
        return random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    private static SnapshotFile Example() => new()
    {
        Time = new Rfc3339Time(new(1795424400, 500_000_000), TimeSpan.FromHours(1)),
        Parent = ObjectId.Of([1]),
        Tree = ObjectId.Parse(Id),
        Paths = ["/etc", "/srv/ü <&>"],
        HostName = "web1",
        UserName = "root",
        UserId = 1000,
        GroupId = 1001,
        Excludes = ["*.tmp"],
        Tags = ["a", "b"],
        Original = ObjectId.Of([2]),
        ProgramVersion = "ProdOps 0.1.0",
        Summary = new SnapshotSummary
        {
            Start = new Rfc3339Time(new(1795424400, 0), TimeSpan.Zero),
            End = new Rfc3339Time(new(1795424401, 1), TimeSpan.Zero),
            FilesNew = 1, FilesChanged = 2, FilesUnmodified = 3, DirectoriesNew = 4, DirectoriesChanged = 5, DirectoriesUnmodified = 6,
            DataBlobs = 7, TreeBlobs = 8, DataAdded = 9, DataAddedPacked = 10, TotalFilesProcessed = 11, TotalBytesProcessed = 12,
        },
    };

    private static List<KeyValuePair<ObjectId, PackedBlob[]>> Packs(int packs, int blobs)
    {
        var random = new Random(packs * 7919 + blobs);
        byte[] id = new byte[ObjectId.Size];
        return [.. Enumerable.Range(0, packs).Select(_ =>
        {
            uint offset = 0;
            var entries = new PackedBlob[blobs];
            for (int i = 0; i < blobs; i++)
            {
                random.NextBytes(id);
                uint length = (uint)random.Next(33, 10_000);
                entries[i] = new PackedBlob(new BlobHandle((BlobType)random.Next(2), new ObjectId(id)), offset, length, random.Next(2) == 0 ? 0 : length * 2);
                offset += length;
            }

            random.NextBytes(id);
            return new KeyValuePair<ObjectId, PackedBlob[]>(new ObjectId(id), entries);
        })];
    }

    private sealed class Collector : IIndexReceiver
    {
        public List<(ObjectId Pack, PackedBlob[] Blobs)> Packs { get; } = [];

        public void Add(ObjectId pack, ReadOnlySpan<PackedBlob> blobs) => Packs.Add((pack, blobs.ToArray()));
    }
}

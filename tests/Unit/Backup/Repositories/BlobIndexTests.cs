using System.Security.Cryptography;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Tests.Repositories;

/// <summary>For tests that measure the process: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Alone";
}

[Collection(Alone.Name)]
public sealed class BlobIndexTests
{
    private static readonly ObjectId Pack1 = ObjectId.Of([1]), Pack2 = ObjectId.Of([2]);

    [Fact]
    public void A_blob_is_known_by_its_id_and_its_type_together()
    {
        var index = new BlobIndex();
        var data = Blob(1);
        index.Add(Pack1, [new PackedBlob(data, 10, 50, 90)]);
        Assert.True(index.Contains(data));
        Assert.False(index.Contains(data with { Type = BlobType.Tree }));
        Assert.True(index.TryFind(data, out var location));
        Assert.Equal(new BlobLocation(Pack1, 10, 50, 90), location);
        Assert.False(index.TryFind(data with { Type = BlobType.Tree }, out _));

        index.Add(Pack2, [new PackedBlob(data with { Type = BlobType.Tree }, 0, 40, 0)]);
        Assert.True(index.TryFind(data with { Type = BlobType.Tree }, out location));
        Assert.Equal(Pack2, location.Pack);
        Assert.Equal(2, index.Count);
    }

    [Fact]
    public void A_blob_keeps_all_its_places_and_each_once()
    {
        var index = new BlobIndex();
        var blob = Blob(1);
        for (int i = 0; i < 3; i++)
        {
            index.Add(Pack1, [new PackedBlob(blob, 0, 50, 90)]);
            index.Add(Pack2, [new PackedBlob(blob, 7, 60, 0)]);
        }

        Assert.Equal([new BlobLocation(Pack1, 0, 50, 90), new BlobLocation(Pack2, 7, 60, 0)], index.FindAll(blob));
        Assert.Equal((2L, 2), (index.Count, index.PackCount));
        Assert.True(index.ContainsPack(Pack2));
        Assert.False(index.ContainsPack(ObjectId.Of([3])));
    }

    [Fact]
    public void A_claimed_blob_is_known_but_has_no_place_until_its_pack_is_stored()
    {
        var index = new BlobIndex();
        var blob = Blob(1);
        Assert.True(index.TryClaim(blob));
        Assert.False(index.TryClaim(blob));
        Assert.True(index.Contains(blob));
        Assert.False(index.TryFind(blob, out _));
        Assert.Empty(index.FindAll(blob));
        Assert.Empty(index.EnumerateBlobs());
        Assert.Equal(0, index.Count);

        index.Add(Pack1, [new PackedBlob(blob, 3, 40, 0)]);
        Assert.Equal([(blob, new BlobLocation(Pack1, 3, 40, 0))], index.EnumerateBlobs());
        Assert.False(index.TryClaim(blob));
        Assert.Equal(1, index.Count);
    }

    [Fact]
    public void Packs_are_enumerated_whole_with_their_blobs_in_order()
    {
        var index = new BlobIndex();
        var random = new Random(1);
        var expected = new Dictionary<ObjectId, PackedBlob[]>();
        for (int pack = 0; pack < 200; pack++)
        {
            var blobs = Enumerable.Range(0, random.Next(1, 100)).Select(i => new PackedBlob(Blob(random.Next(5000)), (uint)i * 100, 100, (uint)random.Next(2) * 300)).ToArray();
            expected[ObjectId.Of(BitConverter.GetBytes(pack))] = blobs;
            var shuffled = blobs.ToArray();
            random.Shuffle(shuffled);
            index.Add(ObjectId.Of(BitConverter.GetBytes(pack)), shuffled);
        }

        index.TryClaim(Blob(999_999));
        var listed = index.EnumeratePacks().ToDictionary();
        Assert.Equal(expected.Keys.Order(), listed.Keys.Order());
        foreach (var (pack, blobs) in expected) Assert.Equal(blobs, listed[pack]);
        Assert.Equal(expected.Values.Sum(blobs => blobs.Length), index.EnumerateBlobs().Count());
    }

    [Fact]
    public async Task Of_many_threads_that_claim_the_same_blobs_each_blob_has_one_winner()
    {
        var index = new BlobIndex();
        int[] wins = new int[20_000];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            var random = new Random(thread);
            int[] order = [.. Enumerable.Range(0, wins.Length)];
            random.Shuffle(order);
            foreach (int i in order)
            {
                if (!index.TryClaim(Blob(i))) continue;
                Interlocked.Increment(ref wins[i]);
                index.Add(Pack1, [new PackedBlob(Blob(i), (uint)i, 40, (uint)i * 2)]);
            }
        })));
        Assert.All(wins, count => Assert.Equal(1, count));
        Assert.Equal(wins.Length, index.Count);
    }

    [Fact]
    public async Task What_a_reader_finds_beside_writers_is_always_whole()
    {
        var index = new BlobIndex();
        const int Count = 100_000;
        var writer = Task.Run(() =>
        {
            for (int i = 1; i < Count; i++)
            {
                index.TryClaim(Blob(i));
                index.Add(ObjectId.Of(BitConverter.GetBytes(i / 100)), [new PackedBlob(Blob(i), (uint)i, (uint)i + 40, (uint)i * 3)]);
            }
        });
        var random = new Random(1);
        long found = 0;
        while (!writer.IsCompleted || found == 0)
        {
            int i = random.Next(1, Count);
            if (!index.TryFind(Blob(i), out var location)) continue;
            Assert.Equal(new BlobLocation(ObjectId.Of(BitConverter.GetBytes(i / 100)), (uint)i, (uint)i + 40, (uint)i * 3), location);
            found++;
        }

        await writer;
        Assert.Equal(Count - 1, index.Count);
    }

    [Fact]
    public void A_million_blobs_take_at_most_sixty_bytes_each()
    {
        var ids = new ObjectId[1_000_000];
        byte[] bytes = new byte[ObjectId.Size];
        for (int i = 0; i < ids.Length; i++)
        {
            SHA256.HashData(BitConverter.GetBytes(i), bytes);
            ids[i] = new ObjectId(bytes);
        }

        long each;
        int attempts = 0;
        // Less than that was given back meanwhile by what ran before: pools of arrays shrink when they are collected.
        do each = Measure(ids) / ids.Length;
        while (each < 48 && ++attempts < 5);
        Assert.InRange(each, 48, 60);
    }

    private static long Measure(ObjectId[] ids)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var index = new BlobIndex();
        for (int i = 0; i < ids.Length; i++) index.Add(Pack1, [new PackedBlob(new BlobHandle(BlobType.Data, ids[i]), (uint)i, 40, 0)]);
        long used = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.Equal(ids.Length, index.Count);
        GC.KeepAlive(index);
        return used;
    }

    private static BlobHandle Blob(int number) => new(BlobType.Data, ObjectId.Of(BitConverter.GetBytes(number)));
}

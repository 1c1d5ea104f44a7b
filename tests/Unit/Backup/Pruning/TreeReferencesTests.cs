using ProdOps.Backup.Browsing;
using ProdOps.Backup.Pruning;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Tests.Browsing;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Trees;

namespace ProdOps.Backup.Tests.Pruning;

/// <summary>What a listing names, by the reader that reads nothing else and by the one that reads all of it.</summary>
[Collection(ResticHistoryTests.Name)]
public sealed class TreeReferencesTests(ResticHistory history)
{
    [ResticFact]
    public async Task It_finds_in_every_listing_what_the_whole_reader_finds()
    {
        var (repository, snapshots) = await history.OpenAsync();
        await using var _ = repository;
        var walk = new TreeWalk(repository, 2);
        int references = 0;
        await walk.RunAsync(snapshots.Select(snapshot => snapshot.Tree), (id, nodes) =>
        {
            var found = Read(repository.ReadBlobAsync(new BlobHandle(BlobType.Tree, id), default).GetAwaiter().GetResult());
            Assert.Equal(ReferencesOf(nodes), found);
            Interlocked.Add(ref references, found.Count);
        }, (_, error) => throw error, default);
        Assert.True(walk.Count > 10 && references > 500, $"{references} in {walk.Count}");
    }

    [ResticFact]
    public async Task Damaged_text_is_refused_or_read_as_the_whole_reader_reads_it()
    {
        var (repository, snapshots) = await history.OpenAsync();
        await using var _ = repository;
        var folder = await new SnapshotBrowser(repository, snapshots[0], SilentActivity.Instance).FindEntryAsync(history.PathOf("docs"), default);
        byte[] whole = await repository.ReadBlobAsync(new BlobHandle(BlobType.Tree, folder!.Value.Node.Subtree!.Value), default);
        var random = new Random(11);
        int refused = 0;
        for (int i = 0; i < 10_000; i++)
        {
            byte[] text = random.Next(4) == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            for (int flips = random.Next(1, 4); flips > 0 && text.Length > 0; flips--) text[random.Next(text.Length)] = (byte)random.Next(256);
            HashSet<BlobHandle> found;
            try
            {
                found = Read(text);
            }
            catch (FormatException)
            {
                refused++;
                continue;
            }

            try
            {
                Assert.Equal(ReferencesOf(TreeReader.Parse(text)), found);
            }
            catch (ProdOpsException)
            {
                // The whole reader refuses more: names, numbers and times that are none.
            }
        }

        Assert.InRange(refused, 500, 9_999);
    }

    // The whole reader puts entries into order, so only the set can be compared.
    private static HashSet<BlobHandle> ReferencesOf(IEnumerable<Node> nodes) =>
    [
        .. nodes.SelectMany(node => (node.Content ?? []).Select(id => new BlobHandle(BlobType.Data, id))
            .Concat(node.Subtree is { } subtree ? [new BlobHandle(BlobType.Tree, subtree)] : [])),
    ];

    private static HashSet<BlobHandle> Read(byte[] text)
    {
        var references = new List<BlobHandle>();
        TreeReferences.Read(text, references);
        return [.. references];
    }
}

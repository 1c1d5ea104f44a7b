using ProdOps.Backup.Browsing;
using ProdOps.Backup.Checking;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.FileSystem;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.Checking;

/// <summary>How snapshots that lost something are written anew, beside what DamagedFixtureTests sees at the end.</summary>
public sealed class SnapshotRepairTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    private string Folder => _folder["repository"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_being_asked_to_a_repair_lists_what_is_lost_and_leaves_the_snapshots()
    {
        Extract("prodops-missing-pack.tar.gz");
        var before = Snapshots();
        var plan = await RepairAsync(new RepairOptions());
        Assert.Equal(["/tmp/damaged/www/c.bin", "/tmp/damaged/www/d.bin"], plan.Losses.Select(loss => loss.Path));
        Assert.All(plan.Losses, loss => Assert.Equal(loss.Size, loss.LostBytes));
        Assert.Equal([BackupRepairAction.ForgetPack, BackupRepairAction.ReplaceIndex], plan.Steps.Select(step => step.Action));
        Assert.Equal(before, Snapshots());
    }

    [Fact]
    public async Task A_new_snapshot_stands_beside_the_old_one_until_that_is_forgotten_and_is_written_once()
    {
        Extract("prodops-missing-pack.tar.gz");
        var before = Snapshots();
        await RepairAsync(new RepairOptions { RewriteSnapshots = true });
        string added = Assert.Single(Snapshots().Except(before));
        Assert.Equal(3, Snapshots().Count);
        // The old ones are whole or not as they were; another repair has nothing to write.
        var again = await RepairAsync(new RepairOptions { RewriteSnapshots = true });
        Assert.All(again.Steps, step => Assert.Equal(BackupRepairAction.Leave, step.Action));
        Assert.Equal(3, Snapshots().Count);

        await RepairAsync(new RepairOptions { RewriteSnapshots = true, Forget = true });
        Assert.Contains(added, Snapshots());
        Assert.Equal(2, Snapshots().Count);
        await using var repository = await OpenAsync();
        var snapshot = await repository.ReadSnapshotAsync(ObjectId.Parse(added), default);
        Assert.Equal(["second", "repaired"], snapshot.Tags);
        Assert.Contains(snapshot.Original!.Value.ToString(), before);
        // Nine files were backed up; c.bin and d.bin are lost.
        Assert.Equal(8, snapshot.Summary!.TotalFilesProcessed);
    }

    [Fact]
    public async Task A_repair_that_is_cut_off_anywhere_leaves_no_less_and_ends_with_one_snapshot_for_each()
    {
        Extract("prodops-cleared-tree.tar.gz");
        int changes = 1;
        for (bool finished = false; !finished; changes++)
        {
            Directory.Delete(Folder, recursive: true);
            Extract("prodops-cleared-tree.tar.gz");
            finished = await TryRepairAsync(changes);
            Assert.True(Snapshots().Count >= 2);
            await RepairAsync(Everything);
            Assert.Equal(2, Snapshots().Count);
            await using var repository = await OpenAsync();
            var result = await RepositoryCheck.RunAsync(repository, new CheckOptions { ReadData = PackSubset.All }, SilentActivity.Instance, default);
            Assert.Empty(result.Problems);
        }

        Assert.InRange(changes, 8, 40);
    }

    [Fact]
    public async Task A_listing_that_cannot_be_read_gives_its_pack_away_without_reading_all_data()
    {
        Extract("prodops-cleared-tree.tar.gz");
        var plan = await RepairAsync(Everything);
        Assert.Contains(plan.Steps, step => step.Action == BackupRepairAction.SalvagePack);
        Assert.Equal(["/tmp/damaged/www/inner", "/tmp/damaged/www/inner"], plan.Losses.Select(loss => loss.Path));
        Assert.All(plan.Losses, loss => Assert.Equal((BackupItemType.Directory, null, null), (loss.Type, loss.Size, loss.LostBytes)));
    }

    [Fact]
    public async Task Of_a_file_in_pieces_the_loss_tells_how_much_is_gone()
    {
        Extract("prodops-cleared-piece.tar.gz");
        var plan = await RepairAsync(Everything with { ReadData = true });
        Assert.Equal(2, plan.Losses.Count);
        Assert.All(plan.Losses, loss => Assert.Equal((524_288 + 4000, 4000L), (loss.Size, loss.LostBytes)));
        Assert.All(plan.Losses, loss => Assert.Equal("/tmp/damaged/www/pieces.bin.damaged", loss.KeptAs));

        // What is left is where it was, and the rest is zeros; the first piece was zeros anyway.
        await using var repository = await OpenAsync();
        await repository.LoadIndexAsync(SilentActivity.Instance, default);
        foreach (var snapshot in await repository.ListSnapshotsAsync(SilentActivity.Instance, default))
        {
            var browser = new SnapshotBrowser(repository, snapshot, SilentActivity.Instance);
            Assert.Null(await browser.FindEntryAsync("/tmp/damaged/www/pieces.bin", default));
            var node = (await browser.FindEntryAsync("/tmp/damaged/www/pieces.bin.damaged", default))!.Value.Node;
            Assert.Equal((528_288UL, 2, 1UL), (node.Size, node.Content!.Length, node.Links));
            await using var content = new BlobStream(repository, node.Content);
            byte[] bytes = new byte[528_288];
            await content.ReadExactlyAsync(bytes);
            Assert.DoesNotContain(bytes, value => value != 0);
            Assert.Equal(bytes.Length, content.Length);
        }
    }

    [Fact]
    public async Task What_is_left_stays_where_it_was_if_only_one_length_is_not_known_and_keeps_clear_of_other_names()
    {
        Extract("prodops-missing-pack.tar.gz");
        await using var repository = await OpenAsync();
        await repository.LoadIndexAsync(SilentActivity.Instance, default);
        var left = (await TestRepository.WriteAsync(repository, BlobType.Data, [TestRepository.RandomBytes(1000, 1), TestRepository.RandomBytes(700, 2)])).Select(blob => blob.Id).ToList();
        ObjectId known = ObjectId.Of("known"u8), lost = ObjectId.Of("lost"u8), other = ObjectId.Of("other"u8);
        var partial = new PartialFile(repository, new Dictionary<BlobHandle, uint> { [new BlobHandle(BlobType.Data, known)] = 30 });
        var zeros = new List<int>();
        ObjectId Store(int length)
        {
            zeros.Add(length);
            return ObjectId.Of(new byte[length]);
        }

        var node = new Node { Name = [.. "x"u8], Type = FileType.File, Size = 1000 + 30 + 700 + 450, Content = [left[0], known, left[1], lost] };
        var kept = partial.Keep(node, PartialFile.NameOf(node.Name, name => name != "x.damaged"), Store);
        Assert.Equal([30, 450], zeros);
        Assert.Equal(((ulong)2180, "x.damaged2"), (kept.Size, System.Text.Encoding.ASCII.GetString(kept.Name)));
        Assert.Equal([left[0], left[1]], [kept.Content![0], kept.Content[2]]);
        Assert.Equal("x", System.Text.Encoding.ASCII.GetString(node.Name));

        // Of two unknown lengths neither is guessed.
        node.Content = [left[0], lost, left[1], other];
        kept = partial.Keep(node, node.Name, Store);
        Assert.Equal((1700UL, 2), (kept.Size, kept.Content!.Length));
    }

    [Fact]
    public void What_is_left_of_files_with_the_longest_names_gets_names_of_its_own()
    {
        var taken = new HashSet<string>();
        byte[] name = [.. Enumerable.Repeat((byte)'n', 245), .. "ä"u8, .. "0123"u8];
        var names = Enumerable.Range(0, 12).Select(i => PartialFile.NameOf([.. name, (byte)('a' + i)], taken.Add)).ToList();
        Assert.Equal(12, taken.Count);
        Assert.All(names, kept => Assert.InRange(kept.Length, 250, 255));
        Assert.All(taken, kept => Assert.DoesNotContain('\uFFFD', kept));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    [InlineData(-1)]
    public async Task A_snapshot_of_which_one_bit_is_turned_is_written_anew_as_it_was(int at)
    {
        Extract("prodops-leftover-files.tar.gz");
        string file = Path.Combine(Folder, "snapshots", Snapshots()[0]);
        byte[] whole = File.ReadAllBytes(file), turned = [.. whole];
        turned[at < 0 ? turned.Length + at : at] ^= 4;
        File.WriteAllBytes(file, turned);
        SnapshotFile before;
        await using (var repository = await OpenAsync())
        {
            File.WriteAllBytes(file, whole);
            before = await repository.ReadSnapshotAsync(ObjectId.Parse(Path.GetFileName(file)), default);
            File.WriteAllBytes(file, turned);
        }

        Assert.Empty((await RepairAsync(new RepairOptions())).Steps);
        // The new one stands beside the old one, once, until the old one may go.
        Assert.Equal(BackupRepairAction.RewriteSnapshot, Assert.Single((await RepairAsync(Everything with { Forget = false })).Steps).Action);
        Assert.Equal(BackupRepairAction.Leave, Assert.Single((await RepairAsync(Everything with { Forget = false })).Steps).Action);
        string quarantine = _folder["quarantine"];
        var plan = await RepairAsync(Everything with { QuarantineFolder = quarantine });
        Assert.Empty(plan.Losses);
        Assert.Equal(BackupRepairAction.RewriteSnapshot, Assert.Single(plan.Steps).Action);
        Assert.Equal(turned, File.ReadAllBytes(Path.Combine(quarantine, $"snapshot-{Path.GetFileName(file)}")));
        Assert.Equal(2, Snapshots().Count);
        await using var after = await OpenAsync();
        var snapshot = (await after.ListSnapshotsAsync(SilentActivity.Instance, default)).Single(other => other.Original == before.Id);
        Assert.Equal((before.Tree, before.Time, before.Summary), (snapshot.Tree, snapshot.Time, snapshot.Summary));
        Assert.Equal(before.Tags, snapshot.Tags);
    }

    private static RepairOptions Everything => new() { RewriteSnapshots = true, Forget = true };

    private void Extract(string archive) => DamagedFixture.Get(archive).ExtractTo(Folder);

    private List<string> Snapshots() => [.. Directory.GetFiles(Path.Combine(Folder, "snapshots")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private Task<Repository> OpenAsync() => DamagedFixture.OpenAsync("prodops", new LocalStorage(Folder, TimeProvider.System));

    private async Task<BackupRepairPlan> RepairAsync(RepairOptions options)
    {
        await using var repository = await OpenAsync();
        await using var repair = await IndexRebuilder.PlanAsync(repository, options, SilentActivity.Instance, default);
        return repair.IsEmpty ? repair.ToModel() : await repair.ApplyAsync(default);
    }

    private async Task<bool> TryRepairAsync(int changes)
    {
        var storage = new CutOffStorage(new LocalStorage(Folder, TimeProvider.System));
        await using var repository = await DamagedFixture.OpenAsync("prodops", storage);
        await using var repair = await IndexRebuilder.PlanAsync(repository, Everything, SilentActivity.Instance, default);
        storage.ChangesLeft = changes;
        try
        {
            await repair.ApplyAsync(default);
            return true;
        }
        catch (ProdOpsException error) when (error.ErrorId == "StorageWriteFailed")
        {
            return false;
        }
        finally
        {
            storage.ChangesLeft = int.MaxValue;
        }
    }
}

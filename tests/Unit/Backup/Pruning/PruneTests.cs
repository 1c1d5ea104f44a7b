using System.Text.RegularExpressions;
using ProdOps.Backup.Pruning;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Tests.Repositories;

namespace ProdOps.Backup.Tests.Pruning;

/// <summary>What a prune removes and leaves, held against restic.</summary>
public sealed class PruneTests
{
    [ResticTheory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task After_ours_restic_finds_no_error_nothing_to_prune_and_every_backup_whole(int version)
    {
        using var prune = await PruneLab.MakeAsync(version: version);
        var snapshots = await prune.BackupAsync(8);
        var result = await PruneLab.RemoveAsync(prune.Lab.Storage(), snapshots.Take(6), PruneLab.Thorough);
        Assert.Equal(6, result.Decisions.Count(decision => decision.Removed));
        Assert.True(result.Prune is { Applied: true, PacksToRepack: > 5, PacksToRemove: > 5, RemainingUnusedSize: 0 }, $"{result.Prune}");
        Assert.Equal(2, prune.Lab.ResticSnapshots().Count);
        prune.Lab.Check(readData: true);
        prune.Lab.AssertResticRestoresTheSource(snapshots[^1].Id);
        prune.Lab.AssertNothingIsLeftBehind();
        Assert.Equal(0, ReadResticStats(prune).TotalPruned);

        var next = await prune.BackupAsync(1);
        Assert.Equal(snapshots[^1].Id, next[0].Parent);
        prune.Lab.Check(readData: true);
    }

    [ResticFact]
    public async Task Our_numbers_are_restics_and_come_true()
    {
        using var prune = await PruneLab.MakeAsync(seed: 2);
        var snapshots = await prune.BackupAsync(6);
        await prune.ForgetAsync(snapshots.Take(4));
        var theirs = ReadResticStats(prune);
        var plan = await prune.PreviewAsync();
        Assert.Equal((theirs.Used, theirs.Unused, theirs.TotalPruned), (plan.UsedBlobs, plan.UnusedBlobs, plan.BlobsToRemove));

        long size = prune.StoredSize;
        var done = await prune.PruneAsync();
        Assert.Equal(plan.ToString(), done.ToString());
        // Headers and index come on top of what blobs take.
        Assert.InRange((size - prune.StoredSize) / (double)done.FreedSize, 0.99, 1.01);
    }

    [ResticFact]
    public async Task After_restics_prune_nothing_is_left_for_ours()
    {
        using var prune = await PruneLab.MakeAsync(seed: 3);
        var snapshots = await prune.BackupAsync(5);
        await prune.ForgetAsync(snapshots.Take(3));
        prune.Lab.Restic.Run("prune", "--max-unused", "0");
        var plan = await prune.PruneAsync();
        Assert.Equal((0, 0, 0), (plan.UnusedBlobs, plan.BlobsToRemove, plan.FreedSize));
        prune.Lab.Check(readData: true);
    }

    [Fact]
    public async Task Within_the_limit_of_unused_data_only_packs_that_nothing_uses_go()
    {
        using var prune = await PruneLab.MakeAsync(seed: 4);
        var snapshots = await prune.BackupAsync(6);
        await prune.ForgetAsync(snapshots.Take(5));
        // The trees' packs and packs below four fifths of 4 MiB are written anew whatever the limit is, as by restic.
        var unlimited = await prune.PreviewAsync(new PruneOptions { MaxUnused = UnusedLimit.Parse("unlimited"), MaxRepackSize = 0 });
        Assert.Equal(0, unlimited.PacksToRepack);
        Assert.True(unlimited is { PacksToRemove: > 0, RemainingUnusedSize: > 0 });
        var cacheable = await prune.PreviewAsync(PruneLab.Thorough with { RepackCacheableOnly = true });
        var all = await prune.PreviewAsync();
        Assert.InRange(cacheable.PacksToRepack, 1, all.PacksToRepack - 1);
        var step = await prune.PruneAsync(PruneLab.Thorough with { MaxRepackSize = 1_000_000 });
        Assert.InRange(step.RepackSize, 1, 1_000_000);
        Assert.True(step.RemainingUnusedSize > 0);
        for (int left = 30; left > 0 && (await prune.PruneAsync(PruneLab.Thorough with { MaxRepackSize = 1_000_000 })).PacksToRepack > 0; left--) continue;
        prune.Lab.Check(readData: true);
    }

    [ResticFact]
    public async Task Uncompressed_data_is_compressed_on_request_and_only_once()
    {
        using var prune = await PruneLab.MakeAsync(seed: 5);
        for (int i = 0; i < 20; i++) prune.Lab.Write($"text{i}", TestRepository.Text(50_000, i));
        await prune.Lab.BackupWhollyAsync(prune.Lab.Request() with { Writing = new BlobWriterOptions { Compression = BackupCompression.Off } });
        long size = prune.StoredSize;
        var options = PruneLab.Thorough with { RepackUncompressed = true };
        Assert.True((await prune.PruneAsync(options)).PacksToRepack > 0);
        Assert.True(size - prune.StoredSize > 500_000, $"{size} to {prune.StoredSize}");
        Assert.Equal(0, (await prune.PruneAsync(options)).PacksToRepack);
        prune.Lab.Check(readData: true);
        prune.Lab.AssertResticRestoresTheSource("latest");
    }

    [ResticFact]
    public async Task Small_packs_are_put_together_on_request_and_by_themselves_from_ten_on()
    {
        using var prune = await PruneLab.MakeAsync(seed: 6);
        await prune.BackupAsync(1, packSize: 5_000_000);
        Assert.Equal(0, (await prune.PreviewAsync()).PacksToRepack);
        for (int i = 0; i < 10; i++) await prune.BackupAsync(1);
        Assert.True((await prune.PreviewAsync()).PacksToRepack >= 10);
        Assert.True((await prune.PreviewAsync(new PruneOptions { RepackSmall = true })).PacksToRepack >= 10);
        await prune.PruneAsync();
        Assert.InRange(prune.Lab.FilesOf("data").Length, 2, 4);
        prune.Lab.Check(readData: true);
    }

    [ResticFact]
    public async Task Duplicates_and_packs_in_no_index_go_and_one_copy_stays()
    {
        using var prune = await PruneLab.MakeAsync(seed: 7);
        await prune.BackupAsync(2);
        // Two index files less, and the next backup stores again what it cannot see.
        string[] index = prune.Lab.FilesOf("index");
        string hidden = Path.Combine(prune.Lab["hidden"]);
        File.Move(index[0], hidden);
        var again = await prune.Lab.BackupAsync(prune.Lab.Request() with { Force = true, Writing = new BlobWriterOptions { PackSize = 300_000 } });
        File.Move(hidden, index[0]);
        var plan = await prune.PruneAsync();
        Assert.True(plan.DuplicateBlobs > 0, $"{plan.DuplicateBlobs}");
        Assert.Equal(0, (await prune.PreviewAsync()).DuplicateBlobs);
        prune.Lab.Check(readData: true);
        prune.Lab.AssertResticRestoresTheSource(again.Id);

        // A killed run's packs.
        foreach (string file in prune.Lab.FilesOf("index")) File.Delete(file);
        foreach (string file in prune.Lab.FilesOf("snapshots")) File.Delete(file);
        var rest = await prune.PruneAsync();
        Assert.True(rest.PacksUnreferenced > 0);
        Assert.Empty(prune.Lab.FilesOf("data"));
    }

    [Theory]
    [InlineData("5%", 1900, 100)]
    [InlineData("0", 1900, 0)]
    [InlineData("50%", 700, 700)]
    [InlineData("2K", 1, 2048)]
    [InlineData("2kb", 1, 2048)]
    [InlineData("1GiB", 1, 1 << 30)]
    [InlineData("unlimited", 1, long.MaxValue)]
    public void A_limit_of_unused_data_is_a_share_of_what_stays_or_a_size(string text, long used, long expected) =>
        Assert.Equal(expected, UnusedLimit.Parse(text).For(used));

    [Theory]
    [InlineData("100%")]
    [InlineData("-1")]
    [InlineData("%")]
    [InlineData("many")]
    [InlineData("9999999999G")]
    public void A_limit_that_is_none_is_refused(string text) =>
        Assert.Equal("UnusedLimitInvalid", Assert.Throws<ProdOpsException>(() => UnusedLimit.Parse(text)).ErrorId);

    private static (long Used, long Unused, long TotalPruned) ReadResticStats(PruneLab prune)
    {
        string output = prune.Lab.Restic.Run("prune", "--dry-run", "--verbose", "--verbose", "--max-unused", "0");
        long Number(string name) => long.Parse(Regex.Match(output, $@"^{name}:\s+(\d+) blobs", RegexOptions.Multiline).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        return (Number("used"), Number("unused"), Number("total prune"));
    }
}

using System.Security.Cryptography;
using ProdOps.Backup.Browsing;
using ProdOps.Backup.Checking;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.FileSystem;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.Checking;

/// <summary>Each repository that is kept damaged: what is told of it, and that a repair loses nothing that can be read.</summary>
public abstract class DamagedFixtureTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    private string Folder => _folder["repository"];

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static TheoryData<string> ArchivesOf(string maker) => [.. DamagedFixture.Names.Where(name => name.StartsWith(maker, StringComparison.Ordinal))];

    protected async Task RunAsync(string archive)
    {
        var fixture = DamagedFixture.Get(archive);
        fixture.ExtractTo(Folder);

        var told = await CheckAsync(fixture);
        Assert.Equal(fixture.Problems.Order(StringComparer.Ordinal), told.Problems.Select(problem => problem.ErrorId).Order(StringComparer.Ordinal));
        Assert.All(fixture.Items, item => Assert.Contains(told.Problems, problem => problem.Item.Contains(item, StringComparison.Ordinal)));
        Assert.All(told.Problems, problem => Assert.False(string.IsNullOrEmpty(problem.Recommendation)));
        var affected = told.Problems.SelectMany(problem => problem.Affected).Select(path => path.Split(':', 2)[^1]).ToHashSet();
        Assert.All(fixture.Lost, lost => Assert.Contains(lost.Split(':', 2)[1], affected));

        var plan = await RepairAsync(fixture, told);
        Assert.Equal(fixture.Lost.Order(StringComparer.Ordinal), await NamesAsync(fixture, plan.Losses));
        Assert.Equal(fixture.LostSnapshots, plan.Losses.Where(loss => loss.Path.Length == 0).Select(loss => loss.SnapshotId));
        Assert.Equal(plan.Losses.Count, plan.ItemsLost);

        Assert.Empty((await CheckAsync(fixture)).Problems);
        Assert.Contains("no errors were found", new ResticProgram(Folder).Run("check", "--read-data"));
        await AssertNothingElseIsLostAsync(fixture);
        Assert.DoesNotContain((await RepairAsync(fixture, told)).Steps, step => step.Action != BackupRepairAction.Leave);
    }

    private Task<Repository> OpenAsync(DamagedFixture fixture) => DamagedFixture.OpenAsync(fixture.Maker, new LocalStorage(Folder, TimeProvider.System));

    private async Task<BackupTestResult> CheckAsync(DamagedFixture fixture)
    {
        await using var repository = await OpenAsync(fixture);
        return await RepositoryCheck.RunAsync(repository, new CheckOptions { ReadData = PackSubset.All }, SilentActivity.Instance, default);
    }

    private async Task<BackupRepairPlan> RepairAsync(DamagedFixture fixture, BackupTestResult told)
    {
        await using var repository = await OpenAsync(fixture);
        var options = new RepairOptions
        {
            Forget = true, RewriteSnapshots = true,
            DamagedPacks = [.. told.Problems.Where(problem => problem.ErrorId == "PackDamaged").Select(problem => ObjectId.Parse(problem.Item))],
        };
        await using var repair = await IndexRebuilder.PlanAsync(repository, options, SilentActivity.Instance, default);
        var planned = repair.ToModel();
        if (repair.IsEmpty) return planned;
        var applied = await repair.ApplyAsync(default);
        Assert.Equal(planned.Steps.Select(step => step.ToString()), applied.Steps.Select(step => step.ToString()));
        return applied;
    }

    private async Task<IEnumerable<string>> NamesAsync(DamagedFixture fixture, IEnumerable<BackupLoss> losses)
    {
        await using var repository = await OpenAsync(fixture);
        // The snapshots themselves are gone; those in their place tell their tags.
        var snapshots = await repository.ListSnapshotsAsync(SilentActivity.Instance, default);
        var tags = snapshots.ToDictionary(snapshot => (snapshot.Original ?? snapshot.Id).ToString(), snapshot => snapshot.Tags[0]);
        return losses.Where(loss => loss.Path.Length > 0)
            .Select(loss => $"{tags[loss.SnapshotId]}:{loss.Path}{(loss.Type == BackupItemType.Directory ? "/" : "")}").Order(StringComparer.Ordinal);
    }

    /// <summary>Every file of every snapshot that is left has its content, and every one that is not listed as lost is there.</summary>
    private async Task AssertNothingElseIsLostAsync(DamagedFixture fixture)
    {
        const string Root = "/tmp/damaged/www/";
        await using var repository = await OpenAsync(fixture);
        await repository.LoadIndexAsync(SilentActivity.Instance, default);
        var snapshots = await repository.ListSnapshotsAsync(SilentActivity.Instance, default);
        // The second one is lost whole where its file is what was damaged.
        Assert.Equal(fixture.Archive.Contains("truncated-snapshot", StringComparison.Ordinal) ? 1 : 2, snapshots.Count);
        foreach (var snapshot in snapshots)
        {
            string tag = snapshot.Tags[0];
            var left = new Dictionary<string, string>(StringComparer.Ordinal);
            await foreach (var (path, node) in TreeOrder.WalkAsync(repository, snapshot.Tree, "/", _ => true, new FailingActivity(), default))
            {
                // What is left of a file is looked at in SnapshotRepairTests.
                if (node.Type != FileType.File || path.EndsWith(".damaged", StringComparison.Ordinal)) continue;
                await using var content = new BlobStream(repository, node.Content!);
                left.Add(path, Convert.ToHexStringLower(await SHA256.HashDataAsync(content)));
            }

            var lost = fixture.Lost.Where(name => name.StartsWith(tag + ":", StringComparison.Ordinal)).Select(name => name[(tag.Length + 1)..]).ToList();
            var expected = DamagedFixture.FilesOf(tag).Select(file => KeyValuePair.Create(Root + file.Key, file.Value))
                .Where(file => !lost.Any(name => name == file.Key || (name.EndsWith('/') && file.Key.StartsWith(name, StringComparison.Ordinal))));
            Assert.Equal(expected.OrderBy(file => file.Key, StringComparer.Ordinal), left.OrderBy(file => file.Key, StringComparer.Ordinal));
            bool isRewritten = lost.Count > 0;
            Assert.Equal(isRewritten, snapshot.Tags.Contains("repaired"));
            Assert.Equal(isRewritten, snapshot.Original is not null);
            Assert.Equal("web1", snapshot.HostName);
        }
    }

    private sealed class FailingActivity : IActivity
    {
        public void Verbose(string message) { }

        public void Warning(string message) { }

        public void Error(ProdOpsException error) => throw error;

        public void Progress(ActivityProgress progress) { }
    }
}

/// <summary>Those that restic made.</summary>
public sealed class ResticFixtureTests : DamagedFixtureTests
{
    public static TheoryData<string> Archives => ArchivesOf("restic");

    [ResticTheory]
    [MemberData(nameof(Archives))]
    public Task The_damage_is_told_with_what_is_lost_and_a_repair_makes_the_repository_whole_without_further_loss(string archive) => RunAsync(archive);
}

/// <summary>Those that ProdOps made.</summary>
public sealed class ProdOpsFixtureTests : DamagedFixtureTests
{
    public static TheoryData<string> Archives => ArchivesOf("prodops");

    [ResticTheory]
    [MemberData(nameof(Archives))]
    public Task The_damage_is_told_with_what_is_lost_and_a_repair_makes_the_repository_whole_without_further_loss(string archive) => RunAsync(archive);
}

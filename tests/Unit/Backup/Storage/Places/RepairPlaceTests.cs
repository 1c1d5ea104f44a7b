using ProdOps.Backup.Checking;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Tests.Checking;
using ProdOps.Backup.Tests.Repositories;

namespace ProdOps.Backup.Tests.Storage;

/// <summary>Repairs through a server instead of a folder.</summary>
public sealed class RepairPlaceTests : IDisposable
{
    private readonly PlaceLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [RcloneFact]
    public async Task A_repository_behind_a_REST_server_is_repaired_as_one_in_a_folder_is()
    {
        string folder = _lab["served"];
        DamagedFixture.Get("restic-missing-pack.tar.gz").ExtractTo(Path.Combine(folder, "repository"));
        await using var server = await RcloneServer.StartAsync(folder);
        var plan = await RepairAsync(server.Url);
        Assert.True(plan.Applied);
        Assert.NotEmpty(plan.Losses);
        Assert.All(plan.Losses, loss => Assert.Equal((loss.Size, "web1"), (loss.LostBytes, loss.Server)));
        Assert.Contains(plan.Steps, step => step.Action == BackupRepairAction.RewriteSnapshot);
        await PlaceLab.CheckAsync(server.Url, Path.Combine(folder, "repository"));
        Assert.Empty((await RepairAsync(server.Url)).Steps);
    }

    [RcloneFact]
    public async Task A_place_that_only_lets_add_is_refused_before_anything_is_changed()
    {
        string folder = _lab["served"];
        DamagedFixture.Get("prodops-cleared-tree.tar.gz").ExtractTo(Path.Combine(folder, "repository"));
        var before = Files(folder);
        await using var server = await RcloneServer.StartAsync(folder, "--append-only");
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => RepairAsync(server.Url));
        Assert.Equal("RepositoryAppendOnly", error.ErrorId);
        Assert.Equal(before, Files(folder));
    }

    private static async Task<BackupRepairPlan> RepairAsync(string address)
    {
        await using var repository = await Repository.OpenAsync(await PlaceLab.OpenAsync(address), TestRepository.Password, TimeProvider.System, default);
        var options = new RepairOptions { RewriteSnapshots = true, Forget = true };
        await using var repair = await IndexRebuilder.PlanAsync(repository, options, SilentActivity.Instance, default);
        return repair.IsEmpty ? repair.ToModel() : await repair.ApplyAsync(default);
    }

    private static List<string> Files(string folder) => [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}

using ProdOps.Backup.Pruning;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Retention;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;

namespace ProdOps.Backup.Tests.Pruning;

/// <summary>A repository of many small packs, most of which are used in part once old backups are gone.</summary>
internal sealed class PruneLab : IDisposable
{
    private readonly Random _random;

    private PruneLab(BackupLab lab, int seed) => (Lab, _random) = (lab, new Random(seed));

    public BackupLab Lab { get; }

    public static async Task<PruneLab> MakeAsync(int seed = 1, int version = 2, BackupLab? lab = null)
    {
        var made = new PruneLab(lab ?? new BackupLab(), seed);
        await made.Lab.InitializeAsync(version);
        for (int i = 0; i < 60; i++) made.Write(i);
        // A listing that only the first backup stores and all use.
        made.Lab.Write("still/file", TestRepository.RandomBytes(1000, seed));
        return made;
    }

    /// <summary>So many backups, with every fourth file changed before each.</summary>
    public async Task<IReadOnlyList<BackupSnapshot>> BackupAsync(int count, int packSize = 300_000)
    {
        var made = new List<BackupSnapshot>();
        for (int i = 0; i < count; i++)
        {
            for (int change = 0; change < 15; change++) Write(_random.Next(60));
            made.Add(await Lab.BackupWhollyAsync(Lab.Request() with { Writing = new BlobWriterOptions { PackSize = packSize } }));
        }

        return made;
    }

    /// <summary>Removes snapshots and nothing else.</summary>
    public Task ForgetAsync(IEnumerable<BackupSnapshot> snapshots) => RemoveAsync(Lab.Storage(), snapshots);

    public static async Task<RemovalResult> RemoveAsync(IStorage storage, IEnumerable<BackupSnapshot> snapshots, PruneOptions? prune = null)
    {
        await using var repository = await TestRepository.OpenAsync(storage);
        var decisions = snapshots.Select(snapshot => new RetentionDecision { Snapshot = snapshot, Action = RetentionAction.Remove }).ToList();
        return await new SnapshotRemoval(repository, prune, TimeSpan.Zero, SilentActivity.Instance)
            .RunAsync(_ => Task.FromResult<IReadOnlyList<RetentionDecision>>(decisions), decisions.Select(decision => decision.Id).ToHashSet(), default);
    }

    public Task<BackupPrunePlan> PruneAsync(PruneOptions? options = null, IActivity? activity = null) => PruneAsync(Lab.Storage(), options, activity);

    public static async Task<BackupPrunePlan> PruneAsync(IStorage storage, PruneOptions? options = null, IActivity? activity = null)
    {
        await using var repository = await Repository.OpenAsync(storage, TestRepository.Password, TimeProvider.System, default);
        return await PruneAsync(repository, options, activity);
    }

    public static Task<BackupPrunePlan> PruneAsync(Repository repository, PruneOptions? options = null, IActivity? activity = null) =>
        LockedWork.RunAsync(repository, exclusive: true, TimeSpan.Zero, activity ?? SilentActivity.Instance, async (held, token) =>
        {
            var plan = await PlannedPrune.PlanAsync(repository, options ?? Thorough, new HashSet<ObjectId>(), activity ?? SilentActivity.Instance, token);
            return await plan.ApplyAsync(held, token);
        }, default);

    /// <summary>Leaves nothing unused.</summary>
    public static PruneOptions Thorough => new() { MaxUnused = UnusedLimit.Parse("0") };

    public async Task<BackupPrunePlan> PreviewAsync(PruneOptions? options = null)
    {
        await using var repository = await TestRepository.OpenAsync(Lab.Storage());
        return (await PlannedPrune.PlanAsync(repository, options ?? Thorough, new HashSet<ObjectId>(), SilentActivity.Instance, default)).ToModel();
    }

    /// <summary>Every file of the repository with what is in it, but for locks.</summary>
    public SortedDictionary<string, string> Fingerprint()
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string kind in (string[])["snapshots", "index", "data", "keys"])
            foreach (string file in Lab.FilesOf(kind)) files.Add(file, Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file))));
        return files;
    }

    public long StoredSize => Lab.FilesOf("data").Sum(file => new FileInfo(file).Length);

    public void Dispose() => Lab.Dispose();

    private void Write(int file) => Lab.Write($"d{file % 6}/f{file}", TestRepository.RandomBytes(_random.Next(5_000, 90_000), _random.Next()));
}

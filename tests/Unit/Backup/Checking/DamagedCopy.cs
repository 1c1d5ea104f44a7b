using ProdOps.Backup.Browsing;
using ProdOps.Backup.Checking;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.Browsing;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.Storage;

namespace ProdOps.Backup.Tests.Checking;

/// <summary>A copy of restic's repository, to do harm to.</summary>
internal sealed class DamagedCopy : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ResticHistory _history;

    public DamagedCopy(ResticHistory history)
    {
        _history = history;
        history.CopyTo(Folder);
    }

    public string Folder => _folder["repository"];

    public string StateFolder => _folder["state"];

    public ResticProgram Restic => new(Folder);

    public Task<Repository> OpenAsync() => _history.OpenAsync(Folder);

    public async Task<BackupTestResult> CheckAsync(string? readData = null, IActivity? activity = null, CancellationToken cancellationToken = default)
    {
        await using var repository = await OpenAsync();
        var options = new CheckOptions { ReadData = readData is null ? null : PackSubset.Parse(readData), Random = new Random(1), StateFolder = StateFolder };
        return await RepositoryCheck.RunAsync(repository, options, activity ?? SilentActivity.Instance, cancellationToken);
    }

    public async Task<BackupRepairPlan> RepairAsync(RepairOptions? options = null)
    {
        await using var repository = await OpenAsync();
        await using var repair = await IndexRebuilder.PlanAsync(repository, options ?? new RepairOptions(), SilentActivity.Instance, default);
        var planned = repair.ToModel();
        var applied = await repair.ApplyAsync(default);
        Assert.Equal(planned.Steps.Select(step => step.ToString()), applied.Steps.Select(step => step.ToString()));
        return applied;
    }

    /// <summary>Where a piece of a file lies in the first snapshot.</summary>
    public async Task<BlobLocation> LocateAsync(string relativePath, int piece = 0)
    {
        await using var repository = await OpenAsync();
        await repository.LoadIndexAsync(SilentActivity.Instance, default);
        var snapshots = await repository.ListSnapshotsAsync(SilentActivity.Instance, default);
        var entry = await new SnapshotBrowser(repository, snapshots[0], SilentActivity.Instance).FindEntryAsync(_history.PathOf(relativePath), default);
        var blob = entry!.Value.Node.Subtree is { } tree ? new BlobHandle(BlobType.Tree, tree) : new BlobHandle(BlobType.Data, entry.Value.Node.Content![piece]);
        return repository.Index.FindAll(blob).Single();
    }

    public async Task<int> CountBlobsAsync(ObjectId pack)
    {
        await using var repository = await OpenAsync();
        await repository.LoadIndexAsync(SilentActivity.Instance, default);
        return repository.Index.EnumeratePacks().Single(item => item.Pack == pack).Blobs.Length;
    }

    public string PathOf(ObjectId pack) => Path.Combine(Folder, "data", pack.ToString()[..2], pack.ToString());

    public List<string> FilesIn(string folder) => [.. Directory.GetFiles(Path.Combine(Folder, folder), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    public static async Task WriteIndexAsync(Repository repository, ObjectId pack, PackedBlob blob)
    {
        KeyValuePair<ObjectId, PackedBlob[]>[] packs = [new(pack, [blob])];
        byte[] json = new byte[IndexFile.MaxLength(packs)];
        await repository.WriteUnpackedAsync(FileKind.Index, json.AsMemory(0, IndexFile.Write(packs, json)), default);
    }

    /// <summary>Turns two bits, which is more than can be turned back.</summary>
    public static void Flip(string path, long offset)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = offset;
        int value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ 0x11));
    }

    public static void Resize(string path, long by)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.SetLength(file.Length + by);
    }

    /// <summary>restic's verdict, which ours must be as well.</summary>
    public bool ResticApproves(bool readData) => Restic.TryRun(readData ? ["check", "--read-data"] : ["check"]).ExitCode == 0;

    public void Dispose() => _folder.Dispose();
}

using ProdOps.Backup.Repositories;
using ProdOps.Backup.Restoring;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.FileSystem;
using ProdOps.Backup.Tests.Repositories;

namespace ProdOps.Backup.Tests.Restoring;

/// <summary>A repository that restic writes, and restores from it by us and by restic.</summary>
internal sealed class RestoreBench : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public RestoreBench()
    {
        Directory.CreateDirectory(Source);
        Restic = new Restic(Directory.CreateDirectory(_scratch["repository"]).FullName);
    }

    public Restic Restic { get; }

    public string Source => _scratch["source"];

    public RecordingActivity Activity { get; private set; } = new();

    public string Path(string name) => _scratch[name];

    public string Write(string name, byte[] content)
    {
        string path = System.IO.Path.Combine(Source, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public string Write(string name, string content) => Write(name, System.Text.Encoding.UTF8.GetBytes(content));

    public void Backup() => Restic.Run($"backup -q '{Source}'");

    /// <summary>Where an item of the source is after a restore to a folder.</summary>
    public string Restored(string destination, string name = "") => (Path(destination) + Source + "/" + name).TrimEnd('/');

    public RestoreRequest To(string destination) => new() { Destination = Path(destination) };

    public Task<RestorePlan> RestoreAsync(RestoreRequest request, CancellationToken cancellationToken = default) =>
        WithRepositoryAsync((repository, snapshot) => Restorer.RunAsync(repository, snapshot, request, Activity, TimeProvider.System, cancellationToken));

    public Task<RestoreComparisonResult> CompareAsync(RestoreRequest request) =>
        WithRepositoryAsync((repository, snapshot) => RestoreComparison.RunAsync(repository, snapshot, request, Activity, default));

    public void RestoreByRestic(string destination, string options = "") => Restic.Run($"restore -q latest --target '{Path(destination)}' {options}");

    public async Task<T> WithRepositoryAsync<T>(Func<Repository, SnapshotFile, Task<T>> use)
    {
        Activity = new RecordingActivity();
        await using var repository = await Repository.OpenAsync(
            new LocalStorage(_scratch["repository"], TimeProvider.System), "test"u8.ToArray(), TimeProvider.System, default);
        return await use(repository, await repository.FindSnapshotAsync("latest", Activity, null, default));
    }

    public void Dispose() => _scratch.Dispose();
}

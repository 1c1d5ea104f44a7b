using System.Text.Json;
using ProdOps.Backup.Archiving;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.FileSystem;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.TestTools;

/// <summary>A source folder, a repository in another one, and both programs at hand. Every run opens the repository anew, as a process would.</summary>
internal sealed class BackupLab : IDisposable
{
    private readonly ScratchFolder _folder;
    private readonly string _repository;
    private readonly StillAncestors _files;

    /// <param name="below">Where the folders are made; by default one below which nothing else happens.</param>
    /// <param name="repository">Another place for the repository.</param>
    public BackupLab(string? below = null, string? repository = null)
    {
        _folder = new ScratchFolder(below ?? StillFolder.Take());
        _repository = repository ?? _folder["repository"];
        Directory.CreateDirectory(Source);
        _files = new StillAncestors(Source);
    }

    public string Source => _folder["source"];

    public string RepositoryFolder => _repository;

    public ResticProgram Restic => new(_repository);

    public string this[string name] => _folder[name];

    /// <summary>Makes a repository whose key is cheap to derive, so that hundreds of runs take seconds.</summary>
    public async Task<BackupLab> InitializeAsync(int version = 2)
    {
        await using var repository = await TestRepository.CreateAsync(Storage(), version);
        return this;
    }

    public LocalStorage Storage() => new(_repository, TimeProvider.System);

    /// <summary>A request for the source folder, by this host and user.</summary>
    public BackupRequest Request(params string[] paths) => new()
    {
        Paths = paths.Length == 0 ? [Source] : paths,
        HostName = LocalHost.Name,
        UserName = LocalHost.UserName,
    };

    /// <summary>A request to which nothing outside of the source ever changes, whoever is at work in the folders above it.</summary>
    public BackupRequest StillRequest() => Request() with { Files = _files };

    public Task<BackupSnapshot> BackupAsync(BackupRequest? request = null, IActivity? activity = null, TimeProvider? time = null) =>
        BackupAsync(Storage(), request ?? Request(), activity, time);

    public static async Task<BackupSnapshot> BackupAsync(
        IStorage storage, BackupRequest request, IActivity? activity = null, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        await using var repository = await Repository.OpenAsync(storage, TestRepository.Password, time ?? TimeProvider.System, cancellationToken);
        return await BackupRun.RunAsync(repository, request, activity ?? SilentActivity.Instance, cancellationToken);
    }

    /// <summary>A backup of which nothing may fail.</summary>
    public async Task<BackupSnapshot> BackupWhollyAsync(BackupRequest? request = null)
    {
        var activity = new RecordingActivity();
        var snapshot = await BackupAsync(request, activity);
        Assert.Empty(activity.Errors);
        Assert.Equal(BackupStatus.Complete, snapshot.Status);
        return snapshot;
    }

    /// <summary>Backs the source up with restic and returns what its summary says.</summary>
    public ResticSummary ResticBackup(params string[] arguments) => ResticBackup(Source, arguments);

    public ResticSummary ResticBackup(string path, string[] arguments)
    {
        string output = Restic.Run(["backup", "--json", "--host", LocalHost.Name, .. arguments, path]);
        string line = output.Split('\n').Single(text => text.Contains("\"message_type\":\"summary\"", StringComparison.Ordinal));
        using var summary = JsonDocument.Parse(line);
        long Number(string name) => summary.RootElement.GetProperty(name).GetInt64();
        // Old versions tell only the beginning of the id.
        string begin = summary.RootElement.GetProperty("snapshot_id").GetString()!;
        string id = FilesOf("snapshots").Select(file => System.IO.Path.GetFileName(file)).Single(name => name.StartsWith(begin, StringComparison.Ordinal));
        return new ResticSummary(
            Number("files_new"), Number("files_changed"), Number("files_unmodified"), Number("data_blobs"), id);
    }

    /// <summary>restic finds nothing to say against the repository.</summary>
    public void Check(bool readData = false, bool noLock = false)
    {
        string output = Restic.Run(["check", .. readData ? new[] { "--read-data" } : [], .. noLock ? new[] { "--no-lock" } : []]);
        Assert.Contains("no errors were found", output);
    }

    /// <summary>Restores a snapshot with restic and proves that the source came out as it is now.</summary>
    public void AssertResticRestoresTheSource(string snapshot)
    {
        using var target = new ScratchFolder(System.IO.Path.GetDirectoryName(_folder.Path));
        Restic.Run("restore", snapshot, "--target", target.Path);
        MetadataWalk.AssertEqual(MetadataWalk.Of(Source), MetadataWalk.Of(target.Path + Source));
    }

    public IReadOnlyList<JsonElement> ResticSnapshots()
    {
        using var document = JsonDocument.Parse(Restic.Run("snapshots", "--json", "--no-lock"));
        return document.RootElement.ValueKind == JsonValueKind.Null ? [] : [.. document.RootElement.Clone().EnumerateArray()];
    }

    /// <summary>The tree of a folder in a snapshot: equal ids mean that every byte of metadata below is equal.</summary>
    public async Task<ObjectId> TreeOfAsync(string snapshot, string path) => (await FindAsync(snapshot, path)).Subtree!.Value;

    /// <summary>The entry of a path in a snapshot.</summary>
    public async Task<Node> FindAsync(string snapshot, string path)
    {
        await using var repository = await TestRepository.OpenAsync(Storage());
        var found = await repository.FindSnapshotAsync(snapshot, SilentActivity.Instance, filter: null, default);
        Node? node = null;
        var tree = (ObjectId?)found.Tree;
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var nodes = TreeReader.Parse(await repository.ReadBlobAsync(new BlobHandle(BlobType.Tree, tree!.Value), default));
            node = nodes.Single(candidate => FileNames.Decode(candidate.Name) == name);
            tree = node.Subtree;
        }

        return node!;
    }

    public string[] FilesOf(string kind) => Directory.GetFiles(System.IO.Path.Combine(_repository, kind), "*", SearchOption.AllDirectories);

    /// <summary>Nothing is left of a run that ended: no lock, no half-written file.</summary>
    public void AssertNothingIsLeftBehind()
    {
        Assert.Empty(FilesOf("locks"));
        if (Directory.Exists(System.IO.Path.Combine(_repository, "tmp"))) Assert.Empty(FilesOf("tmp"));
        Assert.DoesNotContain(Directory.GetFiles(_repository, "*", SearchOption.AllDirectories), path => path.Contains("-tmp-", StringComparison.Ordinal));
    }

    public void Write(string name, byte[] content)
    {
        string path = System.IO.Path.Combine(Source, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }

    public void Dispose() => _folder.Dispose();
}

/// <summary>What restic counted in a backup.</summary>
internal sealed record ResticSummary(long FilesNew, long FilesChanged, long FilesUnmodified, long DataBlobs, string SnapshotId);

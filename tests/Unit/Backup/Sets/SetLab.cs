using ProdOps.Backup.Repositories;
using ProdOps.Backup.Sets;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.FileSystem;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Secrets;

namespace ProdOps.Backup.Tests.Sets;

/// <summary>Repositories <c>local</c> and <c>offsite</c> in folders, and servers that are all this machine's shell.</summary>
internal sealed class SetLab : ISetAccess, IAsyncDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly Dictionary<string, Task<Repository>> _open = [];

    public ShiftedClock Clock { get; } = new();

    public RecordingActivity Activity { get; } = new();

    /// <summary>Repositories that cannot be opened.</summary>
    public HashSet<string> Broken { get; } = [];

    public string this[string name] => _folder[name];

    public static Server Server(string name) => new() { Name = name, Address = name };

    public async Task<SetLab> InitializeAsync()
    {
        ulong? polynomial = null;
        foreach (string name in new[] { "local", "offsite" })
        {
            var options = new RepositoryInitializeOptions { KeyParameters = TestRepository.CheapKey, Polynomial = polynomial };
            await using var repository = await Repository.InitializeAsync(new LocalStorage(_folder[name], Clock), TestRepository.Password, options, Clock, default);
            polynomial = repository.Config.Polynomial;
        }

        Directory.CreateDirectory(_folder["source"]);
        File.WriteAllText(Path.Join(_folder["source"], "file"), "content");
        return this;
    }

    public async Task<Repository> OpenRepositoryAsync(string name, CancellationToken cancellationToken)
    {
        if (Broken.Contains(name)) throw new ProdOpsException("PlaceUnreachable", ErrorKind.ResourceUnavailable, $"'{name}' cannot be reached.");
        Task<Repository> opening;
        lock (_open)
        {
            if (!_open.TryGetValue(name, out opening!))
                _open[name] = opening = Repository.OpenAsync(new LocalStorage(_folder[name], Clock), TestRepository.Password, Clock, cancellationToken);
        }

        return await opening;
    }

    public Task<IServerShell> OpenShellAsync(Server server, CancellationToken cancellationToken) => Task.FromResult<IServerShell>(new LocalShell(server.Name));

    public SecretSource SourceOf(SecretReference reference) => throw new NotSupportedException();

    /// <summary>Runs sets, each on its servers, and returns what became of them by set and server.</summary>
    public async Task<Dictionary<string, SetOutcome>> RunAsync(params (BackupSet Set, string Server)[] wishes)
    {
        var outcomes = new Dictionary<string, SetOutcome>();
        var jobs = wishes.Select(wish => new SetJob(wish.Set, Server(wish.Server), "it was named")).ToList();
        await new SetRun(this, new SetRunOptions(), Activity, Clock).RunAsync(jobs, outcome =>
        {
            lock (outcomes) outcomes.Add($"{outcome.Result.Name} {outcome.Result.Server}", outcome);
            return Task.CompletedTask;
        }, CancellationToken.None);
        return outcomes;
    }

    public async Task<IReadOnlyList<SnapshotFile>> SnapshotsAsync(string name) => await (await OpenRepositoryAsync(name, default)).ListSnapshotsAsync(Activity, default);

    public async ValueTask DisposeAsync()
    {
        foreach (var opening in _open.Values.Where(opening => opening.IsCompletedSuccessfully)) await (await opening).DisposeAsync();
        _folder.Dispose();
    }
}

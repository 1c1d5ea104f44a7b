using ProdOps.Backup.Browsing;
using ProdOps.Backup.Databases;
using ProdOps.Backup.Databases.Loading;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Restoring;
using ProdOps.Backup.Restoring.Servers;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;
using ProdOps.Servers.Files;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Recovery.Execution.Steps;

/// <summary>What comes from a backup. The snapshot is found once, however often is looked.</summary>
internal abstract class BackupWork(StepContext context) : StepWork(context)
{
    private (Repository Repository, SnapshotFile Snapshot)? _found;

    /// <summary>Whether what is wanted of the snapshot is there. The server is not asked.</summary>
    /// <exception cref="ProdOpsException">There is no snapshot, or it does not have it.</exception>
    public async Task<SnapshotFindings> ProveAsync(SnapshotProof proof, CancellationToken cancellationToken)
    {
        var (repository, snapshot) = await FindAsync(cancellationToken).ConfigureAwait(false);
        return await proof.LookAsync(repository, snapshot, await PathsAsync(repository, snapshot, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What will be written where, as things are; nothing if all is there.</summary>
    public abstract Task<IReadOnlyList<(string Path, long Size)>> WritesAsync(CancellationToken cancellationToken);

    /// <summary>Takes away what was restored, whether or not something of the same name was there before.</summary>
    /// <returns>What was taken away.</returns>
    public abstract Task<IReadOnlyList<string>> WipeAsync(CancellationToken cancellationToken);

    public async Task<(Repository Repository, SnapshotFile Snapshot)> FindAsync(CancellationToken cancellationToken) =>
        _found ??= await Context.FindSnapshotAsync(MayHold, cancellationToken).ConfigureAwait(false);

    protected abstract bool MayHold(SnapshotFile file);

    protected abstract Task<IReadOnlyList<string>> PathsAsync(Repository repository, SnapshotFile snapshot, CancellationToken cancellationToken);

    protected static string Words(SnapshotFile snapshot) => $"snapshot {snapshot.Id.ToShortString()} of {snapshot.Time.ToDateTimeOffset():yyyy-MM-dd HH:mm:ss zzz}";
}

/// <summary>Files are restored from a backup: what is as the snapshot has it is left.</summary>
internal sealed class RestoreWork(StepContext context) : BackupWork(context)
{
    private ServerRestorer? _restorer;

    public override async Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken)
    {
        var plan = await (await PrepareAsync(cancellationToken).ConfigureAwait(false)).PlanAsync(cancellationToken).ConfigureAwait(false);
        return IsDone(plan) ? [] : [$"{Step.To}: {plan} from {Words((await FindAsync(cancellationToken).ConfigureAwait(false)).Snapshot)}, {ByteSize.Format(plan.BytesToWrite)} to write"];
    }

    public override async Task<string> ActAsync(IReadOnlyList<string> missing, CancellationToken cancellationToken)
    {
        var restorer = (await PrepareAsync(cancellationToken).ConfigureAwait(false)).With(RestoreOverwrite.Always);
        return (await restorer.ApplyAsync(cancellationToken).ConfigureAwait(false)).ToString() ?? "";
    }

    public override async Task<IReadOnlyList<(string Path, long Size)>> WritesAsync(CancellationToken cancellationToken)
    {
        var restorer = await PrepareAsync(cancellationToken).ConfigureAwait(false);
        return IsDone(await restorer.PlanAsync(cancellationToken).ConfigureAwait(false)) ? [] : [.. restorer.Files];
    }

    /// <summary>Files and links go, and folders that are empty then. Who may log in stays: the host must be reached.</summary>
    public override async Task<IReadOnlyList<string>> WipeAsync(CancellationToken cancellationToken)
    {
        string[] items = [.. (await PrepareAsync(cancellationToken).ConfigureAwait(false)).Items.Where(path => !path.EndsWith("/.ssh/authorized_keys", StringComparison.Ordinal)).Reverse()];
        if (items.Length == 0) return [];
        var shell = await Context.OpenAsync(cancellationToken).ConfigureAwait(false);
        await RemoveAsync(shell, items, Step.AsRoot, cancellationToken).ConfigureAwait(false);
        return [$"{items.Length} files and folders below {Step.To}"];
    }

    /// <summary>Removes files, links and folders that are empty. What a lost connection leaves of the last path may be that of another file: a path is one only with what no path has behind it.</summary>
    internal static async Task RemoveAsync(IServerShell shell, IEnumerable<string> paths, bool asRoot, CancellationToken cancellationToken)
    {
        const string script = """xargs -0 sh -c 'for f; do case $f in ?*//) f=${f%//} ;; *) exit 255 ;; esac; if [ -d "$f" ] && [ ! -h "$f" ]; then rmdir -- "$f" 2>/dev/null; else rm -f -- "$f" || exit 255; fi; done; exit 0' sh""";
        var options = new CommandRunOptions { Input = paths.SelectMany(path => (byte[])[.. FileNames.Encode(path), (byte)'/', (byte)'/', 0]).ToArray() };
        (await shell.RunAsync(new ServerCommand(script) { AsRoot = asRoot, PosixLocale = true, Idempotent = true }, options, cancellationToken).ConfigureAwait(false)).EnsureSuccess();
    }

    protected override bool MayHold(SnapshotFile file) => Step.Paths.All(path => file.Paths.Any(root => IsAtOrBelow(path, root) || IsAtOrBelow(root, path)));

    protected override Task<IReadOnlyList<string>> PathsAsync(Repository repository, SnapshotFile snapshot, CancellationToken cancellationToken) => Task.FromResult(Step.Paths);

    private static bool IsDone(RestorePlan plan) => plan.Created + plan.Overwritten + plan.MetadataOnly + plan.Deleted == 0;

    /// <summary>Whether all is there is told by sizes and times; what is restored is then restored whole, whatever these say.</summary>
    private async Task<ServerRestorer> PrepareAsync(CancellationToken cancellationToken)
    {
        if (_restorer is not null) return _restorer;
        var (repository, snapshot) = await FindAsync(cancellationToken).ConfigureAwait(false);
        var shell = await Context.OpenAsync(cancellationToken).ConfigureAwait(false);
        var copy = new CopyContext(Context.Activity, new CopyProgress(Context.Activity, Context.Time) { Title = $"Restoring to {shell.Name}" }, Context.Time);
        var request = new ServerRestoreRequest(new RestoreRequest { Destination = Step.To, Paths = Step.Paths, Overwrite = RestoreOverwrite.IfChanged }, Step.AsRoot);
        return _restorer = await ServerRestorer.CreateAsync(repository, snapshot, request, shell, copy, cancellationToken).ConfigureAwait(false);
    }

    private static bool IsAtOrBelow(string path, string folder)
    {
        string trimmed = folder.TrimEnd('/');
        return path.StartsWith(trimmed, StringComparison.Ordinal) && (path.Length == trimmed.Length || path[trimmed.Length] == '/');
    }
}

/// <summary>A database that is not there is restored from a backup, with the roles that it needs. One that is there is left, whatever is in it.</summary>
internal sealed class DatabaseWork(StepContext context) : BackupWork(context)
{
    private (SnapshotBrowser Browser, DatabaseLoad Load)? _prepared;

    public override async Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken)
    {
        var (_, load) = await PrepareAsync(cancellationToken).ConfigureAwait(false);
        if (!await IsMissingAsync(load, cancellationToken).ConfigureAwait(false)) return [];
        return [$"{Step.Database}: restored from {load.Dump} of {Words((await FindAsync(cancellationToken).ConfigureAwait(false)).Snapshot)}"];
    }

    public override async Task<string> ActAsync(IReadOnlyList<string> missing, CancellationToken cancellationToken)
    {
        var (browser, load) = await PrepareAsync(cancellationToken).ConfigureAwait(false);
        if (await IsMissingAsync(load, cancellationToken).ConfigureAwait(false)) await load.RunAsync(browser, cancellationToken).ConfigureAwait(false);
        return "";
    }

    /// <summary>A dump is not packed: what is made of it takes no less, and its indexes come on top.</summary>
    public override async Task<IReadOnlyList<(string Path, long Size)>> WritesAsync(CancellationToken cancellationToken)
    {
        var (browser, load) = await PrepareAsync(cancellationToken).ConfigureAwait(false);
        if (!await IsMissingOrUnknownAsync(load, cancellationToken).ConfigureAwait(false)) return [];
        var item = await browser.FindAsync(load.Dump.Path, cancellationToken).ConfigureAwait(false);
        return [(Step.Engine == RecoveryDatabaseEngine.PostgreSql ? "/var/lib/postgresql" : "/var/lib/mysql", item?.Size ?? 0)];
    }

    public override async Task<IReadOnlyList<string>> WipeAsync(CancellationToken cancellationToken)
    {
        await (await PrepareAsync(cancellationToken).ConfigureAwait(false)).Load.DropAsync().ConfigureAwait(false);
        return [$"the database {Step.Database}"];
    }

    protected override bool MayHold(SnapshotFile file) => Wanted.MayBeIn(file);

    protected override async Task<IReadOnlyList<string>> PathsAsync(Repository repository, SnapshotFile snapshot, CancellationToken cancellationToken) =>
        [(await DumpAsync(new SnapshotBrowser(repository, snapshot, Context.Activity), snapshot, cancellationToken).ConfigureAwait(false)).Path];

    private DumpSelection Wanted
    {
        get
        {
            string name = Step.FromDatabase.Length > 0 ? Step.FromDatabase : Step.Database;
            return Step.Engine == RecoveryDatabaseEngine.PostgreSql ? DumpSelection.Of([name], [], [], redis: false) : DumpSelection.Of([], [name], [], redis: false);
        }
    }

    private async Task<DatabaseDump> DumpAsync(SnapshotBrowser browser, SnapshotFile snapshot, CancellationToken cancellationToken) =>
        (await Wanted.PickAsync(browser, snapshot, cancellationToken).ConfigureAwait(false))[0];

    private static async Task<bool> IsMissingAsync(DatabaseLoad load, CancellationToken cancellationToken)
    {
        await load.CheckAsync(cancellationToken).ConfigureAwait(false);
        return !load.Replaces;
    }

    /// <summary>Where the database server is not there yet, nothing is.</summary>
    private static async Task<bool> IsMissingOrUnknownAsync(DatabaseLoad load, CancellationToken cancellationToken)
    {
        try
        {
            return await IsMissingAsync(load, cancellationToken).ConfigureAwait(false);
        }
        catch (ProdOpsException) when (!cancellationToken.IsCancellationRequested)
        {
            return true;
        }
    }

    private async Task<(SnapshotBrowser Browser, DatabaseLoad Load)> PrepareAsync(CancellationToken cancellationToken)
    {
        if (_prepared is { } prepared) return prepared;
        var (repository, snapshot) = await FindAsync(cancellationToken).ConfigureAwait(false);
        var browser = new SnapshotBrowser(repository, snapshot, Context.Activity);
        var dump = await DumpAsync(browser, snapshot, cancellationToken).ConfigureAwait(false);
        // Force only keeps CheckAsync from failing: what is there is never loaded over.
        var options = new DatabaseLoadOptions { Access = new DatabaseAccess(), Name = Step.Database, Force = true, AsRoot = Step.AsRoot, Roles = true };
        return (_prepared = (browser, DatabaseLoad.Create(await Context.OpenAsync(cancellationToken).ConfigureAwait(false), dump, options, Context.Activity, Context.Time))).Value;
    }
}

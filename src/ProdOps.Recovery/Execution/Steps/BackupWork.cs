using ProdOps.Backup.Browsing;
using ProdOps.Backup.Databases.Loading;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Restoring;
using ProdOps.Backup.Restoring.Servers;
using ProdOps.Servers.Databases;
using ProdOps.Servers.Files;

namespace ProdOps.Recovery.Execution.Steps;

/// <summary>Files are restored from a backup: what is as the snapshot has it is left.</summary>
internal sealed class RestoreWork(StepContext context) : StepWork(context)
{
    public override async Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken)
    {
        // Whether all is there is told by sizes and times; what is restored is then restored whole, whatever these say.
        var (snapshot, restorer) = await PrepareAsync(RestoreOverwrite.IfChanged, cancellationToken).ConfigureAwait(false);
        var plan = await restorer.PlanAsync(cancellationToken).ConfigureAwait(false);
        return plan.Created + plan.Overwritten + plan.MetadataOnly + plan.Deleted == 0 ? [] : [$"{Step.To}: {plan} from snapshot {snapshot.Id.ToShortString()} of {snapshot.Time.ToDateTimeOffset():yyyy-MM-dd HH:mm:ss zzz}, {ByteSize.Format(plan.BytesToWrite)} to write"];
    }

    public override async Task<string> ActAsync(IReadOnlyList<string> missing, CancellationToken cancellationToken)
    {
        var (_, restorer) = await PrepareAsync(RestoreOverwrite.Always, cancellationToken).ConfigureAwait(false);
        return (await restorer.ApplyAsync(cancellationToken).ConfigureAwait(false)).ToString() ?? "";
    }

    private async Task<(SnapshotFile Snapshot, ServerRestorer Restorer)> PrepareAsync(RestoreOverwrite overwrite, CancellationToken cancellationToken)
    {
        var (repository, snapshot) = await Context.FindSnapshotAsync(file => Step.Paths.All(path => file.Paths.Any(root => IsAtOrBelow(path, root) || IsAtOrBelow(root, path))), cancellationToken).ConfigureAwait(false);
        var shell = await Context.OpenAsync(cancellationToken).ConfigureAwait(false);
        var copy = new CopyContext(Context.Activity, new CopyProgress(Context.Activity, Context.Time) { Title = $"Restoring to {shell.Name}" }, Context.Time);
        var request = new ServerRestoreRequest(new RestoreRequest { Destination = Step.To, Paths = Step.Paths, Overwrite = overwrite }, Step.AsRoot);
        return (snapshot, await ServerRestorer.CreateAsync(repository, snapshot, request, shell, copy, cancellationToken).ConfigureAwait(false));
    }

    private static bool IsAtOrBelow(string path, string folder)
    {
        string trimmed = folder.TrimEnd('/');
        return path.StartsWith(trimmed, StringComparison.Ordinal) && (path.Length == trimmed.Length || path[trimmed.Length] == '/');
    }
}

/// <summary>A database that is not there is restored from a backup, with the roles that it needs. One that is there is left, whatever is in it.</summary>
internal sealed class DatabaseWork(StepContext context) : StepWork(context)
{
    public override async Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken)
    {
        var (snapshot, _, load) = await PrepareAsync(cancellationToken).ConfigureAwait(false);
        if (!await IsMissingAsync(load, cancellationToken).ConfigureAwait(false)) return [];
        return [$"{Step.Database}: restored from {load.Dump} of snapshot {snapshot.Id.ToShortString()} of {snapshot.Time.ToDateTimeOffset():yyyy-MM-dd HH:mm:ss zzz}"];
    }

    public override async Task<string> ActAsync(IReadOnlyList<string> missing, CancellationToken cancellationToken)
    {
        var (_, browser, load) = await PrepareAsync(cancellationToken).ConfigureAwait(false);
        if (await IsMissingAsync(load, cancellationToken).ConfigureAwait(false)) await load.RunAsync(browser, cancellationToken).ConfigureAwait(false);
        return "";
    }

    private static async Task<bool> IsMissingAsync(DatabaseLoad load, CancellationToken cancellationToken)
    {
        await load.CheckAsync(cancellationToken).ConfigureAwait(false);
        return !load.Replaces;
    }

    private async Task<(SnapshotFile Snapshot, SnapshotBrowser Browser, DatabaseLoad Load)> PrepareAsync(CancellationToken cancellationToken)
    {
        string name = Step.FromDatabase.Length > 0 ? Step.FromDatabase : Step.Database;
        var wanted = Step.Engine == RecoveryDatabaseEngine.PostgreSql ? DumpSelection.Of([name], [], [], redis: false) : DumpSelection.Of([], [name], [], redis: false);
        var (repository, snapshot) = await Context.FindSnapshotAsync(wanted.MayBeIn, cancellationToken).ConfigureAwait(false);
        var browser = new SnapshotBrowser(repository, snapshot, Context.Activity);
        var dump = (await wanted.PickAsync(browser, snapshot, cancellationToken).ConfigureAwait(false))[0];
        // Force only keeps CheckAsync from failing: what is there is never loaded over.
        var options = new DatabaseLoadOptions { Access = new DatabaseAccess(), Name = Step.Database, Force = true, AsRoot = Step.AsRoot, Roles = true };
        return (snapshot, browser, DatabaseLoad.Create(await Context.OpenAsync(cancellationToken).ConfigureAwait(false), dump, options, Context.Activity, Context.Time));
    }
}

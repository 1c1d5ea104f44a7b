using System.Management.Automation;
using ProdOps.Backup;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Restoring.Servers;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Servers;
using ProdOps.Servers.Files;

namespace ProdOps.Cmdlets.Backup;

/// <content>Restoring to servers.</content>
public sealed partial class RestoreBackup
{
    /// <summary>What is said about servers must not be passed over in silence where there is none.</summary>
    private void CheckServerOptions()
    {
        if (ToServer.Length > 0) return;
        if ((AsRoot ? nameof(AsRoot) : Access.GivenOption) is { } given) throw BackupErrors.RestoreOptionForServersOnly(given);
    }

    /// <summary>One server after the other: each asks for itself, and all read the same packs.</summary>
    private async Task RestoreToServersAsync(CancellationToken cancellationToken)
    {
        var environment = (await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment))).Load();
        var shells = await InvokeAsync(() => SessionShells.Current);
        string destination = InPlace ? "/" : Destination.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : "/";
        foreach (var server in await ServerAccess.ResolveAsync(ToServer, environment, WriteErrorAsync))
        {
            foreach (var wish in _wishes.Where(wish => wish.Everything || wish.Paths.Count > 0))
            {
                try
                {
                    var shell = await shells.OpenAsync(Access.TargetOf(server), Activity, cancellationToken);
                    await ReadAsync((repository, token) => RestoreAsync(repository, wish, shell, destination, token), cancellationToken, location: wish.Location);
                }
                catch (Exception exception) when (exception is not PipelineStoppedException && !cancellationToken.IsCancellationRequested)
                {
                    await WriteErrorAsync(ErrorMapper.ToErrorRecord(exception, server));
                }
            }
        }
    }

    private async Task RestoreAsync(Repository repository, Wish wish, ProdOps.Servers.Commands.IServerShell shell, string destination, CancellationToken cancellationToken)
    {
        var snapshot = await FindAsync(repository, wish, cancellationToken);
        var context = new CopyContext(Activity, new CopyProgress(Activity, TimeProvider.System) { Title = $"Restoring to {shell.Name}" }, TimeProvider.System);
        var request = new ServerRestoreRequest(CreateRequest(wish, destination), AsRoot);
        var restorer = await ServerRestorer.CreateAsync(repository, snapshot, request, shell, context, cancellationToken);
        var outline = await restorer.PlanAsync(cancellationToken);
        string place = InPlace ? $"'{shell.Name}', each item where it came from" : $"'{shell.Name}:{destination}'";
        try
        {
            switch (await DecideAsync(place, $"Restore snapshot {snapshot.Id.ToShortString()} ({outline}, {ByteSize.Format(outline.BytesToWrite)} to write)"))
            {
                case ChangeDecision.Plan:
                    await WriteObjectAsync(outline);
                    break;
                case ChangeDecision.Act:
                    var done = await restorer.ApplyAsync(cancellationToken);
                    await KeepAsync(repository.Location, folder => folder.Restores, TimeProvider.System.GetUtcNow(), place => BackupProof.Of(done, place, snapshot, shell.Name, TimeProvider.System.GetUtcNow()), cancellationToken);
                    await WriteObjectAsync(done);
                    break;
            }
        }
        finally
        {
            context.Progress.Complete();
        }
    }
}

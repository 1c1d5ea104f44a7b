using System.Collections.Concurrent;
using ProdOps.Backup.Sets;
using ProdOps.Cmdlets.Backup;
using ProdOps.Cmdlets.Servers;
using ProdOps.Recovery.Readiness.Gathering;
using ProdOps.Servers.Clocks;
using ProdOps.Servers.Connections;

namespace ProdOps.Cmdlets.Recovery;

/// <content>Asking repositories and servers.</content>
public sealed partial class GetProductionReadiness
{
    private const int ClocksAtOnce = 32;

    private async Task<ReadinessSources> RefreshAsync(ReadinessSources sources)
    {
        var shells = await InvokeAsync(() => SessionShells.Current);
        return sources with
        {
            Backups = token => WithinAsync(limit => ReadBackupsAsync(sources.Environment, shells, limit), token),
            Clocks = token => WithinAsync(limit => ReadClocksAsync(sources.Environment, shells, limit), token),
            AskAnchors = true,
        };
    }

    private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(TimeoutSec));
        try
        {
            return await ask(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"nothing was answered within {TimeoutSec} s");
        }
    }

    private async Task<IReadOnlyList<BackupState>> ReadBackupsAsync(ProdOpsEnvironment environment, ServerShells shells, CancellationToken cancellationToken)
    {
        await using var access = new SetAccess(this, new ServerAccess(this), shells, environment, Activity);
        var sets = environment.Backups.Select(set => (set, SetSelection.Servers(environment, set), set.Objectives.RecoveryPoint ?? environment.Objectives.RecoveryPoint));
        var (states, _) = await new SetReport(access, Activity, TimeProvider.System).ReadAsync([.. sets], static _ => true, cancellationToken);
        foreach (var unread in states.Where(static state => state.Standing == BackupStanding.Unreadable).DistinctBy(static state => state.Repository)) Activity.Warning($"The repository '{unread.Repository}' could not be read: {unread.Problem}");
        return states;
    }

    private async Task<IReadOnlyList<ServerClock>> ReadClocksAsync(ProdOpsEnvironment environment, ServerShells shells, CancellationToken cancellationToken)
    {
        var access = new ServerAccess(this);
        var clocks = new ConcurrentBag<ServerClock>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = ClocksAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(environment.Servers.Where(static server => !server.IsLocal), options, async (server, token) =>
        {
            try
            {
                var shell = await shells.OpenAsync(access.TargetOf(server), Activity, token);
                clocks.Add(await new ClockReader(TimeProvider.System).ReadAsync(shell, ClockReader.DefaultSampleCount, token));
            }
            catch (ProdOpsException error)
            {
                Activity.Warning($"The clock of '{server.Name}' could not be read: {error.Message}");
            }
        });
        return [.. clocks];
    }
}

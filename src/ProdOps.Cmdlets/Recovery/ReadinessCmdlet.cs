using System.Collections.Concurrent;
using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Backup.Sets;
using ProdOps.Cmdlets.Backup;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Logging;
using ProdOps.Cmdlets.Monitoring;
using ProdOps.Cmdlets.Servers;
using ProdOps.LoadBalancing.Rolling;
using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Readiness.Gathering;
using ProdOps.Servers;
using ProdOps.Servers.Clocks;
using ProdOps.Servers.Connections;
using ProdOps.Servers.Evidence;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>The base of the cmdlets that look at a whole environment: where its facts are, and asking repositories and servers for them.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ReadinessCmdlet : AsyncCmdlet
{
    private const int ClocksAtOnce = 32;

    /// <summary>Asks servers and repositories.</summary>
    [Parameter(HelpMessage = "Asks repositories for their backups, servers for their clocks, and anchors whether they answer. Default: what was noted on this machine, without any network.")]
    public SwitchParameter Refresh { get; set; }

    /// <summary>How long asking may take, in seconds.</summary>
    [Parameter(HelpMessage = "With -Refresh: how many seconds asking may take; what has not answered by then is not known. Default: 60.")]
    [ValidateRange(1, 3600)]
    public int TimeoutSec { get; set; } = 60;

    /// <summary>The environment file.</summary>
    [Parameter(HelpMessage = "The environment.psd1 that is judged. Default: $env:PRODOPS_ENVIRONMENT, else the one in this folder or above.")]
    [ArgumentCompleter(typeof(EnvironmentFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Environment { get; set; }

    /// <summary>The environment.</summary>
    /// <exception cref="ProdOpsException">There is none, or it cannot be read.</exception>
    private protected async Task<ProdOpsEnvironment> RequireEnvironmentAsync() =>
        (await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment))).Load() ?? throw ServersErrors.NoEnvironment();

    /// <summary>Where the environment's facts are.</summary>
    private protected async Task<ReadinessSources> SourcesAsync(ProdOpsEnvironment environment)
    {
        var (monitoring, logs) = await InvokeAsync(() => (TryFind(() => HealthStoreAccess.FolderOf(SessionState, null, environment)), TryFind(() => StoreAccess.FolderOf(SessionState, null, environment))));
        var sources = new ReadinessSources
        {
            Environment = environment,
            Evidence = EvidenceFolder.OfUser(TimeProvider.System),
            RollingUpdates = RollingJournal.DefaultFolder,
            RecoveryRuns = RunJournal.DefaultFolder,
            Monitoring = monitoring,
            Logs = logs is null ? null : activity => StoreAccess.Open(logs, environment, activity),
            Time = TimeProvider.System,
        };
        return Refresh ? await RefreshAsync(sources) : sources;
    }

    /// <summary>A user without a home has no store: its items are not known, and all others are judged.</summary>
    private static T? TryFind<T>(Func<T> find)
        where T : class
    {
        try
        {
            return find();
        }
        catch (ProdOpsException)
        {
            return null;
        }
    }

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

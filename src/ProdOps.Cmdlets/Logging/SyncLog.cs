using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Store;
using ProdOps.Servers;

namespace ProdOps.Cmdlets.Logging;

/// <summary>Collects what is new in servers' logs, each line once.</summary>
[Cmdlet(VerbsData.Sync, "Log", SupportsShouldProcess = true)]
[OutputType(typeof(LogSyncResult))]
public sealed class SyncLog : CollectingCmdlet
{
    // Packing is for idle time: what is left over is done the next time.
    private static readonly TimeSpan PackingBudget = TimeSpan.FromSeconds(10);

    private bool _collected;

    /// <summary>How far back logs are read that were never collected.</summary>
    [Parameter(HelpMessage = "How far back logs are read that were never collected: rotated files that were written to since, entries of a journal. Default: 7d.")]
    [Duration]
    [ValidateNotNull]
    public TimeSpan Since { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Whether a server that cannot be reached is no error.</summary>
    [Parameter(HelpMessage = "A server that cannot be reached is a warning and no error: its lines come with a later run. For schedules, where monitoring tells of servers that are gone.")]
    public SwitchParameter IgnoreUnreachable { get; set; }

    private protected override CollectOptions Options => base.Options with { FirstWindow = Since < TimeSpan.Zero ? TimeSpan.Zero : Since };

    /// <inheritdoc/>
    protected override Task EndAsync(CancellationToken cancellationToken)
    {
        int done = 0;
        IActivity activity = IgnoreUnreachable ? new UnreachableAsWarning(Activity) : Activity;
        return ForEachSourceServerAsync(
            async (server, shell, sink, sources, token) =>
            {
                var decision = await DecideAsync(server.Name, $"Collect logs to '{sink.Place}'");
                if (decision == ChangeDecision.Refuse) return 1;
                if (decision == ChangeDecision.Plan)
                {
                    var planned = await new SourceLook(shell, sink.Sink, Options, Activity).RunAsync(sources, token);
                    foreach (var source in planned) await WriteObjectAsync(new LogSyncResult { Server = source.Server, Source = source.Name, Kind = source.Kind, Behind = source.Behind ?? 0 });
                    return planned.Count;
                }

                _collected = true;
                return await new ServerRound(shell, sink.Sink, Options, activity, TimeProvider.System).RunAsync(sources, result =>
                {
                    Activity.Progress(new ActivityProgress("Collecting logs", $"{Interlocked.Increment(ref done)} sources, now {result.Server}: {result.Source}"));
                    return WriteObjectAsync(result);
                }, token);
            },
            cancellationToken);
    }

    private protected override Task WriteServerErrorAsync(ErrorRecord record)
    {
        if (!IgnoreUnreachable || !ServersErrors.IsUnreachable(record.Exception)) return base.WriteServerErrorAsync(record);
        Activity.Warning(record.Exception.Message);
        return Task.CompletedTask;
    }

    /// <summary>Removes what the environment's retention lets go, and packs what is finished.</summary>
    private protected override Task AfterAsync(LogStore store, ProdOpsEnvironment? environment, CancellationToken cancellationToken) =>
        _collected ? new StoreUpkeep(store, Activity).RunAsync(RetentionRules.Of(environment?.Logging), PackingBudget, cancellationToken) : Task.CompletedTask;
}

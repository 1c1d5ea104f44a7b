using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Monitoring;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>The base of the cmdlets that read or change what a monitor has kept, wherever the monitor runs.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class HealthStoreCmdlet : MonitoringCmdlet
{
    /// <summary>The store's folder.</summary>
    [Parameter(HelpMessage = HealthStoreAccess.StoreHelp)]
    [ValidateNotNullOrEmpty]
    public string? Store { get; set; }

    /// <summary>Where monitoring keeps its things.</summary>
    private protected async Task<MonitoringFolder> FindFolderAsync()
    {
        var environment = await FindEnvironmentAsync();
        return await InvokeAsync(() => HealthStoreAccess.FolderOf(SessionState, Store, environment));
    }

    /// <summary>What the store's events add up to.</summary>
    /// <exception cref="ProdOpsException">There is no store.</exception>
    private protected T Read<T>(MonitoringFolder folder, Func<MetricStore, MonitorState, T> read, CancellationToken cancellationToken)
    {
        using var store = folder.Open(TimeProvider.System, Activity, readOnly: true);
        return read(store, store.Monitor.Load(cancellationToken));
    }

    /// <summary>The downtimes that the store's events add up to.</summary>
    /// <exception cref="ProdOpsException">There is no store.</exception>
    private protected IReadOnlyList<Downtime> ReadDowntimes(MonitoringFolder folder, CancellationToken cancellationToken)
    {
        using var store = folder.Open(TimeProvider.System, Activity, readOnly: true);
        return [.. store.Monitor.LoadDowntimes(cancellationToken).Values];
    }

    /// <summary>An event as people read it: what somebody asked for has led to it.</summary>
    /// <exception cref="ProdOpsException">The store cannot be read.</exception>
    private protected HealthEvent Tell(MonitoringFolder folder, long number, CancellationToken cancellationToken)
    {
        using var store = folder.Open(TimeProvider.System, Activity, readOnly: true);
        var happened = store.Events.Find(number) ?? throw MonitoringErrors.EventNotFound(number);
        // To which incident it belongs is said by what comes after it, at the same moment.
        var moment = store.Events.Replay(number - 1, cancellationToken).TakeWhile(stored => stored.Time == happened.Time).Select(static stored => EventJson.Read(stored.Json));
        return new EventText(static _ => "").Read(moment).First(told => told.Number == number);
    }
}

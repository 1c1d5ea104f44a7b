using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring;
using ProdOps.Monitoring.Engines;
using ProdOps.Monitoring.History;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>The base of the cmdlets that read metrics from wherever they are kept: the store, or an engine.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class MetricSourceCmdlet : HistoryCmdlet
{
    private EngineHttp? _connections;
    private EngineQueries? _queries;

    /// <summary>Where an engine is.</summary>
    [Parameter(HelpMessage = "Where Prometheus or VictoriaMetrics is, e.g. http://metrics:8428. Default: the environment's Monitoring.Url if it has an Engine and no -Store is named; else the store is read.")]
    [ValidateNotNullOrEmpty]
    public virtual string? Url { get; set; }

    /// <summary>Where the history is: what is named, the environment's engine, or the store.</summary>
    /// <exception cref="ProdOpsException">It cannot be opened.</exception>
    private protected async Task<IMetricSource> OpenSourceAsync() =>
        await OpenEngineAsync() is { } engine ? new EngineSource(engine, TimeProvider.System) : new StoreSource(await OpenStoreAsync());

    /// <summary>The engine that is named, or the environment's; <see langword="null"/> where there is none, or the store is named.</summary>
    /// <exception cref="ProdOpsException">Its address is none, or both are named.</exception>
    private protected async Task<EngineQueries?> OpenEngineAsync()
    {
        if (Url is not null && Store is not null) throw MonitoringErrors.MetricSourceAmbiguous();
        if (_queries is not null) return _queries;
        var options = (await FindEnvironmentAsync())?.Monitoring ?? new MonitoringOptions();
        if (Url is null && (Store is not null || options.Engine is null)) return null;
        _connections = new EngineHttp(EngineOptions.Of(options, Url, new SessionVault(this)));
        return _queries = new EngineQueries(_connections, Activity);
    }

    /// <inheritdoc/>
    protected override ValueTask ReleaseAsync()
    {
        _connections?.Dispose();
        return base.ReleaseAsync();
    }
}

using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Logging;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Store;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>The base of the cmdlets that look back: from when until when. The monitor may run meanwhile, here or elsewhere.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class HistoryCmdlet : HealthStoreCmdlet
{
    private MetricStore? _store;

    /// <summary>So long a time until now.</summary>
    [Parameter(HelpMessage = "So long a time until now: 15m, 6h, 7d.")]
    [Duration]
    [ValidateNotNull]
    public TimeSpan? Last { get; set; }

    /// <summary>From this moment on.</summary>
    [Parameter(HelpMessage = "From this moment on; a time alone is of today.")]
    [Alias("From")]
    public DateTimeOffset? After { get; set; }

    /// <summary>Before this moment.</summary>
    [Parameter(HelpMessage = "Before this moment; a time alone is of today.")]
    [Alias("To")]
    public DateTimeOffset? Before { get; set; }

    /// <summary>Whether a beginning was named.</summary>
    private protected bool HasBeginning => Last is not null || After is not null;

    /// <summary>From when until when.</summary>
    /// <param name="usual">How far back it goes where no beginning is named.</param>
    /// <exception cref="ProdOpsException">What was named contradicts itself.</exception>
    private protected (DateTimeOffset From, DateTimeOffset To) Window(TimeSpan usual)
    {
        if (Last is not null && After is not null) throw MonitoringErrors.WindowAmbiguous();
        // A sample of this very moment is part of "until now".
        var to = Before ?? TimeProvider.System.GetUtcNow().AddMilliseconds(1);
        var length = Last ?? usual;
        var from = After ?? (length < to - DateTimeOffset.UnixEpoch ? to - length : DateTimeOffset.UnixEpoch);
        return from < to ? (from, to) : throw MonitoringErrors.WindowEmpty(from, to);
    }

    /// <summary>The store, open to read until the command ends.</summary>
    /// <exception cref="ProdOpsException">There is none, or it cannot be read.</exception>
    private protected async Task<MetricStore> OpenStoreAsync() => _store ??= (await FindFolderAsync()).Open(TimeProvider.System, Activity, readOnly: true);

    /// <summary>Names and wildcards of servers; roles and groups become the names of their servers.</summary>
    /// <exception cref="ProdOpsException">No server has the role, or is in the group.</exception>
    private protected async Task<IReadOnlyList<string>> NamesOfAsync(ServerReference[]? servers) =>
        servers is null ? [] : ServerNames.Resolve([.. servers.Select(static server => server.Text)], await FindEnvironmentAsync(), MonitoringErrors.HistoryServerNotFound);

    /// <summary>The series that fit.</summary>
    /// <param name="source">Where the history is.</param>
    /// <param name="wanted">Servers as they were named, and names and wildcards of metrics and instances.</param>
    /// <param name="time">From when until when, for a source that must be told.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>None, after an error was written, if one was named that is not there.</returns>
    private protected async Task<IReadOnlyList<SeriesRow>> SeriesAsync(
        IMetricSource source, (ServerReference[]? Servers, string[] Names, string[] Instances) wanted, (DateTimeOffset From, DateTimeOffset To) time, CancellationToken cancellationToken)
    {
        var hosts = await NamesOfAsync(wanted.Servers);
        var series = await source.SeriesAsync(hosts, wanted.Names, wanted.Instances, time.From, time.To, cancellationToken);
        // As with files: a name that nothing has is an error, a wildcard that fits nothing is none.
        if (series.Count == 0 && wanted.Names.Concat(hosts).Concat(wanted.Instances).Any(static name => !NamePattern.HasWildcards(name)))
        {
            string what = wanted.Names.Length > 0 ? string.Join(", ", wanted.Names) : "metrics";
            if (wanted.Instances.Length > 0) what += $" ({string.Join(", ", wanted.Instances)})";
            if (hosts.Count > 0) what += $" of {string.Join(", ", hosts)}";
            await WriteErrorAsync(source.NotFound(what, time.From, time.To));
        }

        return series;
    }

    /// <inheritdoc/>
    protected override ValueTask ReleaseAsync()
    {
        _store?.Dispose();
        return default;
    }
}

using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Store;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>The base of the cmdlets that look at the history of metrics: of which.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class MetricCmdlet : MetricSourceCmdlet
{
    /// <summary>The servers.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Only of these servers: names, wildcards, role:App, group:blue, or server objects. Default: all.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(MetricServerCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public ServerReference[]? Server { get; set; }

    /// <summary>Which of several.</summary>
    [Parameter(HelpMessage = "Only of these instances: mounts, devices, interfaces, e.g. /var or eth*. Default: all.")]
    [ArgumentCompleter(typeof(MetricInstanceCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Instance { get; set; } = [];

    /// <summary>The series of the present input.</summary>
    private protected Task<IReadOnlyList<SeriesRow>> SeriesAsync(IMetricSource source, string[] names, (DateTimeOffset From, DateTimeOffset To) time, CancellationToken cancellationToken) =>
        SeriesAsync(source, (Server, names, Instance), time, cancellationToken);
}

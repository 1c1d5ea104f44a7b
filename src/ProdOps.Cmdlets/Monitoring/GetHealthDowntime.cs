using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Logging;
using ProdOps.Monitoring.History;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Tells which work is announced, now and for later.</summary>
[Cmdlet(VerbsCommon.Get, "HealthDowntime")]
[OutputType(typeof(HealthDowntime))]
public sealed class GetHealthDowntime : HealthStoreCmdlet
{
    /// <summary>The servers.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, HelpMessage = "Only downtimes that cover these servers: names, wildcards, role:App, group:blue. Default: all.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Server { get; set; } = [];

    /// <summary>Only those that cover this moment.</summary>
    [Parameter(HelpMessage = "Only downtimes that cover this moment.")]
    public SwitchParameter Active { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var folder = await FindFolderAsync();
        var servers = ServerNames.Resolve(Server, await FindEnvironmentAsync());
        var now = TimeProvider.System.GetUtcNow();
        foreach (var downtime in ReadDowntimes(folder, cancellationToken))
        {
            if (Active && !downtime.IsActive(now)) continue;
            if (servers.Count > 0 && !servers.Any(server => NamePattern.IsMatch(server, downtime.Server) || NamePattern.IsMatch(downtime.Server, server))) continue;
            await WriteObjectAsync(Downtimes.Of(downtime, now));
        }
    }
}

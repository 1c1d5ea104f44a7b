using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Logging;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Ends announced work before its time.</summary>
[Cmdlet(VerbsLifecycle.Resume, "HealthCheck", SupportsShouldProcess = true, DefaultParameterSetName = "Server")]
[OutputType(typeof(HealthDowntime))]
public sealed class ResumeHealthCheck : HealthStoreCmdlet
{
    /// <summary>The downtimes' numbers.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Number", ValueFromPipelineByPropertyName = true, HelpMessage = "The numbers of downtimes, as Get-HealthDowntime tells them.")]
    [ValidateRange(1, long.MaxValue)]
    public long[] Number { get; set; } = [];

    /// <summary>The servers.</summary>
    [Parameter(Position = 0, ParameterSetName = "Server", HelpMessage = "The servers whose downtimes end: names, wildcards, role:App, group:blue. Default: all.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Server { get; set; } = [];

    /// <summary>Only downtimes of this check.</summary>
    [Parameter(ParameterSetName = "Server", HelpMessage = "Only downtimes of this check. Default: of any, and of whole servers.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string? Check { get; set; }

    /// <summary>Who ends them.</summary>
    [Parameter(HelpMessage = "Who ends them. Default: your account's name.")]
    [ValidateNotNullOrEmpty]
    public string By { get; set; } = HealthStoreAccess.UserName;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var folder = await FindFolderAsync();
        var servers = ServerNames.Resolve(Server, await FindEnvironmentAsync());
        var set = ReadDowntimes(folder, cancellationToken);
        var chosen = ParameterSetName == "Number" ? [.. Number.Select(number => set.FirstOrDefault(downtime => downtime.Id == number) ?? new Downtime { Id = number, Server = "" })] : set.Where(downtime => Fits(downtime, servers)).ToList();
        foreach (var downtime in chosen)
        {
            try
            {
                if (!await ShouldProcessAsync($"Downtime {downtime.Id} of {downtime.Server}", "End")) continue;
                await new RequestDesk(folder, TimeProvider.System, Activity).AskAsync(new EndDowntimeRequest(downtime.Id, By), cancellationToken);
                await WriteObjectAsync(Downtimes.Of(downtime, TimeProvider.System.GetUtcNow()) with { IsActive = false });
            }
            catch (ProdOpsException error)
            {
                await WriteErrorAsync(error);
            }
        }
    }

    // A downtime of web* is one of web1 too, and one that was set for web1 ends with web*.
    private bool Fits(Downtime downtime, IReadOnlyList<string> servers) =>
        (servers.Count == 0 || servers.Any(server => NamePattern.IsMatch(server, downtime.Server) || NamePattern.IsMatch(downtime.Server, server)))
        && (Check is null || (downtime.Rule is { } rule && NamePattern.IsMatch(Check, rule)));
}

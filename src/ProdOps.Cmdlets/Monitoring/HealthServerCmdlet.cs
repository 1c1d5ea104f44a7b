using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring.Status;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>The base of the cmdlets that look at servers, and at addresses in the place of one.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class HealthServerCmdlet : ServerCmdlet
{
    private readonly List<string> _targets = [];
    private bool _hasServers;

    /// <summary>The servers and addresses; without it all servers of the environment.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Servers: names, wildcards, role:App, group:blue, user@host:port, server objects; or addresses: https://host/path, tcp://host:port, ping://host. Default: all of the environment; without one this machine.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public override ServerReference[]? Server { get; set; }

    /// <inheritdoc/>
    private protected override ServerReference[]? SelectedServers => Server?.Where(reference => reference.Server is not null || !TargetLook.IsTarget(reference.Text)).ToArray() is { Length: > 0 } servers ? servers : null;

    /// <summary>The addresses that were named, each once.</summary>
    private protected IEnumerable<string> Targets => _targets.Distinct(StringComparer.Ordinal);

    /// <summary>Whether nothing was named.</summary>
    private protected bool IsAll => _targets.Count == 0 && !_hasServers && !MyInvocation.ExpectingInput;

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        _hasServers |= SelectedServers is not null;
        if (Server is not null) _targets.AddRange(Server.Where(reference => reference.Server is null && TargetLook.IsTarget(reference.Text)).Select(reference => reference.Text));
        return base.ProcessAsync(cancellationToken);
    }

    /// <summary>The environment, if there is one.</summary>
    private protected async Task<ProdOpsEnvironment?> FindEnvironmentAsync() => LoadEnvironment(await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment)));

    /// <summary>The servers that were named; where nothing was, all of the environment.</summary>
    private protected async Task<IReadOnlyList<Server>> ServersAsync(CancellationToken cancellationToken)
    {
        if (_targets.Count > 0 && !_hasServers) return [];
        if (!IsAll) return await GetServersAsync(cancellationToken);
        var environment = await FindEnvironmentAsync();
        return environment is { Servers.Count: > 0 } ? environment.Servers : await GetServersAsync(cancellationToken);
    }
}

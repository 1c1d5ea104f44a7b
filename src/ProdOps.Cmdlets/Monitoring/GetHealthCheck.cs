using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Rules;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Lists what is checked on each server.</summary>
[Cmdlet(VerbsCommon.Get, "HealthCheck")]
[OutputType(typeof(HealthCheck))]
public sealed class GetHealthCheck : AsyncCmdlet
{
    private readonly List<ServerReference> _servers = [];

    /// <summary>Names of checks.</summary>
    [Parameter(Position = 0, HelpMessage = "Only these checks: names or wildcards. Default: all.")]
    [ArgumentCompleter(typeof(HealthCheckCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <summary>The checks of these servers.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Only the checks of these servers: names, wildcards, role:App, group:blue, hosts, or server objects. Default: all.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public ServerReference[]? Server { get; set; }

    /// <summary>The environment file that has the checks.</summary>
    [Parameter(HelpMessage = "The environment.psd1 with checks and servers. Default: $env:PRODOPS_ENVIRONMENT, else the one in this folder or above.")]
    [ArgumentCompleter(typeof(EnvironmentFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Environment { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (Server is not null) _servers.AddRange(Server);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var environment = (await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment))).Load();
        var list = new CheckList(environment);
        bool isSelected = _servers.Count > 0 || MyInvocation.ExpectingInput;
        var servers = await MonitoredServers.SelectAsync(isSelected ? _servers : null, list, environment, WriteErrorAsync);
        HealthCheck[] all = [.. list.Of(servers, RuleBook.Of(environment))];
        foreach (string name in Name)
        {
            if (!NamePattern.HasWildcards(name) && !all.Any(check => check.Check.Equals(name, StringComparison.OrdinalIgnoreCase)))
                await WriteErrorAsync(ProdOps.Monitoring.MonitoringErrors.CheckNotFound(name, Nearest.Find(name, all.Select(check => check.Check))));
        }

        await WriteAllAsync([.. all.Where(check => Name.Any(name => NamePattern.IsMatch(name, check.Check)))]);
    }
}

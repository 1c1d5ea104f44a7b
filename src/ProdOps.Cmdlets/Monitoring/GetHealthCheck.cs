using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Monitoring.Checks;
using ProdOps.Monitoring.Rules;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Lists what is checked on each server.</summary>
[Cmdlet(VerbsCommon.Get, "HealthCheck")]
[OutputType(typeof(HealthCheck))]
public sealed class GetHealthCheck : HealthListCmdlet
{
    /// <summary>Names of checks.</summary>
    [Parameter(Position = 0, HelpMessage = "Only these checks: names or wildcards. Default: all.")]
    [ArgumentCompleter(typeof(HealthCheckCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var environment = await LoadEnvironmentAsync();
        var list = new CheckList(environment);
        var servers = await SelectServersAsync(list, environment) ?? list.Servers;
        await WriteNamedAsync([.. list.Of(servers, RuleBook.Of(environment))], Name, static check => check.Check, ProdOps.Monitoring.MonitoringErrors.CheckNotFound);
    }
}

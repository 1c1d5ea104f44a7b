using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring;
using ProdOps.Monitoring.Checks;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Runs checks once, now: those of the environment, or one that is named with the command.</summary>
[Cmdlet(VerbsDiagnostic.Test, "HealthCheck", DefaultParameterSetName = NameSet)]
[OutputType(typeof(HealthCheckResult))]
public sealed partial class TestHealthCheck : ServerCmdlet
{
    private const string NameSet = "Name";

    private ProdOpsEnvironment? _environment;
    private CommandChecks? _checks;

    /// <summary>Checks of the environment.</summary>
    [Parameter(Position = 0, ParameterSetName = NameSet, HelpMessage = "Checks of the environment: names or wildcards. Default: all.")]
    [ArgumentCompleter(typeof(DefinedCheckCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <summary>The servers whose checks they are.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The servers whose check it is: names, wildcards, role:App, group:blue, user@host:port, or server objects. Default: those that the check is of; a command without one runs on this machine.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public override ServerReference[]? Server { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        _environment = LoadEnvironment(await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment)));
        _checks = new CommandChecks(this, Access, OpenAsync, _environment, Activity) { GivenPassword = ServiceCredential?.Password };
        var wanted = ParameterSetName == NameSet ? await DefinedAsync(cancellationToken) : await NamedHereAsync(cancellationToken);
        // A script block has the session to itself; all else goes side by side.
        if (ParameterSetName == ScriptBlockSet) foreach (var (definition, server) in wanted) await WriteAllAsync([.. await RunBlockAsync(definition, server, cancellationToken)]);
        else await ServerAccess.ForEachAsync(WriteErrorAsync, wanted, check => check.Server, ThrottleLimit, async (check, token) => await WriteAllAsync([.. await _checks.RunAsync(check.Definition, check.Server, token)]), cancellationToken);
    }

    /// <inheritdoc/>
    protected override async ValueTask ReleaseAsync()
    {
        if (_checks is not null) await _checks.DisposeAsync();
        await base.ReleaseAsync();
    }

    /// <summary>The environment's checks of the names, each of each of its servers that is wanted.</summary>
    private async Task<IReadOnlyList<(HealthCheckDefinition Definition, Server Server)>> DefinedAsync(CancellationToken cancellationToken)
    {
        if (_environment is null) throw ProdOps.Servers.ServersErrors.NoEnvironment();
        var servers = Server is null && !MyInvocation.ExpectingInput ? null : await GetServersAsync(cancellationToken);
        var all = _environment.Monitoring.Checks;
        foreach (string name in Name)
        {
            if (!NamePattern.HasWildcards(name) && !all.Any(check => check.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
                await WriteErrorAsync(MonitoringErrors.CheckNotFound(name, Nearest.Find(name, all.Select(check => check.Name))));
        }

        return
        [
            .. from definition in all
               where Name.Any(name => NamePattern.IsMatch(name, definition.Name))
               from server in CheckServers.Of(definition, _environment)
               where servers is null || servers.Any(wanted => wanted.Name.Equals(server.Name, StringComparison.OrdinalIgnoreCase))
               select (TimeoutSec is { } seconds ? definition with { Timeout = TimeSpan.FromSeconds(seconds) } : definition, server),
        ];
    }
}

using System.Collections.Concurrent;
using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.Status;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Tells how servers and addresses are at this moment, the worst first.</summary>
[Cmdlet(VerbsCommon.Get, "HealthStatus")]
[OutputType(typeof(ServerHealth), typeof(HealthCheckResult))]
public sealed class GetHealthStatus : ServerCmdlet
{
    private readonly List<string> _targets = [];
    private bool _hasServers;
    private CommandChecks? _checks;

    /// <summary>The servers and addresses; without it all servers of the environment.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Servers: names, wildcards, role:App, group:blue, user@host:port, server objects; or addresses: https://host/path, tcp://host:port, ping://host. Default: all of the environment; without one this machine.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public override ServerReference[]? Server { get; set; }

    /// <summary>Emit every check instead of one object a server.</summary>
    [Parameter(HelpMessage = "Emit every check with its value and thresholds, instead of one object a server.")]
    public SwitchParameter Detailed { get; set; }

    /// <summary>Ask for pending updates too.</summary>
    [Parameter(HelpMessage = "Ask for pending updates and the system's name too, which costs a server seconds of processor time.")]
    public SwitchParameter IncludeUpdates { get; set; }

    /// <summary>How long one server or address may take, in seconds.</summary>
    [Parameter(HelpMessage = "How many seconds one server or address may take, once connected. Default: 30.")]
    [ValidateRange(1, 3600)]
    public int TimeoutSec { get; set; } = 30;

    /// <inheritdoc/>
    private protected override ServerReference[]? SelectedServers => Server?.Where(reference => reference.Server is not null || !TargetLook.IsTarget(reference.Text)).ToArray() is { Length: > 0 } servers ? servers : null;

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        _hasServers |= SelectedServers is not null;
        if (Server is not null) _targets.AddRange(Server.Where(reference => reference.Server is null && TargetLook.IsTarget(reference.Text)).Select(reference => reference.Text));
        return base.ProcessAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var found = new ConcurrentBag<ServerHealth>();
        var named = await ServersAsync(cancellationToken);
        var environment = named.Count == 0 ? null : await FindEnvironmentAsync();
        var look = new ServerLook(RuleBook.Of(environment), TimeProvider.System);
        var checks = _checks = new CommandChecks(this, Access, OpenAsync, environment, Activity);
        var parts = ProbeParts.Services | ProbeParts.Slow | (IncludeUpdates ? ProbeParts.Daily : ProbeParts.Fast);
        var limit = TimeSpan.FromSeconds(TimeoutSec);
        var addresses = Parallel.ForEachAsync(_targets.Distinct(StringComparer.Ordinal), new ParallelOptions { MaxDegreeOfParallelism = ThrottleLimit, CancellationToken = cancellationToken }, async (target, token) =>
        {
            try
            {
                found.Add(await TargetLook.LookAsync(target, limit, TimeProvider.System, token));
            }
            catch (ProdOpsException error)
            {
                await WriteErrorAsync(error);
            }
        });
        var servers = ServerAccess.ForEachAsync(WriteErrorAsync, named, server => server, ThrottleLimit,
            async (server, token) =>
            {
                var beside = checks.RunAllAsync(server, limit, token);
                found.Add(ServerLook.WithMore(await look.LookAsync(server, open => OpenAsync(server, open), parts, limit, token), await beside));
            }, cancellationToken);
        // What is no server is not logged in to.
        var hosts = ServerAccess.ForEachAsync(WriteErrorAsync, IsAll ? checks.Hosts : [], server => server, ThrottleLimit, async (server, token) =>
            found.Add(ServerLook.WithMore(new ServerHealth { Server = server.Name, Time = TimeProvider.System.GetUtcNow() }, await checks.RunAllAsync(server, limit, token))), cancellationToken);
        await Task.WhenAll(addresses, servers, hosts);
        foreach (var health in found.OrderByDescending(health => health.State).ThenBy(health => health.Server, StringComparer.OrdinalIgnoreCase))
        {
            if (Detailed) await WriteAllAsync([.. health.Checks]);
            else await WriteObjectAsync(health);
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask ReleaseAsync()
    {
        if (_checks is not null) await _checks.DisposeAsync();
        await base.ReleaseAsync();
    }

    /// <summary>Whether nothing was named.</summary>
    private bool IsAll => _targets.Count == 0 && !_hasServers && !MyInvocation.ExpectingInput;

    private async Task<ProdOpsEnvironment?> FindEnvironmentAsync() => LoadEnvironment(await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment)));

    /// <summary>Those that were named; where nothing was, all of the environment.</summary>
    private async Task<IReadOnlyList<Server>> ServersAsync(CancellationToken cancellationToken)
    {
        if (_targets.Count > 0 && !_hasServers) return [];
        if (!IsAll) return await GetServersAsync(cancellationToken);
        var environment = await FindEnvironmentAsync();
        return environment is { Servers.Count: > 0 } ? environment.Servers : await GetServersAsync(cancellationToken);
    }
}

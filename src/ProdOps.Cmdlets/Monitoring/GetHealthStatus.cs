using System.Collections.Concurrent;
using System.Management.Automation;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.Status;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Tells how servers and addresses are at this moment, the worst first.</summary>
[Cmdlet(VerbsCommon.Get, "HealthStatus")]
[OutputType(typeof(ServerHealth), typeof(HealthCheckResult))]
public sealed class GetHealthStatus : HealthServerCmdlet
{
    private CommandChecks? _checks;

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
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var found = new ConcurrentBag<ServerHealth>();
        var named = await ServersAsync(cancellationToken);
        var environment = named.Count == 0 ? null : await FindEnvironmentAsync();
        var look = new ServerLook(RuleBook.Of(environment), TimeProvider.System);
        var checks = _checks = new CommandChecks(this, Access, OpenAsync, environment, Activity);
        var parts = ProbeParts.Services | ProbeParts.Slow | (IncludeUpdates ? ProbeParts.Daily : ProbeParts.Fast);
        var limit = TimeSpan.FromSeconds(TimeoutSec);
        var addresses = Parallel.ForEachAsync(Targets, new ParallelOptions { MaxDegreeOfParallelism = ThrottleLimit, CancellationToken = cancellationToken }, async (target, token) =>
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
                found.Add(ServerLook.WithMore(await LookAsync(server, token), await beside));
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

        Task<ServerHealth> LookAsync(Server server, CancellationToken token) => server.NodeExporter is null
            ? look.LookAsync(server, open => OpenAsync(server, open), parts, limit, token)
            : look.LookAsync(server, new SessionVault(this), limit, token);
    }

    /// <inheritdoc/>
    protected override async ValueTask ReleaseAsync()
    {
        if (_checks is not null) await _checks.DisposeAsync();
        await base.ReleaseAsync();
    }
}

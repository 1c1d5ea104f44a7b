using System.Management.Automation;
using ProdOps.Backup.Sets;
using ProdOps.Cmdlets.Backup;
using ProdOps.Cmdlets.Completers;
using ProdOps.LoadBalancing.Publishing;
using ProdOps.Monitoring.Status;
using ProdOps.Servers;
using ProdOps.Servers.Inventory;
using ProdOps.Servers.Inventory.Probing;

namespace ProdOps.Cmdlets.Servers;

/// <summary>Checks the environment's file and, with <c>-Connect</c>, the servers that it names.</summary>
[Cmdlet(VerbsDiagnostic.Test, "ProdOpsEnvironment")]
[OutputType(typeof(EnvironmentCheck))]
public sealed class TestProdOpsEnvironment : ServerCmdlet
{
    /// <inheritdoc/>
    [Parameter(Position = 0, HelpMessage = "The environment.psd1, or its folder. Default: $env:PRODOPS_ENVIRONMENT, else the one in this folder or above.")]
    [Alias("Path", "FullName")]
    [ArgumentCompleter(typeof(EnvironmentFileCompleter))]
    [ValidateNotNullOrEmpty]
    public override string? Environment { get; set; }

    /// <summary>Check the servers too.</summary>
    [Parameter(HelpMessage = "Connect to the servers and repositories: can they be reached, do they let us in, do services run, are clocks right, is there what backup sets back up.")]
    public SwitchParameter Connect { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var source = await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment));
        var reading = EnvironmentCache.Read(source.Find() ?? throw ServersErrors.NoEnvironment());
        EnvironmentCheck[] monitoring = reading.Errors.Any() ? [] : [.. MonitoringAdvice.Of(reading.Environment)];
        foreach (var check in StaticChecks.Run(reading))
        {
            if (check is { Check: "Monitoring", Status: EnvironmentCheckStatus.Passed } && monitoring.Length > 0) await WriteAllAsync(monitoring);
            else await WriteObjectAsync(check);
        }

        if (!Connect || reading.Errors.Any()) return;
        var servers = Server is null ? reading.Environment.Servers : await GetServersAsync(cancellationToken);
        var options = new ParallelOptions { MaxDegreeOfParallelism = ThrottleLimit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(servers, options, async (server, token) => await CheckAsync(reading.Environment, server, token));
        await CheckBackupsAsync(reading.Environment, servers, options);
    }

    private async Task CheckBackupsAsync(ProdOpsEnvironment environment, IReadOnlyList<Server> servers, ParallelOptions options)
    {
        var shells = await InvokeAsync(() => SessionShells.Current);
        await using var access = new SetAccess(this, Access, shells, environment, Activity);
        var checks = new SetChecks(access, Activity);
        await Parallel.ForEachAsync(environment.Repositories, options, async (repository, token) => await WriteObjectAsync(await checks.CheckRepositoryAsync(repository, token)));
        foreach (var set in environment.Backups)
            await foreach (var check in checks.CheckCopiesAsync(set, options.CancellationToken)) await WriteObjectAsync(check);
        // This machine need not be in the file to be backed up.
        var jobs = environment.Backups.SelectMany(set => SetSelection.Servers(environment, set).Where(server => Server is null || servers.Any(one => one.Name == server.Name)).Select(server => (set, server)));
        await Parallel.ForEachAsync(jobs, options, async (job, token) =>
        {
            await foreach (var check in checks.CheckAsync(job.set, job.server, token)) await WriteObjectAsync(check);
        });
    }

    private async Task CheckAsync(ProdOpsEnvironment environment, Server server, CancellationToken cancellationToken)
    {
        try
        {
            var shell = await OpenAsync(server, cancellationToken);
            await foreach (var check in new ServerChecks(server, shell, TimeProvider.System).RunAsync(cancellationToken)) await WriteObjectAsync(check);
            await foreach (var check in new BalancerChecks(server.Name, shell, TimeProvider.System).RunAsync(environment.LoadBalancers, cancellationToken)) await WriteObjectAsync(check);
        }
        catch (ProdOpsException error)
        {
            await WriteObjectAsync(ServerChecks.NotConnected(server, error));
        }
    }
}

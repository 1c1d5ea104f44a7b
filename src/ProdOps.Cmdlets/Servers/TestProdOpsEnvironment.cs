using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
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
    [Parameter(HelpMessage = "Connect to the servers: can they be reached, do they let us in, does sudo work, do their services run, are their clocks right.")]
    public SwitchParameter Connect { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var source = await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment));
        var reading = EnvironmentCache.Read(source.Find() ?? throw ServersErrors.NoEnvironment());
        foreach (var check in StaticChecks.Run(reading)) await WriteObjectAsync(check);
        if (!Connect || reading.Errors.Any()) return;
        var servers = Server is null ? reading.Environment.Servers : await GetServersAsync(cancellationToken);
        var options = new ParallelOptions { MaxDegreeOfParallelism = ThrottleLimit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(servers, options, async (server, token) => await CheckAsync(server, token));
    }

    private async Task CheckAsync(Server server, CancellationToken cancellationToken)
    {
        try
        {
            var shell = await OpenAsync(server, cancellationToken);
            await foreach (var check in new ServerChecks(server, shell, TimeProvider.System).RunAsync(cancellationToken)) await WriteObjectAsync(check);
        }
        catch (ProdOpsException error)
        {
            await WriteObjectAsync(ServerChecks.NotConnected(server, error));
        }
    }
}

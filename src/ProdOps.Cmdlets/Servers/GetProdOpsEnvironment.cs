using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Servers;

namespace ProdOps.Cmdlets.Servers;

/// <summary>Reads the environment's file into an object.</summary>
[Cmdlet(VerbsCommon.Get, "ProdOpsEnvironment")]
[OutputType(typeof(ProdOpsEnvironment))]
public sealed class GetProdOpsEnvironment : AsyncCmdlet
{
    /// <summary>The environment file.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The environment.psd1, or its folder. Default: $env:PRODOPS_ENVIRONMENT, else the one in this folder or above.")]
    [Alias("Path", "FullName")]
    [ArgumentCompleter(typeof(EnvironmentFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Environment { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var source = await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment));
        await WriteObjectAsync(source.Load() ?? throw ServersErrors.NoEnvironment());
    }
}

using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Monitoring.Running;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Says that somebody works on an incident: nobody is reminded of it, and nobody else is called.</summary>
[Cmdlet(VerbsLifecycle.Confirm, "HealthEvent", SupportsShouldProcess = true)]
[OutputType(typeof(HealthEvent))]
public sealed class ConfirmHealthEvent : HealthStoreCmdlet
{
    /// <summary>The incident's number, or that of any event of it.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The number of an incident, or of any event that belongs to it.")]
    [ValidateRange(1, long.MaxValue)]
    public long[] Number { get; set; } = [];

    /// <summary>What is being done.</summary>
    [Parameter(Position = 1, HelpMessage = "What you do about it, for the others.")]
    public string Comment { get; set; } = "";

    /// <summary>Who works on it.</summary>
    [Parameter(HelpMessage = "Who works on it. Default: your account's name.")]
    [ValidateNotNullOrEmpty]
    public string By { get; set; } = HealthStoreAccess.UserName;

    /// <summary>For how long it holds.</summary>
    [Parameter(HelpMessage = "For how long that holds, e.g. 2h. Default: until the incident is over.")]
    [Duration]
    public TimeSpan For { get; set; }

    /// <summary>Hold it even when it gets worse.</summary>
    [Parameter(HelpMessage = "Let it hold even when things get worse. Without it, others are told then.")]
    public SwitchParameter Sticky { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var folder = await FindFolderAsync();
        foreach (long number in Number)
        {
            try
            {
                long incident = Read(folder, (store, state) => IncidentFinder.Find(store, state, number, cancellationToken), cancellationToken);
                if (!await ShouldProcessAsync($"Incident {incident}", "Acknowledge")) continue;
                var until = For > TimeSpan.Zero ? TimeProvider.System.GetUtcNow() + For : (DateTimeOffset?)null;
                long happened = await new RequestDesk(folder, TimeProvider.System, Activity).AskAsync(new AcknowledgeRequest(incident, By, Comment, until, Sticky), cancellationToken);
                await WriteObjectAsync(Tell(folder, happened, cancellationToken));
            }
            catch (ProdOpsException error)
            {
                await WriteErrorAsync(error);
            }
        }
    }
}

using ProdOps.Monitoring.Running;

namespace ProdOps.Recovery.Consoles.Actions;

/// <summary>What a console needs to do what Confirm-HealthEvent, Suspend- and Resume-HealthCheck do.</summary>
internal sealed record ActionSources
{
    /// <summary>Where monitoring keeps its things.</summary>
    public required Func<Task<MonitoringFolder>> Folder { get; init; }

    /// <summary>Who it is if nobody says otherwise.</summary>
    public required string By { get; init; }

    /// <summary>Told what is done.</summary>
    public required IActivity Activity { get; init; }
}

using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Running.Outlets;
using ProdOps.Monitoring.Silences;
using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Running;

/// <summary>What the loop needs from outside.</summary>
internal sealed record LoopServices
{
    /// <summary>Asks a server for its figures, by the probe or by what stands in its place.</summary>
    public required Func<Server, ProbeRequest, CancellationToken, Task<ProbeAnswer>> Ask { get; init; }

    /// <summary>Brings messages to people, by the names of channels.</summary>
    public IReadOnlyDictionary<string, INotificationSender> Senders { get; init; } = new Dictionary<string, INotificationSender>();

    /// <summary>Does what is to be done.</summary>
    public required ActionRunner Actions { get; init; }

    /// <summary>The ways by which what is measured gets to others.</summary>
    public OutletOptions Outlets { get; init; } = new();

    /// <summary>The Alertmanagers whose silences hold. They are the loop's to end.</summary>
    public IReadOnlyList<SilenceWatch> Silences { get; init; } = [];

    /// <summary>Is told of all that happens, in order; called by one thread at a time, and should not wait.</summary>
    public Action<IReadOnlyList<MonitorEvent>, MonitorState> Happened { get; init; } = static (_, _) => { };

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public IActivity Activity { get; init; } = SilentActivity.Instance;
}

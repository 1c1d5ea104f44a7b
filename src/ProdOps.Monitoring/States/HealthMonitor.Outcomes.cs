namespace ProdOps.Monitoring.States;

/// <content>What became of what was decided.</content>
internal sealed partial class HealthMonitor
{
    /// <summary>A channel took a message.</summary>
    public IReadOnlyList<MonitorEvent> Delivered(DateTimeOffset now, long notification, string channel) => Outcome(now, State.Outbox.ContainsKey(notification), new NotificationDelivered(notification, channel));

    /// <summary>A message is not tried any more.</summary>
    public IReadOnlyList<MonitorEvent> GiveUp(DateTimeOffset now, long notification, string reason) => Outcome(now, State.Outbox.ContainsKey(notification), new NotificationGivenUp(notification, reason));

    /// <summary>A channel does not take messages, or (without an error) takes them again.</summary>
    public IReadOnlyList<MonitorEvent> ChangeChannel(DateTimeOffset now, string channel, string? error) =>
        Outcome(now, error is null ? State.DeadChannels.ContainsKey(channel) : !State.DeadChannels.ContainsKey(channel), new ChannelChanged(channel, error));

    /// <summary>What was done is over.</summary>
    public IReadOnlyList<MonitorEvent> EndAction(DateTimeOffset now, long begun, int? exitCode, string output)
    {
        var run = State.Actions.Find(run => run.Number == begun && !run.Ended);
        return Outcome(now, run is not null, new ActionEnded(begun, exitCode, output) { Looked = run is { Diagnosis: true } ? new Look(run.Action, run.Key, run.Incident) : null });
    }

    private List<MonitorEvent> Outcome(DateTimeOffset now, bool isNew, MonitorEvent happened)
    {
        Begin(now);
        if (isNew) Emit(happened);
        return End();
    }

    /// <summary>What was under way when the monitor before this one ended: nobody knows how far it got, and it is not done twice.</summary>
    private void EndWhatWasUnderWay()
    {
        foreach (var run in State.Actions.Where(static run => !run.Ended).ToList()) Emit(new ActionEnded(run.Number, null, run.Diagnosis ? "" : "The monitor ended while this was done."));
        // Messages by a route that is gone have nowhere to go to.
        foreach (var message in State.Outbox.Values.Where(message => _plan.Route(message.Route) is null).ToList())
            Emit(new NotificationGivenUp(message.Number, $"There is no route '{message.Route}' any more."));
    }
}

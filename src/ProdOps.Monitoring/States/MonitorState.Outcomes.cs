namespace ProdOps.Monitoring.States;

/// <content>What became of messages, channels and actions.</content>
internal sealed partial class MonitorState
{
    /// <summary>The outbox: messages that no channel has taken yet, by number.</summary>
    public SortedDictionary<long, NotificationDecided> Outbox { get; } = [];

    /// <summary>Channels that do not take messages, and why.</summary>
    public SortedDictionary<string, string> DeadChannels { get; } = new(StringComparer.Ordinal);

    /// <summary>What was done within the last hour, or about a problem that is still there.</summary>
    public List<ActionRun> Actions { get; } = [];

    private void ApplyToOutcomes(MonitorEvent happened)
    {
        switch (happened)
        {
            case NotificationDecided e: Outbox[e.Number] = e; break;
            case NotificationDelivered e: Outbox.Remove(e.Notification); break;
            case NotificationGivenUp e: Outbox.Remove(e.Notification); break;
            case ChannelChanged { Error: { } error } e: DeadChannels[e.Channel] = error; break;
            case ChannelChanged e: DeadChannels.Remove(e.Channel); break;
            case ActionBegun e:
                var steady = Steady(e.Time);
                Actions.RemoveAll(run => run.Ended && steady - run.Begun >= TimeSpan.FromHours(1) && !Incidents.ContainsKey(run.Incident));
                Actions.Add(new ActionRun(e.Number, e.Action, e.Key, e.Incident, steady, Ended: false) { Diagnosis = e.Diagnosis });
                break;
            case ActionEnded e:
                int at = Actions.FindIndex(run => run.Number == e.Begun);
                if (at >= 0) Actions[at] = Actions[at] with { Ended = true, Seen = Actions[at].Diagnosis && e.ExitCode is not null && e.Output.Length > 0 ? e.Output : null };
                break;
        }
    }
}

/// <summary>Something that was done.</summary>
/// <param name="Number">The number of the event that began it.</param>
/// <param name="Action">The action's name.</param>
/// <param name="Key">The check that changed.</param>
/// <param name="Incident">The incident, or 0.</param>
/// <param name="Begun">When, in steady time.</param>
/// <param name="Ended">Whether it is over.</param>
internal sealed record ActionRun(long Number, string Action, CheckKey Key, long Incident, DateTimeOffset Begun, bool Ended)
{
    /// <summary>Whether it only looked.</summary>
    public bool Diagnosis { get; init; }

    /// <summary>What it saw, once it is over.</summary>
    public string? Seen { get; init; }
}

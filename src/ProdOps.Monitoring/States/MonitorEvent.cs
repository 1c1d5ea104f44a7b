using System.Text.Json.Serialization;
using ProdOps.Monitoring.Incidents;

namespace ProdOps.Monitoring.States;

/// <summary>
/// Something that happened. The events are the truth: whatever is known of the monitored servers is what they add up to
/// (<see cref="MonitorState.Apply"/>), so that a monitor that was killed goes on where it was. What an event does to the state never depends on
/// the rules or the settings of the day.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(MonitorBlind), "blind")]
[JsonDerivedType(typeof(ObserverIsolated), "isolated")]
[JsonDerivedType(typeof(ObserverReturned), "returned")]
[JsonDerivedType(typeof(CheckResult), "result")]
[JsonDerivedType(typeof(CheckChanged), "check")]
[JsonDerivedType(typeof(CheckDropped), "dropped")]
[JsonDerivedType(typeof(ServerChanged), "server")]
[JsonDerivedType(typeof(DowntimeSet), "downtime")]
[JsonDerivedType(typeof(DowntimeBegan), "downtimeBegan")]
[JsonDerivedType(typeof(DowntimeEnded), "downtimeEnded")]
[JsonDerivedType(typeof(IncidentOpened), "opened")]
[JsonDerivedType(typeof(IncidentMember), "member")]
[JsonDerivedType(typeof(IncidentRooted), "rooted")]
[JsonDerivedType(typeof(IncidentMerged), "merged")]
[JsonDerivedType(typeof(IncidentResolved), "resolved")]
[JsonDerivedType(typeof(IncidentAcknowledged), "acknowledged")]
[JsonDerivedType(typeof(AcknowledgementEnded), "acknowledgementEnded")]
[JsonDerivedType(typeof(NotificationDecided), "notification")]
[JsonDerivedType(typeof(NotificationHeld), "held")]
[JsonDerivedType(typeof(NotificationDelivered), "delivered")]
[JsonDerivedType(typeof(NotificationGivenUp), "givenUp")]
[JsonDerivedType(typeof(ChannelChanged), "channel")]
[JsonDerivedType(typeof(ActionBegun), "action")]
[JsonDerivedType(typeof(ActionEnded), "actionEnded")]
[JsonDerivedType(typeof(ActionHeld), "actionHeld")]
internal abstract record MonitorEvent
{
    public const int Version = 1;

    /// <summary>The version of this shape; whoever reads a higher one must not guess.</summary>
    public int V { get; init; } = Version;

    /// <summary>Counts up by one from event to event. An incident is called by the number of the event that opened it.</summary>
    public long Number { get; init; }

    /// <summary>When, by this machine's clock.</summary>
    public DateTimeOffset Time { get; init; }
}

/// <summary>Nobody looked from <paramref name="From"/> until the event's time; or the clock was set. That time counts for nothing.</summary>
internal sealed record MonitorBlind(DateTimeOffset From, BlindReason Reason) : MonitorEvent;

internal enum BlindReason
{
    /// <summary>The monitor was not running.</summary>
    Stopped,

    /// <summary>The monitor was held up, e.g. its machine slept; or the clock was set forward, which looks the same.</summary>
    Gap,

    /// <summary>The clock was set back.</summary>
    ClockSetBack,
}

/// <summary>Most servers and all anchors were gone at once: it is this machine that is cut off. Nothing is believed until it is back.</summary>
internal sealed record ObserverIsolated(int Failing, int Servers) : MonitorEvent;

/// <summary>This machine sees the network again.</summary>
internal sealed record ObserverReturned : MonitorEvent;

/// <summary>A result that said something new about a check.</summary>
internal sealed record CheckResult(CheckKey Key, HealthState State, double? Value, string? Message) : MonitorEvent;

/// <summary>Something about a check is certain now (a hard change).</summary>
/// <param name="Key">Which check.</param>
/// <param name="From">What was shown before.</param>
/// <param name="To">What is shown now.</param>
/// <param name="Level">How bad it is.</param>
/// <param name="Missing">Whether nobody knows.</param>
/// <param name="Flapping">Whether it flaps.</param>
/// <param name="Value">The value that decided it.</param>
/// <param name="Message">What the check said.</param>
internal sealed record CheckChanged(CheckKey Key, HealthState From, HealthState To, HealthState Level, bool Missing, bool Flapping, double? Value, string? Message) : MonitorEvent;

/// <summary>A check is made no longer: its rule, its server or its instance is gone.</summary>
/// <param name="Key">Which check.</param>
/// <param name="By">Who said so; <see langword="null"/> where the configuration did.</param>
/// <param name="Reason">Why, if anybody said.</param>
internal sealed record CheckDropped(CheckKey Key, string? By = null, string? Reason = null) : MonitorEvent;

/// <summary>A server can be reached (OK), cannot (Critical), or not be asked since what is in front of it is down (Unreachable).</summary>
internal sealed record ServerChanged(string Server, HealthState From, HealthState To) : MonitorEvent;

/// <summary>A downtime was set. It is called by the number of this event.</summary>
internal sealed record DowntimeSet(Downtime Downtime) : MonitorEvent;

/// <summary>The first problem within a flexible downtime began it.</summary>
internal sealed record DowntimeBegan(long Downtime) : MonitorEvent;

/// <summary>A downtime is over or was removed.</summary>
/// <param name="Downtime">Which.</param>
/// <param name="By">Who removed it; <see langword="null"/> where its time was over, or nobody said so.</param>
internal sealed record DowntimeEnded(long Downtime, string? By = null) : MonitorEvent;

/// <summary>A problem that belongs to no open incident opened one.</summary>
internal sealed record IncidentOpened(CheckKey Root) : MonitorEvent;

/// <summary>A check joined an incident, changed in it, or left it (State OK).</summary>
/// <param name="Incident">The incident.</param>
/// <param name="Key">The check.</param>
/// <param name="State">How it is.</param>
/// <param name="Folded">True if it comes from another member, or from the root: no news of its own.</param>
internal sealed record IncidentMember(long Incident, CheckKey Key, HealthState State, bool Folded) : MonitorEvent;

/// <summary>The cause of an incident is another one than was thought.</summary>
internal sealed record IncidentRooted(long Incident, CheckKey Root, bool News) : MonitorEvent;

/// <summary>An incident turned out to have the cause of another, and became part of it.</summary>
internal sealed record IncidentMerged(long Incident, long Into) : MonitorEvent;

/// <summary>Nothing of an incident is a problem any more.</summary>
internal sealed record IncidentResolved(long Incident) : MonitorEvent;

/// <summary>Somebody works on it.</summary>
internal sealed record IncidentAcknowledged(long Incident, Acknowledgement Acknowledgement) : MonitorEvent;

/// <summary>An acknowledgement holds no longer.</summary>
internal sealed record AcknowledgementEnded(long Incident, string Reason) : MonitorEvent;

/// <summary>Somebody is to be told. The event's number is the message's, which makes sending it twice detectable.</summary>
/// <param name="Route">Who is told.</param>
/// <param name="Kind">Why.</param>
/// <param name="Severity">The worst of what it is about.</param>
/// <param name="Title">The message's first line.</param>
/// <param name="Incidents">What it is about.</param>
internal sealed record NotificationDecided(string Route, NotificationKind Kind, HealthState Severity, string Title, IReadOnlyList<Notice> Incidents) : MonitorEvent
{
    /// <summary>Of a digest, its day: there is one a day.</summary>
    public DateOnly? Day { get; init; }
}

/// <summary>What a message tells of one incident.</summary>
internal sealed record Notice(long Incident, NotificationKind Kind, HealthState Severity, int Revision, bool Flapping, CheckKey Root, string Title)
{
    /// <summary>When the incident began: it may be forgotten when the message is written.</summary>
    public DateTimeOffset? Opened { get; init; }
}

/// <summary>Somebody is not told now; a later summary or digest makes up for it.</summary>
internal sealed record NotificationHeld(string Route, long Incident, HoldReason Reason, string Title) : MonitorEvent;

/// <summary>A channel took a message.</summary>
/// <param name="Notification">The message: the number of the event that decided it.</param>
/// <param name="Channel">The channel.</param>
internal sealed record NotificationDelivered(long Notification, string Channel) : MonitorEvent;

/// <summary>A message is not tried any more.</summary>
/// <param name="Notification">The message.</param>
/// <param name="Reason">Why.</param>
internal sealed record NotificationGivenUp(long Notification, string Reason) : MonitorEvent;

/// <summary>A channel does not take messages, or takes them again (<paramref name="Error"/> is <see langword="null"/>).</summary>
internal sealed record ChannelChanged(string Channel, string? Error) : MonitorEvent;

/// <summary>Something is done about a change; written before it is begun, so that it is never done twice.</summary>
/// <param name="Action">The action's name.</param>
/// <param name="Key">The check that changed.</param>
/// <param name="State">What it became.</param>
/// <param name="Incident">The incident, or 0.</param>
internal sealed record ActionBegun(string Action, CheckKey Key, HealthState State, long Incident) : MonitorEvent
{
    /// <summary>Whether it only looks.</summary>
    public bool Diagnosis { get; init; }
}

/// <summary>What was done is over.</summary>
/// <param name="Begun">The number of the event that began it.</param>
/// <param name="ExitCode">How its command ended; <see langword="null"/>: it could not be run, or did not end in time.</param>
/// <param name="Output">The end of what it printed, or what went wrong.</param>
internal sealed record ActionEnded(long Begun, int? ExitCode, string Output) : MonitorEvent
{
    /// <summary>What was looked at, where nothing else was done.</summary>
    public Look? Looked { get; init; }
}

/// <summary>A look at a server.</summary>
/// <param name="Action">What it is called.</param>
/// <param name="Key">The check that changed.</param>
/// <param name="Incident">The incident.</param>
internal sealed record Look(string Action, CheckKey Key, long Incident);

/// <summary>Something is not done.</summary>
/// <param name="Action">The action's name.</param>
/// <param name="Key">The check that changed.</param>
/// <param name="Reason">Why not.</param>
internal sealed record ActionHeld(string Action, CheckKey Key, string Reason) : MonitorEvent;

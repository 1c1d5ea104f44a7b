using System.Text.Json;
using ProdOps.Monitoring.Incidents;

namespace ProdOps.Monitoring.States;

/// <summary>A state as text, in an order of its own that does not depend on how it came about: equal states are equal texts.</summary>
internal sealed record MonitorSnapshot
{
    public int V { get; init; } = MonitorEvent.Version;
    public long LastNumber { get; init; }
    public DateTimeOffset LastTime { get; init; }
    public TimeSpan Skipped { get; init; }
    public DateTimeOffset? Isolated { get; init; }
    public IReadOnlyList<CheckEntry> Checks { get; init; } = [];
    public SortedDictionary<string, HealthState> Servers { get; init; } = [];
    public IReadOnlyList<Downtime> Downtimes { get; init; } = [];
    public IReadOnlyList<IncidentEntry> Incidents { get; init; } = [];
    public SortedDictionary<string, RouteState> Routes { get; init; } = [];
    public IReadOnlyList<NotificationDecided> Outbox { get; init; } = [];
    public SortedDictionary<string, string> DeadChannels { get; init; } = [];
    public IReadOnlyList<ActionRun> Actions { get; init; } = [];

    internal sealed record CheckEntry(CheckKey Key, CheckState State);

    internal sealed record MemberEntry(CheckKey Key, HealthState State);

    internal sealed record IncidentEntry(long Id, CheckKey Root, DateTimeOffset Opened, DateTimeOffset OpenedSteady, DateTimeOffset Joined, DateTimeOffset? Resolved,
        int Revision, DateTimeOffset News, Acknowledgement? Acknowledgement, IReadOnlyList<MemberEntry> Members, IReadOnlyList<MemberEntry> Peaks, SortedDictionary<string, Told> Told);
}

internal sealed partial class MonitorState
{
    private MonitorSnapshot Snapshot => new()
    {
        LastNumber = LastNumber, LastTime = LastTime, Skipped = Skipped, Isolated = Isolated, Servers = Servers, Routes = Routes,
        Checks = [.. from check in Checks orderby check.Key.Server, check.Key.Rule, check.Key.Instance select new MonitorSnapshot.CheckEntry(check.Key, check.Value)],
        Downtimes = [.. Downtimes.Values],
        Outbox = [.. Outbox.Values],
        DeadChannels = DeadChannels,
        Actions = Actions,
        Incidents =
        [
            .. from one in Incidents.Values
               select new MonitorSnapshot.IncidentEntry(one.Id, one.Root, one.Opened, one.OpenedSteady, one.Joined, one.Resolved, one.Revision, one.News, one.Acknowledgement,
                   Entries(one.Members), Entries(one.Peaks), one.Told),
        ],
    };

    public string ToJson() => JsonSerializer.Serialize(Snapshot, MonitorJson.Default.MonitorSnapshot);

    /// <summary>The same as UTF-8, piece by piece.</summary>
    public void WriteJson(Stream stream) => JsonSerializer.Serialize(stream, Snapshot, MonitorJson.Default.MonitorSnapshot);

    /// <summary>Reads what <see cref="WriteJson"/> wrote, so that not all events there ever were must be read to go on; <see langword="null"/> for anything else.</summary>
    /// <param name="json">The text, which has a length.</param>
    /// <param name="withChecks">Whether checks are wanted.</param>
    public static MonitorState? TryRead(Stream json, bool withChecks = true)
    {
        try
        {
            // As a whole: from a stream each value is looked through for its end before it is read.
            byte[] text = GC.AllocateUninitializedArray<byte>(checked((int)json.Length));
            json.ReadExactly(text);
            var state = new MonitorState();
            byte[] rest = SnapshotChecks.Take(text, withChecks ? state.Checks : null);
            return JsonSerializer.Deserialize(rest, MonitorJson.Default.MonitorSnapshot) is { V: MonitorEvent.Version, Checks: [] } snapshot ? Restore(snapshot, state) : null;
        }
        catch (Exception exception) when (exception is JsonException or NullReferenceException or ArgumentException)
        {
            // Damaged: the events are still there.
            return null;
        }
    }

    private static MonitorSnapshot.MemberEntry[] Entries(IReadOnlyDictionary<CheckKey, HealthState> states) => [.. states.Select(entry => new MonitorSnapshot.MemberEntry(entry.Key, entry.Value))];

    /// <param name="snapshot">All but the checks.</param>
    /// <param name="state">Has the checks.</param>
    private static MonitorState Restore(MonitorSnapshot snapshot, MonitorState state)
    {
        (state.LastNumber, state.LastTime, state.Skipped, state.Isolated) = (snapshot.LastNumber, snapshot.LastTime, snapshot.Skipped, snapshot.Isolated);
        foreach (var (server, reach) in snapshot.Servers) state.Servers[server] = reach;
        foreach (var downtime in snapshot.Downtimes) state.Downtimes[downtime.Id] = downtime;
        foreach (var (name, route) in snapshot.Routes) state.Routes[name] = route;
        foreach (var message in snapshot.Outbox) state.Outbox[message.Number] = message;
        foreach (var (channel, error) in snapshot.DeadChannels) state.DeadChannels[channel] = error;
        state.Actions.AddRange(snapshot.Actions);
        foreach (var one in snapshot.Incidents)
        {
            var incident = new Incident
            {
                Id = one.Id, Root = one.Root, Opened = one.Opened, OpenedSteady = one.OpenedSteady, Joined = one.Joined, Resolved = one.Resolved,
                Revision = one.Revision, News = one.News, Acknowledgement = one.Acknowledgement,
            };
            foreach (var (route, told) in one.Told) incident.Told[route] = told;
            foreach (var peak in one.Peaks) incident.Reach(peak.Key, peak.State);
            state.Incidents[one.Id] = incident;
            foreach (var member in one.Members) state.Join(incident, member.Key, member.State);
        }

        return state;
    }
}

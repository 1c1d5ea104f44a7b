using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Store;

/// <summary>What the monitor keeps of itself in the store: its events, what they add up to, and when it was last alive.</summary>
internal sealed class MonitorRecord(StoreFile file, EventStore events)
{
    private const string Alive = "SELECT value FROM setting WHERE name = 'alive'";
    private const string SetAlive = "INSERT INTO setting VALUES ('alive', $1) ON CONFLICT DO UPDATE SET value = excluded.value";
    // As an upsert it would be in memory twice.
    private const string SetSnapshot = "INSERT OR REPLACE INTO snapshot VALUES (1, $1, zeroblob($2))";
    private const string Snapshot = "SELECT id FROM snapshot WHERE number <= (SELECT coalesce(max(number), 0) FROM event)";

    /// <summary>When the monitor was last known to be alive.</summary>
    public DateTimeOffset? LastAlive => file.Read(static connection => connection.Number(Alive)) is { } moment ? DateTimeOffset.FromUnixTimeMilliseconds(moment) : null;

    public void Beat(DateTimeOffset now) => file.Write(connection => connection.Execute(SetAlive, now.ToUnixTimeMilliseconds()));

    /// <summary>Keeps events, which are numbered already as they follow those that are there.</summary>
    /// <param name="happened">The events.</param>
    /// <param name="answers">Answers to the requests that led to them: whoever is killed has written both or neither, so that nothing is carried out twice.</param>
    /// <exception cref="ProdOpsException">They could not be written; or others have been written in between, which means that two monitors run.</exception>
    public void Append(IReadOnlyList<MonitorEvent> happened, IReadOnlyList<RequestAnswered>? answers = null)
    {
        if (happened.Count == 0) return;
        events.Append([.. happened.Select(static one => new StoredEvent(0, one.Time, ServerOf(one), EventJson.KindOf(one), EventJson.Write(one)))], happened[0].Number, connection =>
        {
            foreach (var answered in answers ?? []) RequestTable.Answer(connection, answered);
        });
    }

    /// <summary>
    /// Keeps what the events up to now add up to: of a thousand servers twenty megabytes, which are nowhere as a whole. Memory that SQLite once had for them would stay with whichever thread it was.
    /// </summary>
    public void Save(MonitorState state)
    {
        using var length = new CountingStream();
        state.WriteJson(length);
        file.Write(connection =>
        {
            connection.Execute(SetSnapshot, state.LastNumber, length.Length);
            using var json = connection.OpenBlob("snapshot", "json", 1, readOnly: false);
            state.WriteJson(json);
            return true;
        });
    }

    /// <summary>What all events add up to.</summary>
    /// <exception cref="ProdOpsException">An event is not understood.</exception>
    public MonitorState Load(CancellationToken cancellationToken) => Load(withChecks: true, cancellationToken);

    /// <summary>What is announced by all events: what there is of checks, and of who comes and goes in incidents, is not read.</summary>
    /// <exception cref="ProdOpsException">An event is not understood.</exception>
    public IReadOnlyDictionary<long, Downtime> LoadDowntimes(CancellationToken cancellationToken) => Load(withChecks: false, cancellationToken).Downtimes;

    private MonitorState Load(bool withChecks, CancellationToken cancellationToken)
    {
        var state = LoadSaved(withChecks);
        foreach (var stored in events.Replay(state.LastNumber, cancellationToken)) state.Apply(EventJson.Read(stored.Json));
        return state;
    }

    /// <summary>What the events added up to when that was last kept; the events behind its last number are still to be taken in.</summary>
    /// <param name="withChecks">Whether checks are wanted.</param>
    public MonitorState LoadSaved(bool withChecks = true) => file.Read(connection =>
    {
        if (connection.Number(Snapshot) is not { } id) return null;
        using var json = connection.OpenBlob("snapshot", "json", id, readOnly: true);
        return MonitorState.TryRead(json, withChecks);
    }) ?? new MonitorState();

    private static string? ServerOf(MonitorEvent happened) => happened switch
    {
        CheckResult e => e.Key.Server,
        CheckChanged e => e.Key.Server,
        CheckDropped e => e.Key.Server,
        ServerChanged e => e.Server,
        IncidentOpened e => e.Root.Server,
        IncidentMember e => e.Key.Server,
        IncidentRooted e => e.Root.Server,
        ActionBegun e => e.Key.Server,
        ActionHeld e => e.Key.Server,
        _ => null,
    };
}

using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.History;

/// <summary>Events of the store as what they mean. Those of a later version are passed over, and told once at the end.</summary>
internal sealed class EventReader(EventStore events, IActivity activity)
{
    private const int Remembered = 4096;

    private readonly Dictionary<long, MonitorEvent?> _found = [];
    private readonly HashSet<long> _unknown = [];
    private readonly SortedSet<string> _unknownKinds = new(StringComparer.Ordinal);

    /// <summary>Whether an event was passed over that was not told yet.</summary>
    public bool HasPassedOver => _unknown.Count > 0;

    public IEnumerable<MonitorEvent> Read(EventQuery query, Func<StoredEvent, bool> wanted, CancellationToken cancellationToken) => Read(events.Query(query, cancellationToken), wanted);

    /// <summary>Those behind a number, in the order in which they were added.</summary>
    public IEnumerable<MonitorEvent> Replay(long after, Func<StoredEvent, bool> wanted, CancellationToken cancellationToken) => Read(events.Replay(after, cancellationToken), wanted);

    /// <summary>The event of a number; <see langword="null"/> if there is none, or one that is not understood.</summary>
    public MonitorEvent? Find(long number)
    {
        if (_found.TryGetValue(number, out var found)) return found;
        if (_found.Count >= Remembered) _found.Clear();
        return _found[number] = events.Find(number) is { } stored ? Parse(stored) : null;
    }

    /// <summary>Tells what was passed over.</summary>
    public void TellUnknown()
    {
        if (_unknown.Count == 0) return;
        activity.Warning($"{_unknown.Count} events are not understood and left out ({string.Join(", ", _unknownKinds)}): a later ProdOps has written them.");
        _unknown.Clear();
    }

    private IEnumerable<MonitorEvent> Read(IEnumerable<StoredEvent> stored, Func<StoredEvent, bool> wanted)
    {
        foreach (var one in stored)
        {
            if (wanted(one) && Parse(one) is { } happened) yield return happened;
        }
    }

    private MonitorEvent? Parse(StoredEvent stored)
    {
        try
        {
            return EventJson.Read(stored.Json);
        }
        catch (ProdOpsException)
        {
            _unknown.Add(stored.Number);
            _unknownKinds.Add(stored.Kind);
            return null;
        }
    }
}

using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Replay;

/// <summary>What a replay's events come to for one rule: when it fired, and what was told of it.</summary>
/// <param name="rule">The rule's name.</param>
/// <param name="rises">Whether more is worse.</param>
/// <param name="unit">The unit of what is compared with its thresholds.</param>
internal sealed class FiringLog(string rule, bool rises, string unit)
{
    private readonly List<Firing> _all = [];
    private readonly Dictionary<CheckKey, Firing> _open = [];
    private readonly Dictionary<CheckKey, (double Value, DateTimeOffset Time)> _worst = [];
    private readonly Dictionary<long, List<Firing>> _byIncident = [];

    /// <summary>How many messages there were that had to do with the rule.</summary>
    public int Messages { get; private set; }

    /// <summary>Takes in the readings that events may come of.</summary>
    public void Take(DateTimeOffset time, IReadOnlyList<Reading> readings)
    {
        foreach (var reading in readings)
        {
            if (reading.Key.Rule != rule || reading.Value is not { } value || !double.IsFinite(value)) continue;
            if (reading.State == HealthState.OK && !_open.ContainsKey(reading.Key)) _worst.Remove(reading.Key);
            else if (!_worst.TryGetValue(reading.Key, out var worst) || (rises ? value > worst.Value : value < worst.Value)) _worst[reading.Key] = (value, time);
        }
    }

    public void Take(IReadOnlyList<MonitorEvent> events)
    {
        foreach (var happened in events)
        {
            switch (happened)
            {
                case CheckChanged e when e.Key.Rule == rule: Change(e); break;
                case IncidentMember e when e.State != HealthState.OK && _open.TryGetValue(e.Key, out var member): Join(e.Incident, member); break;
                case IncidentOpened e when _open.TryGetValue(e.Root, out var root): Join(e.Number, root); break;
                case IncidentMerged e when _byIncident.Remove(e.Incident, out var merged): foreach (var firing in merged) Join(e.Into, firing); break;
                case NotificationDecided e: Tell(e); break;
            }
        }
    }

    /// <summary>All that fired, in the order of time.</summary>
    /// <param name="end">Where history ends.</param>
    public IEnumerable<HealthRuleFiring> Firings(DateTimeOffset end) => _all.OrderBy(firing => firing.From).Select(firing => new HealthRuleFiring
    {
        Rule = rule,
        Server = firing.Key.Server,
        Instance = firing.Key.Instance,
        State = firing.State,
        From = firing.From,
        To = firing.To,
        Duration = (firing.To ?? end) - firing.From,
        Peak = firing.Peak?.Value,
        PeakTime = firing.Peak?.Time,
        Unit = unit,
        Messages = firing.Messages,
    });

    private void Change(CheckChanged e)
    {
        bool bad = e.Level is HealthState.Warning or HealthState.Critical;
        if (bad && !_open.ContainsKey(e.Key)) _all.Add(_open[e.Key] = new Firing(e.Key, e.Time));
        if (!_open.TryGetValue(e.Key, out var firing)) return;
        if (e.Level > firing.State) firing.State = e.Level;
        if (_worst.TryGetValue(e.Key, out var worst)) firing.Peak = worst;
        if (bad) return;
        firing.To = e.Time;
        _open.Remove(e.Key);
        _worst.Remove(e.Key);
    }

    private void Join(long incident, Firing firing)
    {
        if (!_byIncident.TryGetValue(incident, out var members)) _byIncident[incident] = members = [];
        if (!members.Contains(firing)) members.Add(firing);
    }

    private void Tell(NotificationDecided message)
    {
        var about = new HashSet<Firing>();
        foreach (var notice in message.Incidents)
        {
            if (!_byIncident.TryGetValue(notice.Incident, out var members)) continue;
            // What is told while it goes on is about what goes on; the end is about all that was not told to be over yet.
            foreach (var firing in members.Where(firing => notice.Kind == NotificationKind.Recovery ? !firing.ToldOver.Contains(message.Route) : firing.To is null))
            {
                about.Add(firing);
                if (notice.Kind == NotificationKind.Recovery) firing.ToldOver.Add(message.Route);
            }
        }

        foreach (var firing in about) firing.Messages++;
        if (about.Count > 0) Messages++;
    }

    /// <summary>Ends the log: what still goes on has its worst value so far.</summary>
    public void Close()
    {
        foreach (var (key, firing) in _open) if (_worst.TryGetValue(key, out var worst)) firing.Peak = worst;
    }

    private sealed class Firing(CheckKey key, DateTimeOffset from)
    {
        public CheckKey Key => key;

        public DateTimeOffset From => from;

        public DateTimeOffset? To { get; set; }

        public HealthState State { get; set; }

        public (double Value, DateTimeOffset Time)? Peak { get; set; }

        public int Messages { get; set; }

        public HashSet<string> ToldOver { get; } = new(StringComparer.Ordinal);
    }
}

using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Incidents;

/// <summary>
/// The open incidents by what is looked for in them, so that of thousands not each is looked at for each problem. It is told of every event before that is taken in, and knows what the events add up to.
/// </summary>
internal sealed class IncidentIndex
{
    private static readonly SortedSet<long> None = [];

    private readonly MonitorState _state;
    private readonly MonitorPlan _plan;
    private readonly NotificationRoute[] _narrow;
    private readonly Dictionary<CheckKey, SortedSet<long>> _roots = [];
    private readonly Dictionary<string, SortedSet<long>> _servers = new(StringComparer.Ordinal), _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Name, long Incident), int> _onServer = [], _byRule = [];
    private readonly Dictionary<long, int[]> _ofRoute = [];
    private readonly SortedSet<long> _untold = [];

    public IncidentIndex(MonitorPlan plan, MonitorState state)
    {
        (_plan, _state) = (plan, state);
        _narrow = [.. plan.Routes.Where(static route => route.Servers.Count + route.Roles.Count > 0)];
        foreach (var incident in state.Incidents.Values.Where(static incident => incident.Resolved is null))
        {
            Open(incident.Id, incident.Root);
            if (incident.Told.Count > 0) _untold.Remove(incident.Id);
            foreach (var key in incident.Members.Keys) Count(incident.Id, key, 1);
        }
    }

    /// <summary>Those that nobody knows of, by their ids.</summary>
    public SortedSet<long> Untold => _untold;

    /// <summary>Those that have this cause.</summary>
    public SortedSet<long> WithRoot(CheckKey root) => _roots.GetValueOrDefault(root) ?? None;

    /// <summary>Those with a problem on a server.</summary>
    public SortedSet<long> OnServer(string server) => _servers.GetValueOrDefault(server) ?? None;

    /// <summary>Those with a problem by a rule.</summary>
    public SortedSet<long> ByRule(string rule) => _rules.GetValueOrDefault(rule) ?? None;

    /// <summary>Whether a route is for any of an incident's members.</summary>
    public bool Concerns(NotificationRoute route, Incident incident) => Array.IndexOf(_narrow, route) is var at && (at < 0 ? incident.Members.Count > 0 : _ofRoute.TryGetValue(incident.Id, out int[]? counts) && counts[at] > 0);

    /// <summary>Is told of an event that is about to be taken in.</summary>
    public void Foresee(MonitorEvent happened)
    {
        switch (happened)
        {
            case IncidentOpened e: Open(e.Number, e.Root); break;
            case IncidentRooted e when _state.Incidents.TryGetValue(e.Incident, out var rooted):
                Remove(_roots, rooted.Root, e.Incident);
                Add(_roots, e.Root, e.Incident);
                break;
            case IncidentMember e when _state.Incidents.TryGetValue(e.Incident, out var incident):
                bool was = incident.Members.ContainsKey(e.Key), becomes = e.State != HealthState.OK;
                if (was != becomes) Count(e.Incident, e.Key, becomes ? 1 : -1);
                break;
            case IncidentMerged e when _state.Incidents.TryGetValue(e.Incident, out var from):
                foreach (var key in from.Members.Keys)
                {
                    Count(e.Incident, key, -1);
                    Count(e.Into, key, 1);
                }

                if (from.Told.Count > 0) _untold.Remove(e.Into);
                Close(e.Incident);
                break;
            case IncidentResolved e: Close(e.Incident); break;
            case NotificationDecided e:
                foreach (var notice in e.Incidents) if (notice.Kind != NotificationKind.Recovery) _untold.Remove(notice.Incident);
                break;
        }
    }

    private void Open(long incident, CheckKey root)
    {
        Add(_roots, root, incident);
        _untold.Add(incident);
    }

    private void Close(long incident)
    {
        if (_state.Incidents.TryGetValue(incident, out var known)) Remove(_roots, known.Root, incident);
        _untold.Remove(incident);
        _ofRoute.Remove(incident);
    }

    private void Count(long incident, CheckKey key, int change)
    {
        Count(_onServer, _servers, key.Server, incident, change);
        Count(_byRule, _rules, key.Rule, incident, change);
        if (_narrow.Length == 0) return;
        if (!_ofRoute.TryGetValue(incident, out int[]? counts)) _ofRoute[incident] = counts = new int[_narrow.Length];
        for (int i = 0; i < counts.Length; i++) if (_plan.IsFor(_narrow[i], key.Server)) counts[i] += change;
    }

    private static void Count(Dictionary<(string Name, long Incident), int> counts, Dictionary<string, SortedSet<long>> sets, string name, long incident, int change)
    {
        int count = counts.GetValueOrDefault((name, incident)) + change;
        if (count > 0) counts[(name, incident)] = count;
        else counts.Remove((name, incident));
        if (count == 0) Remove(sets, name, incident);
        else if (count == 1 && change > 0) Add(sets, name, incident);
    }

    private static void Add<T>(Dictionary<T, SortedSet<long>> sets, T key, long incident)
        where T : notnull
    {
        if (!sets.TryGetValue(key, out var set)) sets[key] = set = [];
        set.Add(incident);
    }

    private static void Remove<T>(Dictionary<T, SortedSet<long>> sets, T key, long incident)
        where T : notnull
    {
        if (sets.TryGetValue(key, out var set) && set.Remove(incident) && set.Count == 0) sets.Remove(key);
    }
}

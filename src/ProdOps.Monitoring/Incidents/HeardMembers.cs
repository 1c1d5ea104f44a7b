using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Incidents;

/// <summary>What people may be told of an incident.</summary>
/// <param name="Severity">How bad the worst of it is.</param>
/// <param name="IsFlapping">Whether all of it comes and goes.</param>
/// <param name="Members">What it is; <see langword="null"/> for all that there is.</param>
internal readonly record struct Heard(HealthState Severity, bool IsFlapping, IReadOnlyList<CheckKey>? Members);

/// <summary>The members of incidents that may be told of: those that nobody announced, nor their cause. While nothing is announced these are all; else they are looked at when something has happened.</summary>
internal sealed class HeardMembers(MonitorState state, Causes causes)
{
    private readonly Dictionary<(long Incident, bool PastSilences), Heard> _known = [];
    private List<long> _active = [];
    private bool _isAnnounced, _isAnnouncedHere;
    private DateTimeOffset _now;
    private long _number = -1;

    /// <summary>Is called before a round of questions, within which no member changes.</summary>
    public void Begin(DateTimeOffset now)
    {
        _now = now;
        var active = new List<long>();
        (_isAnnounced, _isAnnouncedHere) = (false, false);
        foreach (var downtime in state.Downtimes.Values)
        {
            if (!downtime.IsActive(now)) continue;
            active.Add(downtime.Id);
            _isAnnounced = true;
            _isAnnouncedHere |= downtime.Source is null;
        }

        if (state.LastNumber == _number && active.SequenceEqual(_active)) return;
        (_number, _active) = (state.LastNumber, active);
        _known.Clear();
    }

    /// <param name="incident">The incident.</param>
    /// <param name="pastSilences">Whether an Alertmanager's silences do not count.</param>
    public Heard Of(Incident incident, bool pastSilences)
    {
        if (!(pastSilences ? _isAnnouncedHere : _isAnnounced)) return new Heard(incident.Severity, incident.Members.Count > 0 && incident.Flapping == incident.Members.Count, null);
        if (_known.TryGetValue((incident.Id, pastSilences), out var known)) return known;
        var members = incident.Members.Keys.Where(key => !state.IsInDowntime(key, _now, pastSilences) && !state.IsInDowntime(causes.RootOf(key), _now, pastSilences)).ToList();
        bool isFlapping = members.Count > 0 && members.TrueForAll(key => state.Checks.TryGetValue(key, out var check) && check.Flapping);
        return _known[(incident.Id, pastSilences)] = new Heard(Incident.WorstOf(members.Select(key => incident.Members[key])), isFlapping, members);
    }
}

using ProdOps.Monitoring.Incidents;
using ProdOps.Servers;

namespace ProdOps.Monitoring.States;

/// <summary>Readings become states of checks and servers.</summary>
internal sealed partial class HealthMonitor
{
    // What is not worth an event: when a check was last heard of, which servers are asked whether they are there, and which did not answer last.
    private readonly Dictionary<CheckKey, Sight> _seen = [];
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal), _silent = new(StringComparer.Ordinal);
    private readonly HashSet<CheckKey> _soft = [];
    private DateTimeOffset _swept;

    /// <summary>
    /// The servers that should be asked again soon, since something on them is not certain yet, or on what depends on them; and how soon by the rules: <see langword="null"/> for the usual.
    /// </summary>
    public IReadOnlyDictionary<string, HashSet<TimeSpan?>> UrgentServers()
    {
        var urgent = new Dictionary<string, HashSet<TimeSpan?>>(StringComparer.Ordinal);
        foreach (var key in _soft)
        {
            if (!State.Checks.TryGetValue(key, out var check) || SightOf(key) is not { } sight || !CheckMachine.IsUrgent(check, sight.Rule, State.Steady(_now))) continue;
            Add(key.Server, sight.Rule);
            if (_plan.Server(key.Server) is not { } server) continue;
            foreach (string other in server.Parents.Concat(server.DependsOn)) Add(other, sight.Rule);
        }

        return urgent;

        void Add(string server, HealthRule rule)
        {
            if (!urgent.TryGetValue(server, out var wishes)) urgent[server] = wishes = [];
            wishes.Add(rule.RetryInterval);
        }
    }

    /// <summary>Whether so many servers are gone that it could be this machine: then the anchors should be asked, and the round say so.</summary>
    public bool WantsAnchors(Round round) => IsMostGone(Hear(round, new HashSet<string>(_silent, StringComparer.Ordinal)));

    /// <summary>At how many servers nobody looked for so long that nothing is known of them, and how many there are. One that says nothing was looked at: this is the monitor's own doing.</summary>
    public (int Late, int All) Lateness() => (_asked.Count(server => _seen.TryGetValue(CheckKey.ReachabilityOf(server), out var sight) && Steady - sight.Last > CheckMachine.StaleAfter(sight.Rule)), _asked.Count);

    /// <summary>A monitor that goes on has seen nothing yet; everything gets the usual time to be heard of.</summary>
    private void Remember()
    {
        foreach (var (key, check) in State.Checks)
        {
            if (_plan.RuleOf(key) is { } rule) _seen[key] = new Sight(rule) { Last = Steady };
            if (check.IsSoft) _soft.Add(key);
            if (!key.IsReachability) continue;
            _asked.Add(key.Server);
            if (check.Last != HealthState.OK) _silent.Add(key.Server);
        }
    }

    private void DropWhatIsGone()
    {
        foreach (var key in State.Checks.Keys.Where(key => _plan.RuleOf(key) is null).ToList()) Drop(key);
        foreach (string server in State.Servers.Keys.Where(server => _plan.Server(server) is null).ToList()) Emit(new ServerChanged(server, State.Servers[server], HealthState.OK));
    }

    /// <summary>A monitor that was killed may have kept a change and not yet what follows from it.</summary>
    private void MakeGood()
    {
        if (State.Isolated is not null) return;
        JudgeServers();
        _changed.AddRange(State.Checks.Where(check => check.Value.Shown != HealthState.OK || State.IncidentOf.ContainsKey(check.Key)).Select(check => check.Key).Order(Incident.KeyOrder));
        _incidents.Settle(_changed, _now);
    }

    /// <summary>Somebody says that what a check looked at is gone for good, e.g. a disk that was taken out. Nothing else is looked at: whoever writes this alone knows no plan.</summary>
    /// <exception cref="ProdOpsException">There is no such check, or it would be there again at once.</exception>
    public IReadOnlyList<MonitorEvent> Forget(DateTimeOffset now, CheckKey key, string by, string? reason = null, bool force = false)
    {
        if (!State.Checks.TryGetValue(key, out var check)) throw MonitoringErrors.CheckNotMonitored(key.ToString());
        Begin(now);
        if (!force && !check.Missing) throw !key.IsReachability && State.Servers.ContainsKey(key.Server) ? MonitoringErrors.CheckOutOfReach(key) : MonitoringErrors.CheckMeasured(key);
        if (!force && IsHeard(key)) throw MonitoringErrors.CheckAnswers(key, check.Message ?? "");
        Drop(key, by, reason);
        if (key.IsReachability)
        {
            if (State.Servers.TryGetValue(key.Server, out var was)) Emit(new ServerChanged(key.Server, was, HealthState.OK));
            JudgeServers();
        }

        _incidents.Forget(key);
        return End();
    }

    private void Drop(CheckKey key, string? by = null, string? reason = null)
    {
        Emit(new CheckDropped(key, by, reason));
        _seen.Remove(key);
        _soft.Remove(key);
        if (key.IsReachability && _asked.Remove(key.Server)) _silent.Remove(key.Server);
        _causes.Note(key);
        _changed.Add(key);
    }

    /// <summary>Whether something answers for a check, be it only that it does not know.</summary>
    private bool IsHeard(in CheckKey key) => _seen.TryGetValue(key, out var sight) && sight.IsHeard && Steady - sight.Last <= CheckMachine.StaleAfter(sight.Rule);

    /// <summary>
    /// Whether a round is not to be believed: more than half of the servers, and three at least, are gone, and the anchors too. It is this machine that
    /// is cut off then, and everything stays as it was until it is back.
    /// </summary>
    private bool KeepApart(Round round)
    {
        bool gone = IsMostGone(Hear(round, _silent));
        if (State.Isolated is null)
        {
            if (!gone || round.AnchorsAnswer != false) return false;
            Emit(new ObserverIsolated(_silent.Count, _asked.Count));
            return true;
        }

        if (gone && round.AnchorsAnswer != true) return true;
        Emit(new ObserverReturned());
        return false;
    }

    private bool IsMostGone(HashSet<string> silent) => silent.Count >= 3 && silent.Count * 2 > _asked.Count;

    private HashSet<string> Hear(Round round, HashSet<string> silent)
    {
        foreach (var reading in round.Readings)
        {
            if (!reading.Key.IsReachability || _plan.Server(reading.Key.Server) is null) continue;
            _asked.Add(reading.Key.Server);
            if (reading.State == HealthState.OK) silent.Remove(reading.Key.Server);
            else silent.Add(reading.Key.Server);
        }

        return silent;
    }

    private void See(CheckKey key)
    {
        if (_seen.TryGetValue(key, out var sight)) sight.Hear(Steady);
    }

    private void Take(in Reading reading)
    {
        var key = reading.Key;
        if (SightOf(key) is not { } sight) return;
        var rule = sight.Rule;
        // A server that is gone explains what cannot be found out about it.
        if (reading.State == HealthState.Unknown && !key.IsReachability && !IsThere(key.Server)) return;
        sight.Hear(Steady);
        State.Checks.TryGetValue(key, out var check);
        bool isAlarm = check is not null && key.IsReachability && reading.State != HealthState.OK && ServersErrors.HostKeyAlarm(reading.Message) is { } alarm && alarm != ServersErrors.HostKeyAlarm(check.Message);
        if (check is null || isAlarm || CheckMachine.Matters(check, rule, reading.State))
        {
            Emit(new CheckResult(key, reading.State, reading.Value, reading.Message));
            check = State.Checks[key];
            if (isAlarm) Raise(key, check);
        }
        else if (check is { IsSoft: false, Flapping: false, Missing: false })
        {
            return;
        }

        var confirmed = CheckMachine.Confirm(check, rule, Steady);
        if (!ReferenceEquals(confirmed, check)) Change(key, check, confirmed, reading.Value, reading.Message);
        Track(key);
    }

    /// <summary>A server that people know to be gone is there again, and not the one it was: that is another matter, whoever works on the first.</summary>
    private void Raise(CheckKey key, CheckState check)
    {
        if (!State.IncidentOf.TryGetValue(key, out long incident)) return;
        Emit(new CheckChanged(key, check.Shown, check.Shown, check.Level, check.Missing, check.Flapping, check.Value, check.Message));
        if (State.Incidents[incident].Acknowledgement is { Sticky: false }) Emit(new AcknowledgementEnded(incident, "Another host key is there."));
        Emit(new IncidentRooted(incident, State.Incidents[incident].Root, News: true));
    }

    private void MissWhatIsStale()
    {
        // Every check is looked at once an interval.
        if (Steady - _swept < _plan.Settings.Interval && Steady >= _swept) return;
        _swept = Steady;
        foreach (var (key, sight) in _seen)
        {
            // While nobody looks at a server nothing else is heard of it, and that says it once: a monitor that is too busy would say it of each check of each server.
            var until = key.IsReachability ? Steady : LastLookAt(key.Server);
            if (until - sight.Last <= CheckMachine.StaleAfter(sight.Rule)) continue;
            if (!State.Checks.TryGetValue(key, out var check) || check.Missing || (!key.IsReachability && !IsThere(key.Server))) continue;
            Change(key, check, check with { Missing = true }, null, Silence(key, Steady - sight.Last));
            Track(key);
        }
    }

    private static string Silence(in CheckKey key, TimeSpan time)
    {
        string what = $"Nothing was heard of it for {HealthThreshold.Format(time.TotalSeconds, "s")}.";
        return key.IsReachability ? what : $"{what} If it is gone for good, Remove-HealthCheck forgets it.";
    }

    private void Change(CheckKey key, CheckState from, CheckState to, double? value, string? message)
    {
        Emit(new CheckChanged(key, from.Shown, to.Shown, to.Level, to.Missing, to.Flapping, value, message));
        _changed.Add(key);
    }

    private void Track(CheckKey key)
    {
        if (State.Checks[key].IsSoft) _soft.Add(key);
        else _soft.Remove(key);
        _causes.Note(key);
    }

    private Sight? SightOf(in CheckKey key)
    {
        if (_seen.TryGetValue(key, out var sight)) return sight;
        return _plan.RuleOf(key) is { } rule ? _seen[key] = new Sight(rule) : null;
    }

    /// <summary>Whoever looks at a server finds out at least whether it is there. What is no server is not looked at.</summary>
    private DateTimeOffset LastLookAt(string server) => _seen.TryGetValue(CheckKey.ReachabilityOf(server), out var sight) ? sight.Last : Steady;

    private bool IsThere(string server) => !State.Checks.TryGetValue(CheckKey.ReachabilityOf(server), out var check) || !check.IsBad;

    /// <summary>A server that is down behind servers that are down is unreachable: nobody knows how it is.</summary>
    private void JudgeServers()
    {
        foreach (var server in _plan.Servers)
        {
            var was = State.Servers.GetValueOrDefault(server.Name);
            bool down = State.LevelOf(CheckKey.ReachabilityOf(server.Name)) != HealthState.OK;
            var now = !down ? HealthState.OK : _causes.IsUnreachable(server.Name) ? HealthState.Unreachable : HealthState.Critical;
            if (now != was) Emit(new ServerChanged(server.Name, was, now));
        }
    }

    /// <summary>When a check was last heard of, in steady time.</summary>
    private sealed class Sight(HealthRule rule)
    {
        public HealthRule Rule => rule;

        public DateTimeOffset Last { get; set; }

        /// <summary>Whether it was heard of at all, and is not only waited for since the monitor began.</summary>
        public bool IsHeard { get; private set; }

        public void Hear(DateTimeOffset steady) => (Last, IsHeard) = (steady, true);
    }
}

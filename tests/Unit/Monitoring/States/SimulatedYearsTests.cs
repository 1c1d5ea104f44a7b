using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Tests.States;

/// <summary>Years of trouble, by chance and the same in every run: what must hold whatever happens.</summary>
public sealed class SimulatedYearsTests
{
    [Fact]
    public void Whatever_happens_nobody_is_told_twice_no_end_is_lost_and_what_is_missing_resolves_nothing()
    {
        // Rounds of ten seconds, five minutes and half an hour: three months in all, with trouble enough for as many years.
        Years[] all = [new(1, TimeSpan.FromSeconds(10)), new(2, TimeSpan.FromMinutes(5)), new(3, TimeSpan.FromMinutes(30))];
        foreach (var years in all) years.Run();
        for (int seed = 4; seed < Effort.Of(24, 4); seed++) new Years(seed, TimeSpan.FromSeconds(10 * Math.Pow(3, seed % 6))).Run();
        var events = all.SelectMany(years => years.Events).ToList();
        Assert.Contains(events, happened => happened is ObserverReturned);
        Assert.Contains(events, happened => happened is CheckChanged { Flapping: true });
        Assert.Contains(events, happened => happened is CheckChanged { Missing: true });
        Assert.Contains(events, happened => happened is DowntimeEnded);
        Assert.Contains(events, happened => happened is IncidentMerged);
        Assert.All(Enum.GetValues<NotificationKind>().Except([NotificationKind.Test, NotificationKind.Message]), kind => Assert.Contains(events, happened => happened is NotificationDecided sent && sent.Kind == kind));
        Assert.All(Enum.GetValues<BlindReason>(), reason => Assert.Contains(events, happened => happened is MonitorBlind blind && blind.Reason == reason));
    }

    private sealed class Years(int seed, TimeSpan interval)
    {
        private const int Steps = 4_000;

        private readonly Random _random = new(seed);
        private readonly MonitorPlan _plan = MakePlan(interval);
        private readonly Dictionary<CheckKey, HealthState?> _world = [];
        private readonly List<MonitorEvent> _events = [];
        private readonly Dictionary<CheckKey, DateTimeOffset> _lastHeard = [];
        private HealthMonitor _monitor = null!;
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private int _kept, _batch;

        public IReadOnlyList<MonitorEvent> Events => _events;

        public void Run()
        {
            _monitor = new HealthMonitor(_plan, new MonitorState());
            Keep(_monitor.Start(_now));
            foreach (var server in _plan.Servers)
            {
                _world[CheckKey.ReachabilityOf(server.Name)] = HealthState.OK;
                _world[new(server.Name, "http")] = HealthState.OK;
                _world[new(server.Name, "disk.used", "/")] = HealthState.OK;
            }

            for (int step = 0; step < Steps; step++)
            {
                Trouble();
                _now += interval;
                Round();
                if (_random.Next(200) == 0) Restart();
                if (_random.Next(300) == 0) _now += TimeSpan.FromDays(_random.Next(-400, 400));
            }

            // In the end all is well, and everybody is told so.
            foreach (var key in _world.Keys.ToList()) _world[key] = HealthState.OK;
            for (var end = _now + TimeSpan.FromHours(3) + (40 * interval); _now < end;)
            {
                _now += interval;
                Round();
            }

            Assert.Empty(_monitor.State.Incidents);
            Assert.All(_monitor.State.Checks.Values, check => Assert.Equal((HealthState.OK, false), (check.Shown, check.Flapping)));
            Judge();
        }

        private void Trouble()
        {
            if (_random.Next(30) != 0) return;
            var key = _world.Keys.ElementAt(_random.Next(_world.Count));
            switch (_random.Next(9))
            {
                case 0: _world[key] = null; break;
                case 1: _world[key] = HealthState.Unknown; break;
                case 2: _world[key] = HealthState.Critical; break;
                case 3: _world[key] = key.IsReachability ? HealthState.Critical : HealthState.Warning; break;
                case 4:
                    // A storm: the database takes all with it.
                    _world[CheckKey.ReachabilityOf("db1")] = HealthState.Critical;
                    foreach (var http in _world.Keys.Where(other => other.Rule == "http").ToList()) _world[http] = HealthState.Critical;
                    break;
                case 5:
                    foreach (var server in _plan.Servers) _world[CheckKey.ReachabilityOf(server.Name)] = HealthState.Critical;
                    break;
                default:
                    foreach (var healed in _world.Keys.Where(other => other.Server == key.Server || _random.Next(2) == 0).ToList()) _world[healed] = HealthState.OK;
                    break;
            }

            if (_random.Next(20) == 0) Keep(_monitor.SetDowntime(_now, new Downtime { Server = key.Server, From = _now, Until = _now.AddHours(_random.Next(1, 48)) }));
            if (_random.Next(10) == 0 && _monitor.State.Incidents.Values.FirstOrDefault(incident => incident.Resolved is null) is { } open)
                Keep(_monitor.Acknowledge(_now, open.Id, "ann", until: _now.AddHours(_random.Next(1, 24)), sticky: _random.Next(2) == 0));
        }

        private void Round()
        {
            // Some flap, whatever else they do.
            var readings = new List<Reading>();
            foreach (var (key, state) in _world)
            {
                bool down = !key.IsReachability && _world[CheckKey.ReachabilityOf(key.Server)] is not HealthState.OK;
                if (state is not { } said || (down && key.Rule != "http")) continue;
                if (said == HealthState.Critical && key.Server == "web2" && _random.Next(2) == 0) said = HealthState.OK;
                readings.Add(new Reading(key, said));
                if (said != HealthState.Unknown) _lastHeard[key] = _now;
            }

            bool mostGone = _monitor.WantsAnchors(new Round(_now, readings));
            Keep(_monitor.Observe(new Round(_now, readings) { AnchorsAnswer = mostGone ? _random.Next(2) == 0 : null }));
        }

        private void Restart()
        {
            bool disk = _random.Next(5) == 0;
            var state = MonitorState.Rebuild(disk ? _events.Select(happened => EventJson.Read(EventJson.Write(happened))) : _events);
            Assert.Equal(_monitor.State.ToJson(), state.ToJson());
            // Killed while it wrote: some of its last decisions are not on disk, and so nothing was done about them.
            int lost = _random.Next(_events.Count - _batch + 1);
            _events.RemoveRange(_events.Count - lost, lost);
            _kept = _events.Count;
            if (lost > 0) state = MonitorState.Rebuild(_events);
            var alive = _now;
            _now += TimeSpan.FromMinutes(_random.Next(0, 600));
            _monitor = new HealthMonitor(_plan, state);
            Keep(_monitor.Start(_now, alive));
        }

        private void Keep(IReadOnlyList<MonitorEvent> events)
        {
            _batch = _events.Count;
            _events.AddRange(events);
            for (; _kept < _events.Count; _kept++)
            {
                Assert.Equal(_kept + 1, _events[_kept].Number);
                // Missing data never resolve: an end of a problem has a good result of that very moment.
                if (_events[_kept] is CheckChanged { From: HealthState.Warning or HealthState.Critical, To: HealthState.OK or HealthState.Unknown } changed) Assert.Equal(_now, _lastHeard[changed.Key]);
            }
        }

        /// <summary>Reads all that was sent as its receivers do.</summary>
        private void Judge()
        {
            var merged = _events.OfType<IncidentMerged>().ToDictionary(one => one.Incident, one => one.Into);
            foreach (var route in _plan.Routes)
            {
                var open = new Dictionary<long, Notice>();
                foreach (var happened in _events)
                {
                    // Revisions are counted by each incident for itself.
                    if (happened is IncidentMerged merge && open.Remove(merge.Incident, out var known)) open.TryAdd(merge.Into, known with { Revision = 0 });
                    if (happened is not NotificationDecided sent || sent.Route != route.Name) continue;
                    Assert.Equal(sent.Incidents.Count, sent.Incidents.Select(notice => notice.Incident).Distinct().Count());
                    foreach (var notice in sent.Incidents)
                    {
                        bool first = !open.TryGetValue(notice.Incident, out var before);
                        Assert.Equal(first, notice.Kind is NotificationKind.Problem or NotificationKind.Escalation || (first && notice.Kind == NotificationKind.Flapping));
                        if (notice.Kind == NotificationKind.Worse) Assert.True(notice.Severity == HealthState.Critical);
                        if (notice.Kind == NotificationKind.Update) Assert.True(notice.Revision > before!.Revision);
                        if (notice.Kind == NotificationKind.Recovery) open.Remove(notice.Incident);
                        else open[notice.Incident] = notice;
                    }
                }

                Assert.Empty(open);
            }

            Assert.All(merged, one => Assert.NotEqual(one.Key, one.Value));
        }

        private static MonitorPlan MakePlan(TimeSpan interval)
        {
            var rules = new RuleSet(Simulation.Rules.Select(rule => rule with { Interval = interval, RecoverFor = interval }));
            MonitoredServer[] servers =
            [
                new("router"), new("db1") { Parents = ["router"], Roles = ["Database"] },
                .. Enumerable.Range(1, 4).Select(i => new MonitoredServer($"web{i}") { Parents = ["router"], DependsOn = ["db1"], Roles = ["App"] }),
            ];
            NotificationRoute[] routes =
            [
                new() { Name = "all", TimeZone = "UTC" }, new() { Name = "databases", Roles = ["Database"], MaxPerHour = 2, TimeZone = "UTC" },
                new() { Name = "boss", Severity = HealthState.Critical, After = TimeSpan.FromMinutes(40), DigestAt = new TimeOnly(8, 0), TimeZone = "UTC" },
                new() { Name = "nights", Quiet = [new QuietHours(new TimeOnly(18, 0), new TimeOnly(8, 0))], QuietForCritical = true, TimeZone = "UTC" },
            ];
            return new MonitorPlan(servers, rules, routes, new MonitorSettings { Interval = interval });
        }
    }
}

using ProdOps.Servers.Inventory;

namespace ProdOps.Recovery.Readiness.Items;

/// <summary>Whether somebody is told.</summary>
internal sealed class MonitoringItems(ReadinessFacts facts, DateTimeOffset now)
{
    private static readonly TimeSpan InTime = TimeSpan.FromMinutes(5), Late = TimeSpan.FromMinutes(15), FewestObserved = TimeSpan.FromDays(7), Soon = TimeSpan.FromDays(14), FewestForecast = TimeSpan.FromDays(1);

    private const int FewestAnswers = 100;

    public IEnumerable<(string Item, Func<Verdict?> Judge)> All =>
    [
        ("monitor-runs", Runs), ("monitor-servers", Servers), ("monitor-front-door", FrontDoor), ("monitor-two-ways", TwoWays), ("monitor-channels", Channels), ("monitor-told-in-time", ToldInTime),
        ("monitor-availability", Availability), ("monitor-response-time", ResponseTime), ("monitor-nothing-critical", NothingCritical), ("monitor-anchors", Anchors), ("monitor-disks", Disks),
    ];

    private ProdOpsEnvironment Environment => facts.Environment;

    private MonitoringOptions Options => facts.Environment.Monitoring;

    /// <summary>What is older than this was not seen just now.</summary>
    private TimeSpan Fresh => 3 * Options.Interval > TimeSpan.FromMinutes(2) ? 3 * Options.Interval : TimeSpan.FromMinutes(2);

    private bool IsFresh(DateTimeOffset? time, TimeSpan limit) => time is { } moment && moment <= now + Decay.Skew && now - moment <= limit;

    private bool IsAlive => IsFresh(facts.Monitor.Value?.LastAlive, Fresh);

    private const string Start = "Register-ProdOpsSchedule -HealthMonitor";

    private Verdict? Runs() => WithMonitor(monitor => monitor.LastAlive is not { } alive ? Verdict.Missing("no monitor has ever run at this store", Start)
        : Verdict.Seen(IsAlive ? 1 : 0, $"it gave its last sign of life {Ago(alive)}", monitor.LastAlive, alive, Start), Start);

    private Verdict? Servers() => WithMonitor(monitor =>
    {
        var latest = monitor.LatestOfServers.ToLookup(static sample => sample.Server, StringComparer.OrdinalIgnoreCase);
        return Verdict.Of([.. Environment.Servers.Select(server =>
        {
            var newest = latest[server.Name].MaxBy(static sample => sample.Time);
            return (newest is null ? Verdict.Missing("was never measured", $"Get-HealthStatus {Words.Argument(server.Name)}")
                : Verdict.Seen(IsFresh(newest.Time, Fresh + TimeSpan.FromMinutes(1)) ? 1 : 0, $"was last measured {Ago(newest.Time)}", newest, newest.Time, $"Get-HealthStatus {Words.Argument(server.Name)}")) with { Subject = server.Name };
        })], "every server is measured");
    }, Start);

    private Verdict? FrontDoor()
    {
        var doors = Environment.LoadBalancers;
        if (doors.Count > 0) return Verdict.Of([.. doors.Select(entry => OfDoor(ChecksOf(entry), $"'http://{entry.VirtualAddress ?? entry.FloatingAddress?.Address ?? entry.Servers.FirstOrDefault() ?? "www.example.org"}:{entry.Port}{entry.Check ?? "/"}'") with { Subject = entry.Name })], "all answer");
        return OfDoor([.. Options.Checks.Where(static check => check.Kind == HealthCheckKind.Http && IsHere(check))], "'https://www.example.org/'");
    }

    private Verdict OfDoor(IReadOnlyList<HealthCheckDefinition> checks, string address)
    {
        string advice = $"In environment.psd1: Monitoring = @{{ Checks = @( @{{ Name = 'front'; Http = {address} }} ) }}";
        if (checks.Count == 0) return Verdict.Missing("is not checked from here, as its clients see it", advice);
        if (facts.Monitor.Value is not { } monitor) return new Verdict { Score = 0.5, Message = $"has the check {checks[0].Name}; whether it runs is not known: {facts.Monitor.Problem}", Evidence = checks[0], Advice = Start };
        foreach (var check in checks)
        {
            if (monitor.Checks.Where(known => Is(known.Check, check.Name)).MaxBy(static known => known.Time) is not { } known || !IsFresh(known.Time, 3 * check.Interval + Fresh)) continue;
            return Verdict.Seen(known.State is HealthState.OK or HealthState.Maintenance or HealthState.Warning ? 1 : 0.5, $"is checked by {check.Name}, which is {known.State}", known, known.Time, $"Test-HealthCheck {Words.Argument(check.Name)}");
        }

        return new Verdict { Score = 0.5, Message = $"has the check {checks[0].Name}, of which the monitor knows nothing new", Evidence = checks[0], Advice = IsAlive ? $"Test-HealthCheck {Words.Argument(checks[0].Name)}" : Start };
    }

    /// <summary>Checks of this machine that go by the entry's address, or by a name that is no server's of its pool.</summary>
    private IReadOnlyList<HealthCheckDefinition> ChecksOf(LoadBalancerDefinition entry)
    {
        var behind = entry.Pool.Concat(Environment.Servers.Where(server => entry.Pool.Contains(server.Name, StringComparer.OrdinalIgnoreCase)).Select(static server => server.Address ?? server.Name)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. Options.Checks.Where(check => IsHere(check) && Host(check) is { Length: > 0 } host && !behind.Contains(host) && (entry.Mode == LoadBalancerMode.Http
            ? check.Kind == HealthCheckKind.Http
            : check.Kind is HealthCheckKind.Tcp && check.Target.EndsWith($":{entry.Port}", StringComparison.Ordinal)))];
    }

    private static string? Host(HealthCheckDefinition check) => check.Target.Contains('{') ? null
        : check.Kind == HealthCheckKind.Http ? Uri.TryCreate(check.Target, UriKind.Absolute, out var url) ? url.Host.Trim('[', ']') : null
        : check.Target[..Math.Max(0, check.Target.LastIndexOf(':'))];

    private static bool IsHere(HealthCheckDefinition check) => check.RunOn.Length == 0 || check.RunOn.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    private Verdict? TwoWays()
    {
        const string Advice = "In environment.psd1: Monitoring = @{ Notify = @( @{ Name = 'on-call'; Channel = 'mail', 'chat' } ) }";
        if (Options.Notify.Count == 0) return Verdict.Missing("nobody is told: there is no route", Advice);
        return Verdict.Of([.. Options.Notify.Select(route =>
        {
            var channels = Options.Channels.Where(channel => route.Channels.Any(pattern => NamePattern.IsMatch(pattern, channel.Name))).ToList();
            if (channels.Count < 2) return Verdict.Missing(channels.Count == 0 ? "has no channel" : $"has {channels[0].Name} alone: when that is dead, nobody is told", Advice) with { Subject = route.Name };
            var proofs = channels.Select(DeliveryOf).ToList();
            double proved = proofs.Select(proof => proof is var (_, time, delivered) && delivered ? Decay.Share(time, now) : 0).Min();
            var weakest = proofs.Where(static proof => proof is not null).OrderBy(static proof => proof!.Value.Time).FirstOrDefault();
            return new Verdict
            {
                Score = 0.5 + proved / 2, Message = $"has {Words.List(channels.Select(static channel => channel.Name))}{(proved >= 1 ? ", which have delivered" : "; not each has delivered a message of late")}", Evidence = weakest?.Evidence ?? route, Time = weakest?.Time, Decays = weakest is not null,
                Advice = $"Test-Notification -Route {Words.Argument(route.Name)}", Subject = route.Name,
            };
        })], "each has two ways");
    }

    private Verdict? Channels()
    {
        const string Advice = "In environment.psd1: Monitoring = @{ Channels = @{ mail = @{ Smtp = 'mail.example.org:587'; From = 'ops@example.org'; To = 'on-call@example.org' } } }";
        if (Options.Channels.Count == 0) return Verdict.Missing("there is no channel: nobody can be told", Advice);
        return Verdict.Of([.. Options.Channels.Select(channel =>
        {
            string advice = $"Test-Notification {Words.Argument(channel.Name)}";
            if (DeliveryOf(channel) is not var (evidence, time, delivered))
                return (facts.Notifications.Value is null && facts.Monitor.Value is null ? Verdict.Unknown(facts.Notifications.Problem, advice) : Verdict.Missing("has never delivered a message that is known here", advice)) with { Subject = channel.Name };
            return Verdict.Proved(delivered ? 1 : 0, delivered ? "delivered a message" : $"did not take a message ({(evidence as NotificationEvidence)?.Error})", evidence, time, now, advice) with { Subject = channel.Name };
        })], "all have delivered");
    }

    /// <summary>The newest message by a channel, a test or a real one.</summary>
    private (object Evidence, DateTimeOffset Time, bool Delivered)? DeliveryOf(NotificationChannel channel)
    {
        var test = (facts.Notifications.Value ?? []).Where(sent => Is(sent.Channel, channel.Name)).MaxBy(static sent => sent.Time);
        var real = (facts.Monitor.Value?.Sent ?? []).Where(sent => sent is { Status: DeliveryStatus.Delivered, Delivered: not null } && Is(sent.Channel, channel.Name)).MaxBy(static sent => sent.Delivered);
        if (real?.Delivered is { } at && !(test?.Time > at)) return (real, at, true);
        return test is null ? null : (test, test.Time, test.Delivered);
    }

    private Verdict? ToldInTime() => WithMonitor(monitor =>
    {
        if (monitor.LastIncident is not { } last) return Verdict.Unknown("no incident that somebody was to be told of is known: only one shows whether it works", "Test-Notification -Severity Critical");
        string advice = $"Get-Notification -After '{last.Opened.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}'";
        if (last.First is not { Delivered: { } told } first) return Verdict.Proved(0, $"of incident {last.Incident} nobody was told", (object?)last.First ?? last, last.Opened, now, advice);
        var took = told - last.Opened;
        return Verdict.Proved(took <= InTime ? 1 : took <= Late ? 0.5 : 0, $"incident {last.Incident} was told after {Words.Of(took)}", first, last.Opened, now, advice) with { Objective = Words.Of(InTime), Measured = Words.Of(took), Basis = ReadinessBasis.Measured };
    }, Start);

    private Verdict? Availability()
    {
        if (Environment.Objectives.Availability is not { } promised) return Verdict.Missing("no Availability was promised", "In environment.psd1: Objectives = @{ Availability = '99.9%' }");
        return WithMonitor(monitor =>
        {
            if (monitor.Availability is not { Availability: { } share } measured || measured.Available + measured.Down is not { Ticks: > 0 } observed) return Verdict.Missing("nobody looked: there is nothing to measure it by", Start) with { Objective = Words.Percent(promised) };
            bool isKept = measured.MeetsObjective == true;
            string what = $"{Words.Percent(share)} of {Words.Of(observed)} that somebody looked, {Words.Percent(promised)} were promised";
            return Verdict.Seen(isKept ? observed >= FewestObserved ? 1 : 0.5 : 0, what, measured, measured.To, "Measure-HealthStatus") with { Objective = Words.Percent(promised), Measured = Words.Percent(share), Basis = ReadinessBasis.Measured };
        }, Start);
    }

    private Verdict? ResponseTime()
    {
        if (Environment.Objectives.ResponseTime is not { } promised) return Verdict.Missing("no ResponseTime was promised", "In environment.psd1: Objectives = @{ ResponseTime = '300ms' }");
        return WithMonitor(monitor =>
        {
            if (monitor.Responses.Count == 0) return Verdict.Missing("no web address is measured", "In environment.psd1: Monitoring = @{ Checks = @( @{ Name = 'front'; Http = 'https://www.example.org/' } ) }");
            return Verdict.Of([.. monitor.Responses.Select(one =>
            {
                double score = !IsFresh(one.To, TimeSpan.FromDays(1)) || one.Percentile95 > promised ? 0 : one.Samples < FewestAnswers ? 0.5 : 1;
                return Verdict.Seen(score, $"answered 95 of 100 times within {Words.Of(one.Percentile95)} ({one.Samples} answers, the last {Ago(one.To)}); {Words.Of(promised)} were promised", one, one.To, $"Get-Metric http.time -Server {Words.Argument(one.Server)}")
                    with { Subject = $"{one.Check} of {one.Server}", Objective = Words.Of(promised), Measured = Words.Of(one.Percentile95), Basis = ReadinessBasis.Measured };
            })], "all answered in time");
        }, Start);
    }

    private Verdict? NothingCritical() => WithMonitor(monitor =>
    {
        if (!IsAlive) return Verdict.Unknown("no monitor runs that would know", Start);
        var critical = monitor.Open.Where(static open => open.State is HealthState.Critical or HealthState.Unreachable).ToList();
        if (critical.Count == 0) return Verdict.Seen(1, monitor.Open.Count == 0 ? "nothing is open" : $"{monitor.Open.Count} incidents are open, none of them critical", monitor.Open.Count > 0 ? monitor.Open[0] : monitor.LastAlive, monitor.LastAlive, "");
        return Verdict.Seen(0, $"{critical.Count} open: {critical[0].Server} {critical[0].Check} since {Ago(critical[0].Time)}", critical[0], critical[0].Time, "Get-HealthStatus");
    }, Start);

    private Verdict? Anchors()
    {
        const string Advice = "In environment.psd1: Monitoring = @{ Anchors = 'ping://192.0.2.1' }";
        if (Options.Anchors.Count == 0) return Verdict.Missing("there are no Anchors: this machine's gateways are asked, if they answer at all", Advice);
        if (facts.Anchors is not { } asked) return new Verdict { Score = 0.5, Message = $"{Words.List(Options.Anchors)} as the file says; whether they answer is asked with -Refresh", Evidence = Options, Advice = "Get-ProductionReadiness -Refresh" };
        if (asked.Value is not { } answers) return Verdict.Unknown(asked.Problem, Advice);
        return Verdict.Of([.. answers.Select(anchor => Verdict.Seen(anchor.Answers ? 1 : 0, anchor.Answers ? "answers" : "does not answer: it says nothing when the monitor is cut off", anchor, now, Advice) with { Subject = anchor.Address })], "all answer");
    }

    private Verdict? Disks() => WithMonitor(monitor =>
    {
        if (monitor.Disks.Count == 0) return Verdict.Unknown("no disk was measured", Start);
        return Verdict.Of([.. monitor.Disks.Select(disk =>
        {
            string advice = $"Get-MetricForecast disk.used -Server {Words.Argument(disk.Server)}{(disk.Instance is { } instance ? $" -Instance {Words.Argument(instance)}" : "")}", name = $"{disk.Server} {disk.Instance}".TrimEnd();
            bool isFull = disk.Reached is { } reached && reached <= now + Soon;
            var verdict = isFull && disk.Confidence >= ForecastConfidence.Medium ? Verdict.Seen(0, System.FormattableString.Invariant($"is full on {disk.Reached!.Value.UtcDateTime:yyyy-MM-dd} if it goes on like this"), disk, disk.To, advice)
                : isFull ? Verdict.Seen(0.5, System.FormattableString.Invariant($"may be full on {disk.Reached!.Value.UtcDateTime:yyyy-MM-dd}"), disk, disk.To, advice)
                : !IsFresh(disk.To, TimeSpan.FromDays(1)) ? Verdict.Unknown($"was last measured {Ago(disk.To)}", advice)
                : disk.To - disk.From < FewestForecast ? Verdict.Unknown($"was measured for {Words.Of(disk.To - disk.From)} only", advice)
                : Verdict.Seen(1, System.FormattableString.Invariant($"is {disk.Current:0} % full, and not full within two weeks"), disk, disk.To, advice);
            return verdict with { Subject = name };
        })], "none is full within two weeks");
    }, Start);

    private Verdict? WithMonitor(Func<MonitorFacts, Verdict?> judge, string advice) => facts.Monitor.Value is { } monitor ? judge(monitor) : Verdict.Unknown(facts.Monitor.Problem, advice);

    private string Ago(DateTimeOffset time) => $"{Words.Of(now > time ? now - time : TimeSpan.Zero)} ago";

    private static bool Is(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
}

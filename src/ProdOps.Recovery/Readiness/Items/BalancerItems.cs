namespace ProdOps.Recovery.Readiness.Items;

/// <summary>Whether a part can fail, and nobody notices.</summary>
internal sealed class BalancerItems(ReadinessFacts facts, DateTimeOffset now)
{
    /// <summary>Fewer requests say nothing of a load.</summary>
    private const long FewestRequests = 100;

    private static readonly string[] OfPlace = ["content", "headers", "session", "redirect", "clock", "data"];

    public IEnumerable<(string Item, Func<Verdict?> Judge)> All =>
    [
        ("balancer-redundant", Redundant), ("balancer-pool", Pool), ("balancer-health-check", HealthCheck), ("balancer-failover", Failover), ("balancer-server-failover", ServerFailover),
        ("balancer-load", Load), ("balancer-interchangeable", Interchangeable), ("balancer-certificates", Certificates), ("balancer-revisions", Revisions), ("balancer-rolling-update", RollingUpdate),
    ];

    private IReadOnlyList<LoadBalancerDefinition> Entries => facts.Environment.LoadBalancers;

    private static Verdict NoEntry => Verdict.Missing("there is no load balancer: a server that fails, or is updated, is noticed by everybody",
        "In environment.psd1: LoadBalancers = @{ web = @{ Servers = 'lb1', 'lb2'; VirtualAddress = '10.0.0.100'; Pool = 'role:App'; Check = '/health' } }");

    private Verdict? Redundant() => Entries.Count == 0 ? NoEntry : Each(static _ => true, entry =>
    {
        if (entry.Servers.Count < 2) return Verdict.Missing("has one balancer", $"In environment.psd1, in the load balancer {Words.Argument(entry.Name)}: Servers = 'lb1', 'lb2'");
        if (entry.VirtualAddress is null && entry.FloatingAddress is null) return Verdict.Missing("has no address that moves: clients of a balancer that is gone find nothing", $"In environment.psd1, in the load balancer {Words.Argument(entry.Name)}: VirtualAddress = '10.0.0.100'");
        return Declared("has a second balancer and an address that moves", FailoverOf(entry, toBalancer: true) is { Recovered: true } test ? (test, test.Time) : null, entry, FailoverNow(entry, "Balancer"));
    }, "all have a second balancer that took over in a test");

    private Verdict? Pool() => Entries.Count == 0 ? NoEntry : Each(static _ => true, entry =>
    {
        if (entry.Pool.Count < 2 || entry.Pool.Count <= entry.MinimumHealthy) return Verdict.Missing($"needs {entry.MinimumHealthy} of its {entry.Pool.Count} servers: none may fail", $"In environment.psd1, in the load balancer {Words.Argument(entry.Name)}: one more server in its Pool");
        var load = LoadOf(entry) is { } test && test.Servers.Count(static share => share.Requests > share.Failed) > entry.MinimumHealthy ? test : null;
        var findings = FindingsOf(entry, "health") is (var seen, var health) && health.All(static finding => finding.Status == LoadBalancerFindingStatus.Passed) ? seen : null;
        (object, DateTimeOffset)? proof = load is not null && !(findings?.Time > load.Start) ? (load, load.Start) : findings is not null ? (findings, findings.Time) : null;
        return Declared($"needs {entry.MinimumHealthy} of {entry.Pool.Count} servers", proof, entry, $"Test-LoadBalancer {Words.Argument(entry.Name)} -Readiness");
    }, "all have servers to spare, and they answer");

    private Verdict? HealthCheck() => Each(static entry => entry.Mode == LoadBalancerMode.Http, entry =>
    {
        if (entry.Check is null) return Verdict.Missing("checks a port alone: an application that answers only with errors stays in service", $"In environment.psd1, in the load balancer {Words.Argument(entry.Name)}: Check = '/health'");
        var proof = FindingsOf(entry, "health") is (var seen, var health) && health.All(static finding => finding.Status == LoadBalancerFindingStatus.Passed) ? seen : null;
        return Declared($"checks {entry.Check}", proof is null ? null : (proof, proof.Time), entry, $"Test-LoadBalancer {Words.Argument(entry.Name)} -Readiness");
    }, "all servers answer the check of their application");

    private Verdict? Failover() => Each(static _ => true, entry => entry.Servers.Count < 2
        ? Verdict.Missing("has no balancer that could take over", $"In environment.psd1, in the load balancer {Words.Argument(entry.Name)}: Servers = 'lb1', 'lb2'") : OfFailover(FailoverOf(entry, toBalancer: true), FailoverNow(entry, "Balancer")), "another balancer took over");

    private Verdict? ServerFailover() => Each(static _ => true, entry => OfFailover(FailoverOf(entry, toBalancer: false), FailoverNow(entry, "BackendServer")), "the others took over");

    private Verdict OfFailover(FailoverTestResult? test, string advice)
    {
        if (test is null) return Verdict.Missing("was never tested", advice);
        string promised = facts.Environment.Objectives.RecoveryTime is { } limit ? Words.Of(limit) : "", measured = Words.Of(test.Gap);
        bool isLate = facts.Environment.Objectives.RecoveryTime is { } most && test.Gap > most;
        string what = !test.Recovered ? $"went without an answer until {test.Service} on {test.Server} was started again"
            : $"lost {test.Failed} of {test.Requests} requests, {measured} without an answer, when {test.Service} stopped on {test.Server}{(test.Restored ? "" : "; it did not come back")}";
        return Verdict.Proved(!test.Recovered ? 0 : isLate || !test.Restored ? 0.5 : 1, what, test, test.Time, now, advice) with { Objective = promised, Measured = measured, Basis = ReadinessBasis.Measured };
    }

    private Verdict? Load() => Each(static entry => entry.Mode == LoadBalancerMode.Http, entry =>
    {
        string advice = $"Test-LoadBalancer {Words.Argument(entry.Name)} -Rate 100 -DurationSec 30";
        if (facts.LoadTests.Value is null) return Verdict.Unknown(facts.LoadTests.Problem, advice);
        if (LoadOf(entry) is not { } test) return Verdict.Missing($"was never tested with {FewestRequests} requests and more", advice);
        var promised = facts.Environment.Objectives.ResponseTime;
        double share = test.Failed > 0 ? 0 : promised is { } limit && test.Percentile95 <= limit ? 1 : 0.5;
        string what = System.FormattableString.Invariant($"{test.Failed} of {test.Requests} requests failed at {test.Rate:0} a second, 95 of 100 answers came within {Words.Of(test.Percentile95)}{(promised is { } most ? $", {Words.Of(most)} were promised" : ", and no ResponseTime was promised")}");
        return Verdict.Proved(share, what, test, test.Start, now, promised is null && test.Failed == 0 ? "In environment.psd1: Objectives = @{ ResponseTime = '300ms' }" : advice)
            with { Objective = promised is { } said ? Words.Of(said) : "", Measured = Words.Of(test.Percentile95), Basis = ReadinessBasis.Measured };
    }, "all answers were good, and in time");

    private Verdict? Interchangeable() => Each(static entry => entry.Mode == LoadBalancerMode.Http && entry.Pool.Count > 1, entry =>
    {
        string advice = $"Test-LoadBalancer {Words.Argument(entry.Name)} -Readiness";
        if (facts.LoadBalancers.Value is null) return Verdict.Unknown(facts.LoadBalancers.Problem, advice);
        if (FindingsOf(entry, OfPlace) is not (var seen, { Count: > 0 } findings)) return Verdict.Missing("was never looked at", advice);
        var worst = findings.MaxBy(static finding => finding.Status)!;
        double share = findings.Average(static finding => ShareOf(finding.Status));
        return Verdict.Proved(share, worst.Status == LoadBalancerFindingStatus.Passed ? "has servers that are alike" : $"{worst.Item}: {worst.Message}", seen, seen.Time, now, worst.Advice.Length > 0 && !worst.Advice.StartsWith("Test-", StringComparison.Ordinal) ? $"{advice}  # {worst.Advice}" : advice);
    }, "servers are alike");

    private Verdict? Certificates()
    {
        var measured = (facts.Monitor.Value?.Certificates ?? []).Where(sample => sample.Time > now.AddDays(-2) && sample.Time <= now + Decay.Skew)
            .Select(sample => OfDays(sample.Value - Math.Max(0, (now - sample.Time).TotalDays), sample, sample.Time) with { Subject = $"{sample.Server} {sample.Instance}".TrimEnd() });
        var looked = Entries.Where(static entry => entry.Certificate is not null).Select(entry =>
        {
            string advice = $"Test-LoadBalancer {Words.Argument(entry.Name)} -Readiness";
            if (FindingsOf(entry, "certificate") is not (var seen, { Count: > 0 } findings)) return (facts.LoadBalancers.Value is null ? Verdict.Unknown(facts.LoadBalancers.Problem, advice) : Verdict.Missing("has a certificate that nobody looked at", advice)) with { Subject = entry.Name };
            var worst = findings.MaxBy(static finding => finding.Status)!;
            return Verdict.Proved(ShareOf(worst.Status), worst.Message, seen, seen.Time, now, worst.Status == LoadBalancerFindingStatus.Passed ? advice : $"Update-LoadBalancerCertificate {Words.Argument(entry.Name)} -Path NEW.pem") with { Subject = entry.Name };
        });
        return Verdict.Of([.. measured, .. looked], "all are valid for a while");
    }

    private static Verdict OfDays(double days, MetricSample sample, DateTimeOffset time) => Verdict.Seen(
        days >= 21 ? 1 : days >= 7 ? 0.5 : 0, days < 0 ? "has ended" : System.FormattableString.Invariant($"ends in {Math.Floor(days):0} days"), sample, time, "Renew it, and see that what renews it runs: Get-HealthCheck");

    private Verdict? Revisions() => Each(static _ => true, entry =>
    {
        string advice = $"Publish-LoadBalancer {Words.Argument(entry.Name)}";
        if (!entry.IsManaged) return Verdict.Missing("has a configuration that was written by hand: what it was before is not kept", $"{advice} -WhatIf");
        if (facts.Publications.Value is not { } all) return Verdict.Unknown(facts.Publications.Problem, advice);
        // One balancer that takes it does not speak for another one that did not.
        var newest = all.Where(one => one.LoadBalancer.Split(',', StringSplitOptions.TrimEntries).Contains(entry.Name, StringComparer.OrdinalIgnoreCase) && entry.Servers.Contains(one.Server, StringComparer.OrdinalIgnoreCase))
            .GroupBy(static one => one.Server, StringComparer.OrdinalIgnoreCase).Select(static of => of.MaxBy(static one => one.Time)!).OrderBy(IsPut).ThenByDescending(static one => one.Time).FirstOrDefault();
        if (newest is null) return new Verdict { Score = 0.5, Message = "is managed here, and was not published from here", Evidence = entry, Advice = advice };
        return Verdict.Proved(IsPut(newest) ? 1 : 0, IsPut(newest) ? $"serves revision {newest.Revision} on {newest.Server}, published" : $"could not be published on {newest.Server}", newest, newest.Time, now, advice);

        static bool IsPut(LoadBalancerPublication one) => one.Status is LoadBalancerPublicationStatus.Published or LoadBalancerPublicationStatus.Unchanged;
    }, "all are published from revisions");

    private Verdict? RollingUpdate() => Each(static entry => entry.Pool.Count > 1, entry =>
    {
        string advice = $"Invoke-RollingUpdate {Words.Argument(entry.Name)} -ScriptBlock {{ 'the update of one server' }} -WhatIf";
        if (facts.RollingUpdates.Value is not { } updates) return Verdict.Unknown(facts.RollingUpdates.Problem, advice);
        var last = updates.Where(update => Is(update.LoadBalancer, entry) && update.Members.All(member => entry.Pool.Contains(member, StringComparer.OrdinalIgnoreCase))).MaxBy(static update => update.Time);
        if (last is null) return Verdict.Missing("was never updated server by server", advice);
        if (last.Failure.Length > 0) return Verdict.Proved(0, $"{last.Update}: {last.Failure}", last, last.Time, now, last.IsOver ? advice : $"Invoke-RollingUpdate -Resume {Words.Argument(last.Update)}");
        if (!last.IsOver) return Verdict.Proved(0.5, $"{last.Update} was not brought to its end", last, last.Time, now, $"Invoke-RollingUpdate -Resume {Words.Argument(last.Update)}");
        return Verdict.Proved(1, $"{last.Update} brought {last.Servers} servers through, with no more errors than before", last, last.Time, now, advice);
    }, "the last ones lost nothing");

    private Verdict? Each(Func<LoadBalancerDefinition, bool> applies, Func<LoadBalancerDefinition, Verdict> judge, string good) =>
        Verdict.Of([.. Entries.Where(applies).Select(entry => judge(entry) with { Subject = entry.Name })], good);

    private Verdict Declared(string message, (object Evidence, DateTimeOffset Time)? proof, LoadBalancerDefinition entry, string advice) => Verdict.Declared(message, proof, entry, now, advice);

    private FailoverTestResult? FailoverOf(LoadBalancerDefinition entry, bool toBalancer) => (facts.Failovers.Value ?? [])
        .Where(test => Is(test.LoadBalancer, entry) && test.Stopped != FailoverTarget.BackendServer == toBalancer).MaxBy(static test => test.Time);

    private LoadTestResult? LoadOf(LoadBalancerDefinition entry) =>
        (facts.LoadTests.Value ?? []).Where(test => test.LoadBalancer is { } name && Is(name, entry) && test.Requests >= FewestRequests).MaxBy(static test => test.Start);

    private (LoadBalancerReadiness Seen, IReadOnlyList<LoadBalancerFinding> Findings)? FindingsOf(LoadBalancerDefinition entry, params string[] items)
    {
        var seen = (facts.LoadBalancers.Value ?? []).Where(one => Is(one.LoadBalancer, entry)).MaxBy(static one => one.Time);
        return seen?.Findings.Where(finding => items.Contains(finding.Item)).ToList() is { Count: > 0 } found ? (seen, found) : null;
    }

    private static double ShareOf(LoadBalancerFindingStatus status) => status switch { LoadBalancerFindingStatus.Passed => 1, LoadBalancerFindingStatus.Warning => 0.5, _ => 0 };

    private static bool Is(string name, LoadBalancerDefinition entry) => name.Equals(entry.Name, StringComparison.OrdinalIgnoreCase);

    private static string FailoverNow(LoadBalancerDefinition entry, string part) => $"Test-LoadBalancer {Words.Argument(entry.Name)} -Failover -Stop {part}";
}

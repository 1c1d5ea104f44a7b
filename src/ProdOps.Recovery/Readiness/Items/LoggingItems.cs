using ProdOps.Servers.Inventory;

namespace ProdOps.Recovery.Readiness.Items;

/// <summary>Whether it can be seen what happened.</summary>
internal sealed class LoggingItems(ReadinessFacts facts, DateTimeOffset now)
{
    private static readonly TimeSpan Young = TimeSpan.FromHours(1), Old = TimeSpan.FromDays(1), Slack = TimeSpan.FromDays(2);

    public IEnumerable<(string Item, Func<Verdict?> Judge)> All =>
        [("log-servers", Servers), ("log-recent", Recent), ("log-retention", Retention), ("log-clocks", Clocks), ("log-alert", Alert), ("log-readable", Readable)];

    private ProdOpsEnvironment Environment => facts.Environment;

    private LoggingOptions Options => facts.Environment.Logging;

    private Verdict? Servers() => EachServer((server, sources) => sources.Count == 0 ? Verdict.Missing("has no lines in the store", SyncNow(server))
        : Verdict.Proved(1, $"has lines of {Words.List(sources.Select(static source => source.Source))}, the last collected", Newest(sources)!, Newest(sources)!.Received ?? now, now, SyncNow(server)), "every server's logs are collected");

    private Verdict? Recent() => EachServer((server, sources) =>
    {
        if (Newest(sources) is not { Received: { } received } newest) return Verdict.Missing("has no lines in the store", SyncNow(server));
        bool isAhead = received > now + Decay.Skew;
        return Verdict.Seen(isAhead ? 0 : now - received <= Young ? 1 : now - received <= Old ? 0.5 : 0, isAhead ? "has lines from the future" : $"has lines of {newest.Source} that came {Words.Of(now > received ? now - received : TimeSpan.Zero)} ago", newest, received, SyncNow(server));
    }, "all are recent");

    private Verdict? Retention()
    {
        if (Options.Retention is null && !(Options.Sources.Count > 0 && Options.Sources.All(static source => source.Retention is not null)))
            return Verdict.Missing("no Retention is set: logs are kept until the disk is full", "In environment.psd1: Logging = @{ Retention = '90d' }");
        return WithLogs(logs =>
        {
            if (logs.Sources.Count == 0) return new Verdict { Score = 0.5, Message = "it is set, and there are no lines that it could be kept for", Evidence = Options, Advice = "Sync-Log" };
            return Verdict.Of([.. logs.Sources.Select(source =>
            {
                var limit = Options.Sources.FirstOrDefault(one => NamePattern.IsMatch(one.Name, source.Source))?.Retention ?? Options.Retention;
                var oldest = source.From ?? now;
                var age = now > oldest ? now - oldest : TimeSpan.Zero;
                // A segment goes as a whole, and what is held stays.
                bool isKept = limit is null || age <= limit + Slack || source.Holds.Count > 0;
                return Verdict.Seen(isKept ? 1 : 0.5, isKept ? $"goes back {Words.Of(age)} of {(limit is { } most ? Words.Of(most) : "any time")}" : $"goes back {Words.Of(age)}, though {Words.Of(limit!.Value)} are to be kept", source, oldest, "Remove-Log -WhatIf") with { Subject = $"{source}" };
            })], "it is set, and older lines are gone");
        });
    }

    private Verdict? Clocks()
    {
        string limit = Words.Of(Options.ClockSkewLimit);
        if (facts.Clocks is null && facts.Monitor.Value is null) return Verdict.Unknown(facts.Monitor.Problem, "Get-ServerClock *");
        var clocks = (facts.Clocks?.Value ?? []).ToLookup(static clock => clock.Server, StringComparer.OrdinalIgnoreCase);
        var offsets = (facts.Monitor.Value?.ClockOffsets ?? []).ToLookup(static sample => sample.Server, StringComparer.OrdinalIgnoreCase);
        return Verdict.Of([.. Environment.Servers.Select(server =>
        {
            string advice = $"Get-ServerClock {Words.Argument(server.Name)}";
            (TimeSpan Offset, object Evidence, DateTimeOffset Time)? measured =
                clocks[server.Name].FirstOrDefault() is { } clock ? (clock.Offset, clock, now)
                : offsets[server.Name].Where(sample => now - sample.Time <= Old && sample.Time <= now + Decay.Skew).MaxBy(static sample => sample.Time) is { } sample && double.IsFinite(sample.Value) && Math.Abs(sample.Value) < 1e9
                    ? (TimeSpan.FromSeconds(sample.Value), sample, sample.Time) : null;
            if (server.IsLocal && measured is null) return Verdict.Seen(1, "is this machine: all others are measured against it", server, now, advice) with { Subject = server.Name };
            if (measured is not var (offset, evidence, time)) return Verdict.Unknown("has a clock that nobody has measured since yesterday", advice) with { Subject = server.Name };
            return Verdict.Seen(offset.Duration() <= Options.ClockSkewLimit ? 1 : 0, $"has a clock that is {Words.Of(offset.Duration())} off, {limit} are allowed", evidence, time, advice)
                with { Subject = server.Name, Objective = limit, Measured = Words.Of(offset.Duration()), Basis = ReadinessBasis.Measured };
        })], "all are right");
    }

    private Verdict? Alert()
    {
        var check = Environment.Monitoring.Checks.FirstOrDefault(static check => check.Kind == HealthCheckKind.Log);
        if (check is null) return Verdict.Missing("no check looks at logs", "In environment.psd1: Monitoring = @{ Checks = @( @{ Name = 'errors'; Log = 'error OR fatal'; Window = '5m'; Critical = '> 50' } ) }");
        if (facts.Monitor.Value?.Checks.Where(known => Is(known.Check, check.Name)).MaxBy(static known => known.Time) is { } seen && now - seen.Time <= Young && seen.Time <= now + Decay.Skew)
            return Verdict.Seen(1, $"{check.Name} looks at logs, and is {seen.State}", seen, seen.Time, $"Test-HealthCheck {Words.Argument(check.Name)}");
        return new Verdict { Score = 0.5, Message = $"{check.Name} is to look at logs; no monitor has seen it do so", Evidence = check, Advice = $"Test-HealthCheck {Words.Argument(check.Name)}" };
    }

    private Verdict? Readable() => WithLogs(logs =>
    {
        if (logs.Problems.Count > 0) return Verdict.Seen(0, logs.Problems[0], logs.Sources.Count > 0 ? logs.Sources[0] : null, now, "Repair-LogStore -WhatIf");
        if (logs.Sources.Count == 0) return Verdict.Missing("it is empty", "Sync-Log");
        return Verdict.Seen(1, System.FormattableString.Invariant($"{logs.Sources.Sum(static source => source.Entries):N0} entries of {logs.Sources.Count} sources"), logs.Sources[0], now, "");
    });

    private Verdict? EachServer(Func<Server, IReadOnlyList<LogStoreSource>, Verdict> judge, string good) => WithLogs(logs =>
    {
        var sources = logs.Sources.Where(static source => source.Entries > 0).Index().ToLookup(static one => one.Item.Server, StringComparer.OrdinalIgnoreCase);
        return Verdict.Of([.. Environment.Servers.Select(server => judge(server, Of(server)) with { Subject = server.Name })], good);

        // What a receiver took is under the name that the sender calls itself; what was collected under the environment's.
        IReadOnlyList<LogStoreSource> Of(Server server) => [.. sources[server.Name].Concat(server.Address is { } address && !Is(address, server.Name) ? sources[address] : []).OrderBy(static one => one.Index).Select(static one => one.Item)];
    });

    private Verdict? WithLogs(Func<LogFacts, Verdict?> judge) => facts.Logs.Value is { } logs ? judge(logs) : Verdict.Unknown(facts.Logs.Problem, "Get-LogStore");

    private static LogStoreSource? Newest(IReadOnlyList<LogStoreSource> sources) => sources.MaxBy(static source => source.Received ?? DateTimeOffset.MinValue);

    private static string SyncNow(Server server) => $"Sync-Log {Words.Argument(server.Name)}";

    private static bool Is(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
}

using ProdOps.Backup.Sets;

namespace ProdOps.Recovery.Readiness.Items;

/// <content>What was tested, measured and copied.</content>
internal sealed partial class BackupItems
{
    /// <summary>So far back it is measured how far snapshots are apart, as Get-Backup -Latest does.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromDays(30);

    private Verdict? RecoveryPoint()
    {
        const string Advice = "In environment.psd1: Objectives = @{ RecoveryPoint = '1h' }";
        return Each(one =>
        {
            if (Promised(one.Set) is not { } promised) return Verdict.Missing("has no RecoveryPoint: nobody has said how much work may be lost", Advice);
            string objective = Words.Of(promised);
            if (Newest(one) is not { } newest) return (RunsUnknown ?? Verdict.Missing("has no backup that is known here", RunNow(one.Set))) with { Objective = objective };
            var (gap, lately, basis) = Gap(one, newest);
            double score = gap <= promised ? basis == ReadinessBasis.Measured ? 1 : 0.5 : lately <= promised ? 0.5 : 0;
            string how = basis == ReadinessBasis.Measured ? "up to {0} were between two backups" : "up to {0} are between two backups by its schedule, and only one is known";
            string message = string.Format(System.Globalization.CultureInfo.InvariantCulture, how, Words.Of(gap)) + $"; {objective} were promised" + (gap > promised && lately <= promised ? $", and kept in the last week ({Words.Of(lately)})" : "");
            return Verdict.Seen(score, message, newest.Evidence, newest.Time, gap > promised ? $"In environment.psd1, in the set {Words.Argument(one.Set.Name)}: a Schedule that is more often" : RunNow(one.Set)) with { Objective = objective, Measured = Words.Of(gap), Basis = basis };
        }, "no more can be lost than was promised");
    }

    /// <summary>The longest time between two snapshots, with how long the later one took: until it is there, the one before is what there is. In the last 30 days, and in the last 7.</summary>
    private (TimeSpan Gap, TimeSpan Lately, ReadinessBasis Basis) Gap(SetOnServer one, Snapshot newest)
    {
        var since = _now > newest.Time ? _now - newest.Time : TimeSpan.Zero;
        var (gap, lately) = (since, since);
        Snapshot[] all = [.. Snapshots(one)];
        for (int i = 0; i + 1 < all.Length && all[i].Time > _now - Window; i++)
        {
            var between = all[i].Time + all[i].Duration - all[i + 1].Time;
            if (between > gap) gap = between;
            if (all[i].Time > _now - TimeSpan.FromDays(7) && between > lately) lately = between;
        }

        if (StateOf(one) is { LargestGap: { } largest, RecentCount: > 1 }) return (largest > gap ? largest : gap, lately, ReadinessBasis.Measured);
        if (all.Length > 1) return (gap, lately, ReadinessBasis.Measured);
        if (SetSeries.NextAfter(one.Set, newest.Time, _facts.Zone) is { } next && SetSeries.NextAfter(one.Set, next, _facts.Zone) is { } later && later - next + newest.Duration is var planned && planned > gap) (gap, lately) = (planned, planned);
        return (gap, lately, ReadinessBasis.Assumed);
    }

    private Verdict? StructureTest() => EachRepository(name => NewestTest(name) is not { } test ? NoTest(name)
        : Verdict.Proved(test.Passed ? 1 : 0, test.Passed ? "passed" : $"failed ({test.Problem})", test, test.Time, _now, test.Passed ? TestNow(name) : $"Repair-Backup -Repository {Words.Argument(name)} -WhatIf"), "all passed");

    private Verdict? Usual() => EachRepository(name =>
    {
        if (NewestTest(name) is not { } test) return NoTest(name);
        string message = test.Anomalies.Count == 0 ? "no newest backup was unlike those before it" : $"is unlike those before it: {test.Anomalies[0]}";
        return Verdict.Proved(test.Anomalies.Count == 0 ? 1 : 0, message, test, test.Time, _now, test.Anomalies.Count == 0 ? TestNow(name) : $"({TestNow(name)}).Anomalies");
    }, "none was unlike");

    private Verdict? RestoreTest() => EachSet(set =>
    {
        string advice = $"Test-Backup -Restore -Repository {Words.Argument(set.Repository)} -Tag {Words.Argument(SetSeries.TagOf(set))}";
        if (_facts.BackupTests.Value is null && _facts.Restores.Value is null) return Verdict.Unknown(_facts.BackupTests.Problem, advice);
        var test = (_facts.BackupTests.Value ?? []).Where(one => one.Kind == BackupTestKind.Restore && one.Sets.Contains(set.Name, StringComparer.OrdinalIgnoreCase)).MaxBy(static one => one.Time);
        var restore = (_facts.Restores.Value ?? []).Where(one => one.Sets.Contains(set.Name, StringComparer.OrdinalIgnoreCase)).MaxBy(static one => one.Time);
        // A failed test is not made up for by an older one that passed.
        if (test is { Passed: false } && !(restore?.Time > test.Time)) return Verdict.Proved(0, $"could not be restored ({test.Problem})", test, test.Time, _now, advice);
        if (restore is { Errors: > 0 } && !(test?.Time > restore.Time)) return Verdict.Proved(0, $"was restored to {restore.Server} with {restore.Errors} errors", restore, restore.Time, _now, advice);
        Verdict? tested = test is { Passed: true } ? Tested(set, test, advice) : null, restored = restore is { Errors: 0 } ? Restored(set, restore, advice) : null;
        return (tested?.Score ?? -1) >= (restored?.Score ?? -1) ? tested ?? Verdict.Missing("was never restored in a test", advice) : restored!;
    }, "all were restored");

    private Verdict Tested(BackupSet set, BackupTestEvidence test, string advice) => HasDatabases(set) && test.Databases.Count == 0
        ? Verdict.Proved(0.5, "was restored, but its databases were not loaded", test, test.Time, _now, advice)
        : Verdict.Proved(1, test.Databases.Count > 0 ? $"was restored and {Words.List(test.Databases)} loaded in {Words.Of(test.Duration)}" : $"was restored in {Words.Of(test.Duration)}", test, test.Time, _now, advice);

    private Verdict Restored(BackupSet set, RestoreEvidence restore, string advice) => HasDatabases(set) && restore.Database is null
        ? Verdict.Proved(0.5, $"was restored to {restore.Server}, but its databases were not loaded", restore, restore.Time, _now, advice)
        : Verdict.Proved(1, $"was restored to {restore.Server} in {Words.Of(restore.Duration)}", restore, restore.Time, _now, advice);

    private Verdict? Offsite() => EachSet(set =>
    {
        string[] elsewhere = [.. set.CopyTo.Prepend(set.Repository).Where(IsElsewhere)];
        if (elsewhere.Length == 0)
            return Verdict.Missing("is nowhere but on this machine's disks", $"In environment.psd1: Repositories = @{{ offsite = @{{ Url = 'sftp:backup@host:/srv/backup'; Password = @{{ Secret = 'offsite' }} }} }}, and in the set {Words.Argument(set.Name)}: CopyTo = 'offsite'");
        return InPlaces(set, elsewhere, "was copied to");
    }, "all are in another place");

    private Verdict? TwoRepositories() => EachSet(set =>
    {
        if (set.CopyTo.Count == 0)
            return Verdict.Missing($"is in {set.Repository} alone", $"In environment.psd1, in the set {Words.Argument(set.Name)}: CopyTo = {Quoted(_facts.Environment.Repositories.FirstOrDefault(repository => !Is(repository.Name, set.Repository))?.Name ?? "offsite")}");
        return InPlaces(set, [.. set.CopyTo], $"is in {set.Repository}, and was copied to");
    }, "all are in two repositories");

    /// <summary>Whether the newest backup of a set is where it belongs, by the run that made it or by the repositories.</summary>
    private Verdict InPlaces(BackupSet set, IReadOnlyList<string> wanted, string proved)
    {
        foreach (string place in wanted)
        {
            var copied = _sets.Where(one => one.Set == set).SelectMany(Runs).Where(run => Is(run.Repository, place) || run.CopiedTo.Contains(place, StringComparer.OrdinalIgnoreCase)).MaxBy(static run => run.Time);
            if (copied is not null) return Verdict.Proved(1, $"{proved} {place}", copied, copied.Time, _now, RunNow(set));
            var state = (_facts.Backups?.Value ?? []).FirstOrDefault(state => Is(state.Name, set.Name) && Is(state.Repository, place) && state.Snapshot is not null);
            if (state is not null && !IsFromFuture(state.Time!.Value)) return Verdict.Proved(1, $"{proved} {place}", state, state.Time!.Value, _now, RunNow(set));
        }

        return RunsUnknown ?? new Verdict { Score = 0.5, Message = $"is to be copied to {Words.List(wanted)}, and no copy is known here", Evidence = set, Advice = RunNow(set) };
    }

    private Verdict? EachRepository(Func<string, Verdict> judge, string good)
    {
        string[] used = [.. _facts.Environment.Backups.SelectMany(static set => set.CopyTo.Prepend(set.Repository)).Where(static name => name.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)];
        if (used.Length == 0) return NoSets;
        return _facts.BackupTests.Value is null ? Verdict.Unknown(_facts.BackupTests.Problem) : Verdict.Of([.. used.Select(name => judge(name) with { Subject = name })], good);
    }

    private BackupTestEvidence? NewestTest(string repository) =>
        (_facts.BackupTests.Value ?? []).Where(test => test.IsWhole && test.Kind != BackupTestKind.Restore && Is(test.Repository, repository)).MaxBy(static test => test.Time);

    private bool IsElsewhere(string repository) => _facts.Environment.Repositories.Any(known => Is(known.Name, repository) && known.Url is not null);

    private static Verdict NoTest(string repository) => Verdict.Missing("was never tested", TestNow(repository));

    private static string TestNow(string repository) => $"Test-Backup -Repository {Words.Argument(repository)}";
}

using System.Collections;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Retention;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.Retention;

public sealed class RetentionPlannerTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    private int _number;

    [Fact]
    public void The_newest_of_a_group_stays_though_no_rule_keeps_it()
    {
        var (old, newest) = (At(-5), At(-1));
        var plan = Plan(new() { ["Tags"] = "keep" }, [old with { Snapshot = old.Snapshot with { Tags = ["keep"] } }, newest]);
        Assert.Equal(["newest of its group"], Of(plan, newest).Remarks);
        Assert.Equal(["has tags [keep]"], Of(plan, old).Reasons);
    }

    [Fact]
    public void Without_that_guard_a_policy_that_keeps_nothing_of_a_group_is_refused()
    {
        var error = Assert.Throws<ProdOpsException>(() => Plan(new() { ["Tags"] = "keep" }, [At(-5), At(-1)], RetentionGuard.None));
        Assert.Equal(("RetentionRemovesAll", ErrorKind.InvalidOperation), (error.ErrorId, error.Kind));
        Assert.Contains("web1", error.Message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Last")]
    public void Without_a_rule_nothing_is_removed(string? rule)
    {
        var rules = new Hashtable();
        if (rule is not null) rules[rule] = 0;
        Assert.Equal("RetentionPolicyEmpty", Assert.Throws<ProdOpsException>(() => Plan(rules, [At(-1)])).ErrorId);
    }

    [Fact]
    public void A_backup_from_the_future_pushes_no_good_one_out()
    {
        var (older, good, future) = (At(-2), At(-1), At(30));
        var guarded = Plan(new() { ["Last"] = 1 }, [older, good, future]);
        Assert.Equal([future.Snapshot.Id, good.Snapshot.Id], guarded.Where(decision => decision.Keep).Select(decision => decision.Candidate.Snapshot.Id));
        Assert.Equal(["counts for no rule: its time lies in the future"], Of(guarded, future).Remarks);
        Assert.Equal(["last snapshot: suspicious ones do not count"], Of(guarded, good).Remarks);

        var bare = Plan(new() { ["Last"] = 1 }, [older, good, future], RetentionGuard.None);
        Assert.Equal([future.Snapshot.Id], bare.Where(decision => decision.Keep).Select(decision => decision.Candidate.Snapshot.Id));
    }

    [Fact]
    public void Forged_times_push_no_good_backup_out_however_many_there_are()
    {
        var good = Enumerable.Range(1, 7).Select(day => At(-day)).ToList();
        // Later on the same days, and so the ones that stand for them; all written today.
        var forged = Enumerable.Range(1, 7).Select(day => At(-day + 0.4) with { Written = Now.AddMinutes(-5) }).ToList();
        var plan = Plan(new() { ["Daily"] = 7 }, [.. good, .. forged]);
        // A file that is written within a day of the time it claims is a long run.
        Assert.All(good.Skip(1), candidate => Assert.True(Of(plan, candidate).Keep));
        Assert.All(forged.Skip(1), candidate => Assert.Contains("its file was written only on 2026-11-26", Assert.Single(Of(plan, candidate).Remarks)));
        var bare = Plan(new() { ["Daily"] = 7 }, [.. good, .. forged], RetentionGuard.None);
        Assert.All(good.Skip(1), candidate => Assert.False(Of(bare, candidate).Keep));
    }

    [Theory]
    [InlineData(0, 0, "it holds no file")]
    [InlineData(3, 90_000_000, "it holds 3 files where those before it hold 1000")]
    [InlineData(1000, 5_000_000, "it holds 4.77 MiB where those before it hold 95.4 MiB")]
    public void Empty_and_shrunken_backups_push_no_good_one_out(int files, long bytes, string why)
    {
        var good = Enumerable.Range(4, 5).Select(day => Sized(At(-day), 1000, 100_000_000)).ToList();
        var broken = Enumerable.Range(1, 3).Select(day => Sized(At(-day), files, bytes)).ToList();
        var plan = Plan(new() { ["Last"] = 3 }, [.. good, .. broken]);
        Assert.All(broken, candidate => Assert.Equal($"counts for no rule: {why}", Assert.Single(Of(plan, candidate).Remarks)));
        Assert.All(good.Take(3), candidate => Assert.True(Of(plan, candidate).Keep));
        Assert.All(good.Skip(3), candidate => Assert.False(Of(plan, candidate).Keep));
    }

    [Fact]
    public void Incomplete_backups_push_no_complete_one_out()
    {
        var complete = Enumerable.Range(20, 5).Select(day => At(-day)).ToList();
        var incomplete = Enumerable.Range(1, 19).Select(day => Incomplete(At(-day))).ToList();
        var plan = Plan(new() { ["Last"] = 3, ["Within"] = "2d" }, [.. complete, .. incomplete]);
        Assert.All(incomplete, candidate => Assert.Equal(["counts for no rule: it is incomplete"], Of(plan, candidate).Remarks));
        Assert.Equal([.. incomplete.Take(3), .. complete.Take(3)], plan.Where(decision => decision.Keep).Select(decision => decision.Candidate));
        Assert.Equal(["within 2d, last snapshot: suspicious ones do not count"], Of(plan, complete[0]).Remarks);

        var bare = Plan(new() { ["Last"] = 3, ["Within"] = "2d" }, [.. complete, .. incomplete], RetentionGuard.All & ~RetentionGuard.Incomplete);
        Assert.Equal(incomplete.Take(3), bare.Where(decision => decision.Keep).Select(decision => decision.Candidate));

        // Where all are, as of a file that nobody may ever read, there is nothing to be protected.
        Assert.Equal(3, Plan(new() { ["Last"] = 3 }, incomplete).Count(decision => decision.Keep));

        static RetentionCandidate Incomplete(RetentionCandidate candidate) => candidate with { Snapshot = candidate.Snapshot with { Tags = [SnapshotFile.IncompleteTag] } };
    }

    [Fact]
    public void A_backup_older_than_its_parent_or_than_its_run_counts_for_no_rule()
    {
        var parent = At(-1);
        var back = At(-3);
        back = back with { Snapshot = back.Snapshot with { Parent = parent.Snapshot.Id } };
        var claimed = Sized(At(-4), 10, 10);
        claimed = claimed with { Snapshot = claimed.Snapshot with { Summary = claimed.Snapshot.Summary! with { Start = Rfc3339Time.From(Now.AddDays(-1)) } } };
        var plan = Plan(new() { ["Last"] = 1 }, [parent, back, claimed, At(-5)]);
        Assert.Contains("older than its parent", Assert.Single(Of(plan, back).Remarks));
        Assert.Contains("not that of the run that made it", Assert.Single(Of(plan, claimed).Remarks));
    }

    [Fact]
    public void Whatever_is_suspicious_the_guards_only_add_to_what_the_rules_keep()
    {
        var random = new Random(5);
        for (int round = 0; round < 200; round++)
        {
            var candidates = new RetentionHistories(round, Now).Make(3).Select((snapshot, i) => new RetentionCandidate(
                snapshot with
                {
                    Id = ObjectId.Of(BitConverter.GetBytes(round * 1000 + i)),
                    Summary = random.Next(3) == 0 ? null : new SnapshotSummary { TotalFilesProcessed = random.Next(3) == 0 ? 0 : random.Next(2000) },
                },
                random.Next(2) == 0 ? null : snapshot.Time.ToDateTimeOffset().AddHours(random.Next(-3, 80)))).ToList();
            var rules = new Hashtable { ["Last"] = random.Next(1, 4), ["Daily"] = random.Next(5), ["Within"] = "20d" };
            var bare = Plan(rules, candidates, RetentionGuard.None).Where(decision => decision.Keep).Select(decision => decision.Candidate).ToHashSet();
            foreach (var guards in (RetentionGuard[])[RetentionGuard.All, RetentionGuard.Empty, RetentionGuard.Time | RetentionGuard.Future])
                Assert.Subset(Plan(rules, candidates, guards).Where(decision => decision.Keep).Select(decision => decision.Candidate).ToHashSet(), bare);
        }
    }

    [Theory]
    [InlineData("Nightly", 3, "RetentionRuleUnknown")]
    [InlineData("Daily", "many", "RetentionRuleInvalid")]
    [InlineData("Daily", -2, "RetentionRuleInvalid")]
    [InlineData("Within", "3 days", "RetentionRuleInvalid")]
    [InlineData("Within", "d", "RetentionRuleInvalid")]
    [InlineData("Within", "99999999999d", "RetentionRuleInvalid")]
    [InlineData("WithinDaily", "-3d", "RetentionRuleInvalid")]
    public void A_rule_that_is_none_is_refused_by_name(string name, object value, string errorId)
    {
        var error = Assert.Throws<ProdOpsException>(() => RetentionPolicy.Parse(new Hashtable { [name] = value }));
        Assert.Equal((errorId, ErrorKind.InvalidArgument), (error.ErrorId, error.Kind));
        Assert.Contains(name, error.Message);
    }

    [Fact]
    public void Rules_are_read_in_any_case_and_spans_of_time_are_taken_as_well()
    {
        var policy = RetentionPolicy.Parse(new Hashtable { ["daily"] = "unlimited", ["WITHIN"] = TimeSpan.FromHours(30), ["Tags"] = new object[] { "a, b", "c" } });
        Assert.Equal((-1, new RetentionPeriod(0, 0, 1, 6)), (policy.Daily, policy.Within));
        Assert.Equal([["a", "b"], ["c"]], policy.Tags);
    }

    [Fact]
    public void Days_are_counted_through_the_calendar_as_the_framework_counts_them()
    {
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++)
        {
            var date = new DateTime(1, 1, 1).AddDays(random.Next(3_652_059));
            long day = (date - DateTime.UnixEpoch).Days;
            Assert.Equal(day, CalendarDate.ToDay(date.Year, date.Month, date.Day));
            CalendarDate.FromDay(day, out long year, out int month, out int dayOfMonth);
            Assert.Equal((date.Year, date.Month, date.Day), ((int)year, month, dayOfMonth));
        }
    }

    [Theory]
    [InlineData("2026-03-31T10:00:00", "1m", "2026-03-03T10:00:00")]
    [InlineData("2024-02-29T10:00:00", "1y", "2023-03-01T10:00:00")]
    [InlineData("2026-01-15T00:30:00", "1y1m1d1h", "2024-12-13T23:30:00")]
    public void Days_that_a_month_lacks_run_over_into_the_next_as_in_Go(string from, string period, string expected)
    {
        Assert.True(RetentionPeriod.TryParse(period, out var back));
        var moment = new DateTimeOffset(DateTime.Parse(from, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.FromHours(3));
        var before = new DateTimeOffset(DateTime.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.FromHours(3));
        Assert.Equal(UnixTime.From(before), back.Before(Rfc3339Time.From(moment), TimeZoneInfo.Utc));
    }

    private static IReadOnlyList<PlannedRetention> Plan(Hashtable rules, IEnumerable<RetentionCandidate> candidates, RetentionGuard guards = RetentionGuard.All) =>
        new RetentionPlanner(RetentionPolicy.Parse(rules), SnapshotGrouping.Default, guards, Now, TimeZoneInfo.Utc).Plan(candidates);

    private static PlannedRetention Of(IEnumerable<PlannedRetention> plan, RetentionCandidate candidate) =>
        plan.Single(decision => decision.Candidate.Snapshot.Id == candidate.Snapshot.Id);

    private static RetentionCandidate Sized(RetentionCandidate candidate, long files, long bytes) => candidate with
    {
        Snapshot = candidate.Snapshot with { Summary = new SnapshotSummary { TotalFilesProcessed = files, TotalBytesProcessed = bytes } },
    };

    private RetentionCandidate At(double days) => new(new SnapshotFile
    {
        Id = ObjectId.Of(BitConverter.GetBytes(++_number)), Time = Rfc3339Time.From(Now.AddDays(days)), Tree = ObjectId.Of("tree"u8), HostName = "web1", Paths = ["/etc"],
    });
}
